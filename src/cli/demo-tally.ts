/**
 * What `demo` has sent, per metric, in the terms in which a flush reports it: a counter's sum is
 * the sum of `stats_counts.<name>`, a timer's count and sum those of `stats.timers.<name>`.
 */
type DemoType = 'c' | 'ms' | 'g' | 's';

export interface DemoLine {
  name: string;
  type: DemoType;
  /** Value as on the wire: `12.5`, `+1`, `u42`. */
  value: string;
  /** 1 when there is no rate on the line. */
  rate: number;
}

export interface TallyEntry {
  type: DemoType;
  /** Lines of this metric. */
  lines: number;
  /** Number of observations: each line counts 1/rate. */
  count: number;
  /** Counters: values over rates; timers: values; 0 for the rest. */
  sum: number;
  /** Timers: least and largest value. */
  lower?: number;
  upper?: number;
  /** Gauges: the value after the last line. */
  last?: number;
  /** Sets: different members. */
  distinct?: number;
}

export class DemoTally {
  private readonly entries = new Map<string, TallyEntry>();
  private readonly members = new Map<string, Set<string>>();
  private readonly gauges: Map<string, number>;

  /** Gauges outlive a flush: pass the same map to the tallies of one run. */
  constructor(gauges: Map<string, number>) {
    this.gauges = gauges;
  }

  add(line: DemoLine): void {
    let entry = this.entries.get(line.name);
    if (entry === undefined) {
      entry = { type: line.type, lines: 0, count: 0, sum: 0 };
      this.entries.set(line.name, entry);
    }
    entry.lines += 1;
    entry.count += 1 / line.rate;
    switch (line.type) {
      case 'c':
        entry.sum += Number(line.value) / line.rate;
        break;
      case 'ms':
        this.addTimer(entry, Number(line.value));
        break;
      case 'g':
        entry.last = this.setGauge(line);
        break;
      case 's':
        entry.distinct = this.addMember(line);
        break;
    }
  }

  /** All entries by name, in alphabetical order. */
  report(): [name: string, entry: TallyEntry][] {
    return [...this.entries].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  }

  lineCount(): number {
    let lines = 0;
    for (const entry of this.entries.values()) lines += entry.lines;
    return lines;
  }

  private addTimer(entry: TallyEntry, value: number): void {
    entry.sum += value;
    entry.lower = Math.min(entry.lower ?? value, value);
    entry.upper = Math.max(entry.upper ?? value, value);
  }

  private setGauge(line: DemoLine): number {
    const signed = line.value.startsWith('+') || line.value.startsWith('-');
    const before = signed ? (this.gauges.get(line.name) ?? 0) : 0;
    const value = before + Number(line.value);
    this.gauges.set(line.name, value);
    return value;
  }

  private addMember(line: DemoLine): number {
    let members = this.members.get(line.name);
    if (members === undefined) this.members.set(line.name, (members = new Set()));
    members.add(line.value);
    return members.size;
  }
}
