/**
 * The ingest thread: joins the engine to the real aggregator, the real clock and the main thread.
 * Started by `ingest/ingest.ts`.
 */
import { parentPort } from 'node:worker_threads';
import assert from 'node:assert/strict';
import { threadData } from '../../lib/thread.ts';
import { BatchMemory } from '../../wire/batch-memory.ts';
import type { IngestCommand, IngestStart } from '../../wire/ingest-messages.ts';
import { Aggregator } from '../aggregate/aggregator.ts';
import { Engine, sentenceOf } from './engine.ts';
import type { FlushClock } from './flusher.ts';

assert(parentPort !== null, 'the ingest worker runs as a thread');
const port = parentPort;

const clock: FlushClock = {
  nowMs: Date.now,
  after(ms, callback) {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
  nextTurn: (callback) => void setImmediate(callback),
};

const start = threadData<IngestStart>();
const { wantSketches, hashSeed } = start;
const memory = new BatchMemory();
const aggregator = new Aggregator(start.config.aggregation, { wantSketches, hashSeed, memory });
const engine = new Engine(
  start,
  aggregator,
  (message, transfer) => port.postMessage(message, transfer),
  clock,
);
try {
  await engine.open();
  port.on('message', (command: IngestCommand) => {
    if (command.kind === 'giveMemory') memory.give(command.slot);
    else engine.handle(command);
  });
} catch (error) {
  port.postMessage({ kind: 'failed', ...sentenceOf(error) });
}
