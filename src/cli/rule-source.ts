/** Where a rule stands, as the retention verbs print it. */
import type { RuleSource } from '../storage/retention/rules.ts';

export function sourceText({ file, line, section }: RuleSource): string {
  return file === undefined ? `[${section}] built in` : `[${section}] ${file}:${line}`;
}
