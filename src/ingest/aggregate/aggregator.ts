/**
 * First slice: exact signatures, bodies follow.
 */
import type { AggregationConfig } from '../../config/config.ts';
import type { FlushFrame, MetricKind } from '../../wire.ts';

export interface AggregateHealth {
  packets: number;
  lines: number;
  metrics: number;
  badLines: Record<string, number>;
  lastBad: { reason: string; text: string }[];
  series: number;
  metricsLive: number;
  refused: Record<string, number>;
  nameBytes: number;
  timerBytes: number;
  events: number;
  checks: number;
  lastMessageTime: number;
}

export class Aggregator {
  constructor(_config: AggregationConfig, _options: { wantSketches: boolean; hashSeed: number }) {}
  /** Set before each batch of packets: epoch seconds, for `messages.last_msg_seen`. */
  nowSeconds = 0;
  packet(_bytes: Uint8Array, _from: number, _to: number, _dialect: number, _stream: boolean): void {}
  beginFlush(_time: number): void {}
  continueFlush(_budgetMs: number, _nowMs: () => number): FlushFrame | undefined {
    return undefined;
  }
  restoreGauges(_names: string[], _values: Float64Array): number {
    return 0;
  }
  reconfigure(_config: AggregationConfig): void {}
  inspect(_kind: MetricKind): [string, number | number[] | string[]][] {
    return [];
  }
  deleteMetrics(_kind: 'counters' | 'timers' | 'gauges', _pattern: string): string[] {
    return [];
  }
  health(): AggregateHealth {
    throw new Error('not yet');
  }
}
