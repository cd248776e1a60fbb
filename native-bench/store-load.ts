/**
 * What the store benchmark writes: names of hosts with 50 metrics each, and a mix of values that is
 * 25 % counters, 15 % rates, 20 % gauges, 15 % full doubles, 10 % timers of three decimals, 10 %
 * sparse and 5 % constant series. The same at each run.
 */
import { DEFAULT_AGGREGATIONS } from '../src/storage/retention/default-rules.ts';
import { parseRetentions } from '../src/storage/retention/retentions.ts';
import { RetentionRules } from '../src/storage/retention/rules.ts';
import type { FlushBatch } from '../src/wire/sample-batch.ts';
import { flushFrame } from '../test/support/frame.ts';

export const STEP = 10;
export const RETENTIONS = '10s:6h,1m:7d';
export const FINE_POINTS = 2160;
export const COARSE_POINTS = 10_080;
/** A multiple of an hour, so that each run closes the same slots. */
export const START = 1_700_002_800;

/** Retentions for all names, aggregation methods as StatsD recommends them. */
export const RULES = new RetentionRules(
  [
    {
      source: { file: undefined, line: 0, section: 'all', pattern: '.*' },
      archives: parseRetentions(RETENTIONS),
    },
  ],
  DEFAULT_AGGREGATIONS,
);

type Kind = 'counter' | 'rate' | 'whole' | 'gauge' | 'double' | 'timer' | 'sparse' | 'constant';

interface Metric {
  path: string;
  kind: Kind;
}

/** 8 of the 50 metrics of a host are `cpu.*`: 20,000 hosts have 160,000 of them. */
const METRICS: Metric[] = [
  ...metrics('cpu', 8, 'rate', ''),
  ...metrics('app.requests', 12, 'counter', '.count'),
  ...metrics('memory', 5, 'whole', ''),
  ...metrics('disk', 5, 'gauge', ''),
  ...metrics('app.ratio', 8, 'double', '.mean'),
  ...metrics('app.latency', 5, 'timer', '.upper_90'),
  ...metrics('app.errors', 5, 'sparse', '.count'),
  ...metrics('limits', 2, 'constant', ''),
];

function metrics(group: string, count: number, kind: Kind, suffix: string): Metric[] {
  return Array.from({ length: count }, (_, i) => ({ path: `${group}.m${i}${suffix}`, kind }));
}

export function nameOf(series: number): string {
  const host = Math.floor(series / METRICS.length);
  const role = host % 3 === 0 ? 'db' : 'web';
  const { path } = METRICS[series % METRICS.length]!;
  return `servers.dc${host % 4}-${role}-${host}.${path}`;
}

/** Values of all series, flush by flush. */
export class Load {
  private readonly count: number;
  private readonly values: Float64Array;
  private readonly ids: Uint32Array;
  private readonly frameValues: Float64Array;
  private readonly kinds: Kind[];
  private state = 2463534242;
  private sequence = 0;

  constructor(count: number) {
    this.count = count;
    this.kinds = METRICS.map(({ kind }) => kind);
    this.values = Float64Array.from({ length: count }, () => 1000 + this.below(100_000));
    this.ids = new Uint32Array(count);
    this.frameValues = new Float64Array(count + 1);
  }

  /** The next flush; the first one brings the names. */
  next(time: number): FlushBatch {
    const births = this.sequence === 0 ? this.count : 0;
    let used = 0;
    for (let i = 0; i < this.count; i++) {
      this.putValue(i, used);
      if (Number.isNaN(this.frameValues[used])) continue;
      this.ids[used++] = i;
    }
    this.sequence += 1;
    return flushFrame(
      { time, step: STEP, sequence: this.sequence },
      this.ids.slice(0, used),
      this.frameValues.slice(0, used),
      Array.from({ length: births }, (_, i) => nameOf(i)),
    );
  }

  /** Into the frame: a double that is returned may be an object, which the store's time would pay. */
  private putValue(series: number, at: number): void {
    const { values, frameValues } = this;
    switch (this.kinds[series % METRICS.length]!) {
      case 'counter':
        frameValues[at] = this.below(4) + this.below(4) + this.below(4);
        break;
      case 'rate':
        frameValues[at] = (this.below(4) + this.below(4) + this.below(4)) / 10;
        break;
      case 'whole':
        frameValues[at] = values[series]! += this.below(15) - 7;
        break;
      case 'gauge':
        values[series]! += (this.below(201) - 100) / 100;
        frameValues[at] = Math.round(values[series]! * 100) / 100;
        break;
      case 'double':
        frameValues[at] = 20 + (this.below(0x7fffffff) * 0x200000 + this.below(0x200000)) / 2 ** 46;
        break;
      case 'timer':
        frameValues[at] = (1000 + this.below(4000)) / 1000;
        break;
      case 'sparse':
        frameValues[at] = this.below(30) === 0 ? 1 + this.below(3) : NaN;
        break;
      case 'constant':
        frameValues[at] = values[series]!;
    }
  }

  /** A whole number from 0 up to a limit (xorshift32). */
  private below(limit: number): number {
    let x = this.state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.state = x;
    return Math.floor(((x >>> 0) / 2 ** 32) * limit);
  }
}
