/**
 * Arguments that several verbs read the same way: numbers with limits, and lines from the command
 * line or standard input.
 */
import { InvalidArgumentError } from 'commander';

/** A parser for commander: a number within limits, else one sentence and exit code 2. */
export function numberArgument(limits: {
  min: number;
  max?: number;
  whole?: boolean;
}): (text: string) => number {
  const { min, max = Number.MAX_SAFE_INTEGER, whole = false } = limits;
  return (text) => {
    const number = text.trim() === '' ? NaN : Number(text);
    if (number >= min && number <= max && (!whole || Number.isInteger(number))) return number;
    const kind = whole ? 'a whole number' : 'a number';
    const top = limits.max === undefined ? '' : ` to ${max}`;
    throw new InvalidArgumentError(`read "${text}", expected ${kind} from ${min}${top}.`);
  };
}

/**
 * The lines of the command line, or those of standard input when there are none (or just `-`).
 * As bytes and split at line feeds only: what is no UTF-8, and carriage returns, stay as they are.
 */
export async function* linesOf(args: readonly string[]): AsyncGenerator<Uint8Array> {
  if (args.length > 0 && !(args.length === 1 && args[0] === '-')) {
    for (const line of args) yield Buffer.from(line);
    return;
  }
  let rest = Buffer.alloc(0);
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    let text = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    for (let end = text.indexOf(0x0a); end >= 0; end = text.indexOf(0x0a)) {
      yield text.subarray(0, end);
      text = text.subarray(end + 1);
    }
    rest = Buffer.from(text);
  }
  if (rest.length > 0) yield rest;
}
