/**
 * Patterns on the names of series, with their work charged to the request: a long name, a large
 * pattern and many occurrences multiply.
 */
import { overLimit } from '../../lib/errors.ts';
import type { Pattern } from '../../lib/pattern.ts';
import type { CallContext } from './spec.ts';

/** Instructions that one match may take, some 20 ns each: it cannot be interrupted. */
const MATCH_STEPS_MAX = 2_000_000;
/** Occurrences between two looks at the clock. */
const OCCURRENCES = 16;

/** Whether the pattern occurs in a name. */
export function occursIn(context: CallContext, pattern: Pattern, name: string): boolean {
  context.spend(matchSteps(pattern, name));
  return pattern.search(name);
}

/** A name with every occurrence of the pattern replaced. */
export async function replacedIn(
  context: CallContext,
  pattern: Pattern,
  name: string,
  replacement: string,
): Promise<string> {
  context.spend(matchSteps(pattern, name));
  const replacing = pattern.replacing(name, replacement);
  let admitted = 0;
  for (let count = 1; ; count++) {
    const { done, value } = replacing.next();
    if (done === true) return value;
    context.admitNames(value - admitted);
    admitted = value;
    if (count % OCCURRENCES === 0) await context.pause();
  }
}

function matchSteps({ size }: Pattern, { length }: string): number {
  const steps = size * length;
  if (steps <= MATCH_STEPS_MAX) return steps;
  throw overLimit(
    `a pattern of ${size} instructions on a name of ${length} characters: at most ` +
      `${MATCH_STEPS_MAX} steps are taken for one match, ${steps} would be needed`,
  );
}
