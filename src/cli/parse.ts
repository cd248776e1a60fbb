/**
 * `tallyd parse`: how tallyd reads a line, one JSON object each, for those who wonder why a metric
 * does not show up. The answers come from the parser that the server runs.
 */
import { type Command, Option } from 'commander';
import { type Dialect, dialectCode, DIALECT_NAMES } from '../config/dialects.ts';
import { type Explained, explainLine } from '../ingest/protocol/statsd/explain.ts';
import { HINT_CODES, hintOf, hintSentence, isMisread } from '../rejections/mistakes.ts';
import { linesOf } from './arguments.ts';
import { addExamples } from './examples.ts';

export function addParse(program: Command): void {
  const command = program
    .command('parse')
    .description('Say how each line is read, as JSON; from standard input without any.')
    .argument('[line...]', 'such as page.views:1|c')
    .addOption(
      new Option('--dialect <name>', 'How lines are read.')
        .choices(DIALECT_NAMES)
        .default('extended'),
    )
    .action(parse);
  addExamples(command, [
    ["tallyd parse 'page.time:12.5|ms|@0.1|#page:home'", 'name, type, values, rate and tags'],
    ['tallyd parse --dialect statsd < lines.txt', 'a file, one object for each of its lines'],
  ]);
}

const LITERAL_NEWLINE = 'literalNewline';

async function parse(args: string[], flags: { dialect: Dialect }): Promise<void> {
  const code = dialectCode(flags.dialect);
  for await (const line of linesOf(args)) {
    process.stdout.write(`${JSON.stringify(withHint(line, explainLine(line, code)))}\n`);
  }
}

/** Adds what the sender of a rejected or unusual line probably meant. */
function withHint(line: Uint8Array, explained: Explained): Explained & { hint?: string } {
  const isRead = !('error' in explained);
  // In events and checks a backslash and an n are how a line feed is written.
  if ('kind' in explained && (explained.kind === 'event' || explained.kind === 'check')) {
    return explained;
  }
  if (isRead && !isMisread(line, 0, line.length)) return explained;
  const hint = isRead ? LITERAL_NEWLINE : HINT_CODES[hintOf(line, 0, line.length, 'statsd')];
  return hint === undefined ? explained : { ...explained, hint: hintSentence(hint, 'statsd') };
}
