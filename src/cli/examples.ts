/**
 * Real command lines below the help of a verb, the same way for all of them.
 */
import type { Command } from 'commander';

export function addExamples(command: Command, examples: [line: string, does: string][]): void {
  const lines = examples.map(([line, does]) => `  $ ${line}\n      ${does}`);
  command.addHelpText('after', `\nExamples:\n${lines.join('\n')}`);
}
