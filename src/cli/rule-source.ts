import type { RuleSource } from '../storage/retention/rules.ts';

/** Where a rule stands, for people: `[section] file:line`. */
export function sourceText({ file, line, section }: RuleSource): string {
  return file === undefined ? `[${section}] built in` : `[${section}] ${file}:${line}`;
}
