/** Aggregators and packets for tests. */
import type { AggregationConfig } from '../../../src/config/config.ts';
import { DEFAULT_CONFIG } from '../../../src/config/load.ts';
import { Aggregator } from '../../../src/ingest/aggregate/aggregator.ts';
import { dialectCode } from '../../../src/config/dialects.ts';

export function makeAggregator(
  config: Partial<AggregationConfig> = {},
  wantSketches = false,
): Aggregator {
  return new Aggregator(
    { ...DEFAULT_CONFIG.aggregation, ...config },
    { wantSketches, hashSeed: 0x5eed },
  );
}

export function send(
  aggregator: Aggregator,
  packet: string | Uint8Array,
  dialect = dialectCode('extended'),
  stream = false,
): void {
  const bytes = Buffer.from(packet as string);
  aggregator.packet(bytes, 0, bytes.length, dialect, stream);
}

/** What StatsD's console would show, as an object. */
export function contents(
  aggregator: Aggregator,
  kind: 'counters' | 'timers' | 'gauges' | 'sets',
): Record<string, unknown> {
  const entries = aggregator.inspect(kind).filter(([name]) => !name.startsWith('statsd.'));
  return Object.fromEntries(entries);
}
