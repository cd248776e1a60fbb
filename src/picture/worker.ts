/** A thread that draws pictures, one after the other. Started by `PicturePool`. */
import fs from 'node:fs';
import os from 'node:os';
import { parentPort } from 'node:worker_threads';
import { UserError } from '../lib/errors.ts';
import { drawPicture } from './draw-picture.ts';
import type { DrawMessage, DrawnMessage } from './messages.ts';

/** Receiving and HTTP go first: a picture is what can wait. */
const NICE = 5;

const port = parentPort!; // a worker has one
yieldToOthers();
port.on('message', (message: DrawMessage) => {
  void answer(message).then((drawn) => {
    port.postMessage(drawn, drawn.kind === 'drawn' ? [drawn.bytes.buffer as ArrayBuffer] : []);
  });
});

async function answer(message: DrawMessage): Promise<DrawnMessage> {
  try {
    // A copy of its own: buffers of Node share their memory.
    return { kind: 'drawn', bytes: Uint8Array.from(await drawPicture(message)) };
  } catch (error) {
    if (error instanceof UserError) {
      return { kind: 'rejected', code: error.code, sentence: error.message };
    }
    return { kind: 'failed', stack: error instanceof Error ? String(error.stack) : String(error) };
  }
}

/** Linux has a priority for each thread, by the number that /proc tells it; elsewhere it stays. */
function yieldToOthers(): void {
  try {
    const thread = Number(fs.readlinkSync('/proc/thread-self').split('/').at(-1));
    os.setPriority(thread, NICE);
  } catch {
    // Drawn at the priority of all.
  }
}
