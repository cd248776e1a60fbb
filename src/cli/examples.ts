/**
 * Real command lines below the help of a verb, the same way for all of them, and in the manual.
 */
import type { Command } from 'commander';

type Example = [line: string, does: string];

const BY_COMMAND = new WeakMap<Command, Example[]>();

export function addExamples(command: Command, examples: Example[]): void {
  BY_COMMAND.set(command, examples);
  const lines = examples.map(([line, does]) => `  $ ${line}\n      ${does}`);
  command.addHelpText('after', `\nExamples:\n${lines.join('\n')}`);
}

export function examplesOf(command: Command): readonly Example[] {
  return BY_COMMAND.get(command) ?? [];
}
