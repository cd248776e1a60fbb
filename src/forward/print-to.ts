/**
 * Standard output for backends: when whoever reads it goes away (`tallyd start | head`), that is told
 * once and printing ends, instead of the process.
 */
import type { Writable } from 'node:stream';

export function printTo(
  stream: Writable,
  onError: (message: string) => void,
): (text: string) => void {
  let state: 'unused' | 'open' | 'broken' = 'unused';
  return (text) => {
    if (state === 'broken') return;
    if (state === 'unused') {
      state = 'open';
      stream.on('error', (error) => {
        if (state === 'open') onError(error.message);
        state = 'broken';
      });
    }
    stream.write(text);
  };
}
