/**
 * The verbs as plain data, read from the declarations that `--help` shows: what completions and the
 * manual are made of.
 */
import type { Command } from 'commander';
import { examplesOf } from './examples.ts';

interface Flag {
  /** As the help has it: `-c, --config <file>`. */
  term: string;
  /** `--config`, `-c`. */
  names: string[];
  describe: string;
  choices: readonly string[];
  takesValue: boolean;
  group: string;
}

export interface Verb {
  /** `tallyd series find`. */
  path: string;
  name: string;
  describe: string;
  /** `[options] <query...>`. */
  usage: string;
  arguments: { term: string; describe: string }[];
  flags: Flag[];
  verbs: Verb[];
  examples: readonly [line: string, does: string][];
}

export function treeOf(command: Command, above = ''): Verb {
  const path = `${above}${command.name()}`;
  const help = command.createHelp();
  return {
    path,
    name: command.name(),
    describe: command.description(),
    usage: command.usage(),
    arguments: help.visibleArguments(command).map((argument) => ({
      term: help.argumentTerm(argument),
      describe: help.argumentDescription(argument),
    })),
    flags: help.visibleOptions(command).map((option) => ({
      term: option.flags,
      names: [option.long, option.short].filter((name) => name !== undefined && name !== null),
      describe: help.optionDescription(option),
      choices: option.argChoices ?? choicesOf(option.flags),
      takesValue: option.required,
      group: option.helpGroupHeading ?? 'Options:',
    })),
    verbs: help
      .visibleCommands(command)
      .filter((verb) => verb.name() !== 'help')
      .map((verb) => treeOf(verb, `${path} `)),
    examples: examplesOf(command),
  };
}

/** A verb and all below it. */
export function verbsOf(verb: Verb): Verb[] {
  return [verb, ...verb.verbs.flatMap(verbsOf)];
}

/** The words of `--dialect <statsd|extended>`. */
function choicesOf(flags: string): string[] {
  const words = /[<[]([\w.-]+(?:\|[\w.-]+)+)[>\]]/.exec(flags)?.[1];
  return words?.split('|') ?? [];
}
