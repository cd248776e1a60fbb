/** A file that somebody named, whole; one that cannot be read is a sentence. */
import fs from 'node:fs';
import { UserError } from './errors.ts';

/** Throws `notFound`; `expected` says what it should be: `a whisper file`. */
export function readGivenFile(file: string, expected: string): Buffer {
  try {
    return fs.readFileSync(file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new UserError('notFound', `${file}: cannot be read (${code}), expected ${expected}`);
  }
}
