/**
 * Opens data folders one after the other and prints a line each: the digest of all answers, or the
 * sentence with which the store refused. What kills the process is told by the line that is missing.
 *
 *     node bits-child.js folder …
 */
import { answersOf } from './bits-store.ts';

for (const folder of process.argv.slice(2)) {
  try {
    console.log(`answers ${await answersOf(folder)}`);
  } catch (error) {
    console.log(`refused ${String(error).replaceAll('\n', ' ')}`);
  }
}
