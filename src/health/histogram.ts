/** How long something took, as a Prometheus histogram: counts up to each bound, their number and sum. */
import type { SelfMetric } from './prometheus.ts';

/** Seconds; from what nobody notices to what nobody waits for. */
const BOUNDS = [0.001, 0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

export class Histogram {
  private readonly name: string;
  private readonly help: string;
  private readonly counts = new Float64Array(BOUNDS.length + 1);
  private sum = 0;

  /** `name`: `tallyd_http_render_duration_seconds`. */
  constructor(name: string, help: string) {
    this.name = name;
    this.help = help;
  }

  observe(ms: number): void {
    const seconds = ms / 1000;
    const at = BOUNDS.findIndex((bound) => seconds <= bound);
    this.counts[at === -1 ? BOUNDS.length : at]! += 1;
    this.sum += seconds;
  }

  metrics(): SelfMetric[] {
    const one = { name: this.name, help: this.help, type: 'histogram' } as const;
    let count = 0;
    const buckets = [...BOUNDS.map(String), '+Inf'].map((le, i) => {
      count += this.counts[i]!; // as many as bounds, and one
      return { ...one, suffix: '_bucket', labels: { le }, value: count };
    });
    const sum = { ...one, suffix: '_sum', value: this.sum };
    return [...buckets, sum, { ...one, suffix: '_count', value: count }];
  }
}
