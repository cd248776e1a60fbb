/**
 * One receiver's aggregator, and a twin that gets the same lines one by one. A line without an
 * outcome shows in the twin, and what a packet makes of its lines must be what they make alone.
 */
import type { AggregationConfig } from '../../src/config/config.ts';
import { ASCII_STREAMS, TRAITS } from '../../src/config/dialects.ts';
import { Aggregator } from '../../src/ingest/aggregate/aggregator.ts';
import type { EventOrCheck } from '../../src/wire/ingest-messages.ts';
import type { FlushBatch, SampleBatch } from '../../src/wire/sample-batch.ts';
import { SeriesNames } from '../../src/wire/series-names.ts';
import type { Tally } from './kind.ts';
import type { StallWatch } from './stall.ts';

/** Slots of the aggregator's totals: asking its health for each line would cost more than the line. */
const BAD_SEEN = 3;
const METRICS = 6;
const CHECKS = 8;
/** Its own, and of packets: the twin has one a line. */
const OWN = /(?:^|\.)(?:packets_received|processing_time)(?:\.|$)/;

const totalsOf = (aggregator: Aggregator): Float64Array =>
  (aggregator as unknown as { totals: Float64Array }).totals;

export class Twins {
  private readonly whole: Aggregator;
  private readonly single: Aggregator;
  private readonly watch: StallWatch;
  private readonly names = [new SeriesNames(), new SeriesNames()] as const;
  /** Of lines: one of which some values are kept and some are refused is kept. */
  readonly tally: Tally = { received: 0, kept: 0, counted: 0 };
  /** Lines that were neither kept nor counted, and what differs between the two. */
  readonly faults: string[] = [];

  constructor(config: AggregationConfig, watch: StallWatch) {
    const options = { wantSketches: true, hashSeed: 0x5eed };
    this.whole = new Aggregator(config, options);
    this.single = new Aggregator(config, options);
    this.watch = watch;
  }

  set nowSeconds(seconds: number) {
    this.whole.nowSeconds = this.single.nowSeconds = seconds;
  }

  packet(lines: readonly Buffer[], dialect: number, isStream: boolean, sender: string): void {
    const feed = Buffer.from('\n');
    const packet = Buffer.concat(lines.flatMap((line) => [line, feed]));
    const before = this.whole.health().lines;
    this.watch.run('a packet', () => {
      this.whole.packet(packet, 0, packet.length, dialect, isStream, sender);
    });
    const seen = this.whole.health().lines - before;
    const sent = isStream && isAscii(dialect) ? asciiLines(packet) : lines.length;
    if (seen !== sent) this.faults.push(`${sent} lines sent, ${seen} read`);
    for (const line of lines) this.alone(line, dialect, isStream, sender);
  }

  private alone(line: Buffer, dialect: number, isStream: boolean, sender: string): void {
    const { single } = this;
    const totals = totalsOf(single);
    const kept = (): number => {
      let sum = 0;
      for (let slot = METRICS; slot <= CHECKS; slot++) sum += totals[slot]!;
      return sum;
    };
    const keptBefore = kept();
    const badBefore = totals[BAD_SEEN]!;
    const show = (): string => `a line of ${line.length} bytes: ${shown(line)}`;
    this.watch.run(show, () => single.packet(line, 0, line.length, dialect, isStream, sender));
    this.tally.received += 1;
    if (kept() > keptBefore) return void (this.tally.kept += 1);
    if (totals[BAD_SEEN]! > badBefore) return void (this.tally.counted += 1);
    const refused = refusedBy(single);
    const before = this.refusedBefore;
    this.refusedBefore = refused;
    // What was refused as a metric has counts of its own; beside weights of 1e16 one more is none.
    if (refused.some((count, i) => count > (before[i] ?? 0))) {
      this.tally.counted += 1;
      return;
    }
    this.faults.push(`neither kept nor counted: ${shown(line)}`);
  }

