/** The `$variables` of template(): names to values, put into the paths of its body. */
import { overLimit } from '../../lib/errors.ts';
import { pathText } from './scan.ts';

/** Longest path that variables may make, in characters: as long as a target. */
const FILLED_LENGTH_MAX = 1_000_000;

export type Variables = Readonly<Record<string, string | number>>;

/**
 * A path with its variables filled in. A path that is nothing but one variable is that value, a
 * number when it looks like one: `template(scale(a,$f),f=2)`. Longer names go first, so that `$h`
 * does not eat the start of `$host`.
 */
export function substitute(path: string, variables: Variables | undefined): string | number {
  if (variables === undefined || !path.includes('$')) return path;
  const whole = Object.hasOwn(variables, path.slice(1)) ? variables[path.slice(1)] : undefined;
  if (path.startsWith('$') && whole !== undefined) {
    return typeof whole === 'string' && /^-?\d+(\.\d+)?$/.test(whole) ? Number(whole) : whole;
  }
  let filled = path;
  for (const name of namesOf(variables)) {
    const value = pathText(String(variables[name]));
    const pieces = filled.split(`$${name}`);
    const length = filled.length + (pieces.length - 1) * (value.length - name.length - 1);
    if (length > FILLED_LENGTH_MAX) {
      throw overLimit(
        `variables make a path of ${length} characters, at most ${FILLED_LENGTH_MAX} are read`,
      );
    }
    filled = pieces.join(value);
  }
  return filled;
}

const sortedNames = new WeakMap<Variables, readonly string[]>();

/** Longer ones first. */
function namesOf(variables: Variables): readonly string[] {
  let names = sortedNames.get(variables);
  if (names === undefined) {
    names = Object.keys(variables).sort((a, b) => b.length - a.length);
    sortedNames.set(variables, names);
  }
  return names;
}
