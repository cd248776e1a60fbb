/**
 * What the console backend needs beside the batch: the raw values that a flush is computed from,
 * taken in the moment the flush begins. Wraps the flush's source only when that backend is on, since
 * it makes objects per metric. Used by the ingest engine.
 */
import type { FlushSnapshot, MetricKind } from '../../wire/ingest-messages.ts';
import type { FlushSource } from './flusher.ts';

/** What is needed of an aggregator (`aggregate/aggregator.ts`). */
interface SnapshotSource extends FlushSource {
  inspect(metrics: MetricKind): unknown;
}

/** `onSnapshot` is called before the batch of the same flush is there. */
export function withSnapshots(
  source: SnapshotSource,
  onSnapshot: (snapshot: FlushSnapshot) => void,
): FlushSource {
  return {
    beginFlush(timeSeconds) {
      onSnapshot({
        kind: 'snapshot',
        counters: source.inspect('counters') as FlushSnapshot['counters'],
        timers: source.inspect('timers') as FlushSnapshot['timers'],
        gauges: source.inspect('gauges') as FlushSnapshot['gauges'],
        sets: source.inspect('sets') as FlushSnapshot['sets'],
      });
      source.beginFlush(timeSeconds);
    },
    continueFlush: (budgetMs, nowMs) => source.continueFlush(budgetMs, nowMs),
  };
}