  private refusedBefore: number[] = [];

  /** A flush of both; the batch of the one that got packets, and its names. */
  flush(time: number): { batch: FlushBatch; nameOf: (ref: number) => string } {
    this.compare();
    const [batch, other] = [this.whole, this.single].map((one, i) => {
      this.watch.run('the start of a flush', () => one.beginFlush(time));
      let made: FlushBatch | undefined;
      while (made === undefined) {
        made = this.watch.run('a slice of a flush', () =>
          one.continueFlush(1.5, () => performance.now()),
        );
      }
      this.names[i]!.learn(made.series);
      return made;
    }) as [FlushBatch, FlushBatch];
    this.compareBatches(batch, other);
    const found = this.names[0].finder();
    return { batch, nameOf: (ref) => found(ref) ?? `no name for ${ref}` };
  }

  /** After what was flushed is stored: retired refs may be declared anew. */
  forget(batch: FlushBatch): void {
    this.names[0].forget(batch.series);
    this.names[1].forget(batch.series);
  }

  timed(time: number): SampleBatch[] {
    const parts: SampleBatch[] = [];
    const take = (one: Aggregator): SampleBatch | undefined =>
      this.watch.run('values with times', () => one.takeTimed(time));
    for (let part = take(this.whole); part !== undefined; part = take(this.whole)) parts.push(part);
    while (take(this.single) !== undefined);
    return parts;
  }

  events(): EventOrCheck[] {
    this.single.takeEvents();
    return this.whole.takeEvents();
  }

  /** Kept and counted, by what. */
  counts(): Record<string, number> {
    const { lines, metrics, events, checks } = this.whole.health();
    return { lines, metrics, events, checks, ...countsOf(this.whole) };
  }

  private compare(): void {
    const ofSingle = countsOf(this.single);
    for (const [what, count] of Object.entries(countsOf(this.whole))) {
      if (count === ofSingle[what]) continue;
      this.faults.push(`${what}: ${count} of packets, ${ofSingle[what]} of single lines`);
    }
  }

  private compareBatches(whole: FlushBatch, single: FlushBatch): void {
    if (whole.refs.length !== single.refs.length) {
      const counts = `${whole.refs.length} values of packets, ${single.refs.length} of single lines`;
      this.faults.push(counts);
      return;
    }
    for (let i = 0; i < whole.refs.length; i++) {
      const name = this.names[0].name(whole.refs[i]!);
      const other = this.names[1].name(single.refs[i]!);
      const values = [whole.values[i], single.values[i]];
      const isSame = name === other && Object.is(...(values as [number, number]));
      if (isSame || OWN.test(name)) continue;
      this.faults.push(`${name} ${values[0]} of packets, ${other} ${values[1]} of single lines`);
      return;
    }
  }
}

function isAscii(dialect: number): boolean {
  return (TRAITS[dialect]! & ASCII_STREAMS) !== 0;
}

/** To StatsD, whose streams have seven bits: 0x8a is a line feed. */
function asciiLines(packet: Buffer): number {
  const text = packet.toString('ascii');
  return text.split('\n').filter((line) => line !== '').length;
}

function countsOf(aggregator: Aggregator): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { what, reason, count } of aggregator.rejections()) {
    // Hints are looked for in some lines of a packet, not in each; a changed name is noted where a line
    // is read in full, which depends on what stands before it.
    if (what === 'lines.mistaken' || what === 'names.changed') continue;
    counts[`${what} ${reason}`] = count;
  }
  return counts;
}

/** By reason, in an order that stays. */
function refusedBy(aggregator: Aggregator): number[] {
  return aggregator
    .rejections()
    .filter(({ what }) => what === 'series.refused' || what === 'notices.refused')
    .map(({ count }) => count);
}

export function shown(line: Buffer): string {
  const text = JSON.stringify(line.toString('latin1'));
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}
