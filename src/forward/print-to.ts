/**
 * Standard output for backends: when whoever reads it goes away (`tallyd start | head`), that is told
 * once and printing ends, instead of the process. What is not printed is counted.
 */
import type { Writable } from 'node:stream';
import { Rejections } from '../rejections/rejections.ts';

const NOT_WRITTEN = 0;

/** For `printTo`. */
export function notPrinted(): Rejections {
  return new Rejections('stdout.dropped', ['notWritten']);
}

interface PrintOptions {
  /** Counts what is not printed. */
  rejected: Rejections;
  /** Epoch seconds. */
  nowSeconds(): number;
  onError(message: string): void;
}

export function printTo(stream: Writable, options: PrintOptions): (text: string) => void {
  const { rejected, nowSeconds, onError } = options;
  let state: 'unused' | 'open' | 'broken' = 'unused';
  const lost = (text: string): void => rejected.noteText(NOT_WRITTEN, text, nowSeconds());
  return (text) => {
    if (state === 'broken') return lost(text);
    if (state === 'unused') {
      state = 'open';
      stream.on('error', (error) => {
        if (state === 'open') onError(error.message);
        state = 'broken';
      });
    }
    stream.write(text, (error) => {
      if (error) lost(text);
    });
  };
}
