/** Carbon's ports without their sockets: what a read brings, to batches for the store. */
import { takePlainPoints } from '../../src/ingest/aggregate/carbon-fast-path.ts';
import {
  type CarbonSink,
  readCarbonLine,
  readCarbonPickle,
} from '../../src/ingest/protocol/carbon/plaintext.ts';
import { littleEndianView } from '../../src/ingest/protocol/words.ts';
import { POINT_QUEUE_LIMITS, PointQueue } from '../../src/ingest/receive/point-queue.ts';
import { SECONDS_MAX } from '../../src/lib/admitted.ts';
import { nameFault } from '../../src/wire/series-name.ts';
import type { SampleBatch } from '../../src/wire/sample-batch.ts';
import { SeriesNames } from '../../src/wire/series-names.ts';
import { addTally, type Tally } from './kind.ts';
import type { Message } from './odd-pickles.ts';
import type { StallWatch } from './stall.ts';
import { shown } from './twins.ts';

/** Of a message (protocol/carbon/pickle.ts). */
const ENTRIES_MAX = 65_536;

export class CarbonDoor {
  readonly faults: string[] = [];
  refused = 0;
  /** Lines, and entries of sound pickles. */
  readonly tally: Tally = { received: 0, kept: 0, counted: 0 };
  private checked = '';
  private points = 0;
  private batches: SampleBatch[] = [];
  private readonly queue: PointQueue;
  private readonly names = new SeriesNames();
  private readonly watch: StallWatch;
  private readonly sink: CarbonSink = {
    point: (name, time, value) => {
      const isRight = Number.isInteger(time) && Number.isFinite(value) && time <= SECONDS_MAX;
      // A name that a pickle recalls is looked at once here too.
      const isName = name === this.checked || nameFault(name) === undefined;
      this.checked = name;
      if (!isRight || !isName) {
        this.faults.push(`taken for a point: ${JSON.stringify([name, time, value])}`);
      }
      this.queue.add(name, time, value, false);
    },
    reject: () => void (this.refused += 1),
  };

  constructor(watch: StallWatch) {
    this.watch = watch;
    const events = {
      onBatch: (batch: SampleBatch): void => void this.batches.push(batch),
      onFull: (): void => {},
      onRoom: (): void => {},
    };
    this.queue = new PointQueue(POINT_QUEUE_LIMITS, events, 0x5eed);
  }

  packet(lines: readonly Buffer[], nowSeconds: number, sender: string): void {
    const bytes = Buffer.from(
      lines.map((line) => `${line.toString('latin1')}\n`).join(''),
      'latin1',
    );
    const { queue } = this;
    const refusedBefore = this.refused;
    const before = queue.taken + refusedBefore;
    queue.from(sender);
    this.watch.run('carbon lines', () => this.read(bytes, nowSeconds));
    const outcomes = queue.taken + this.refused - before;
    const expected = lines.filter((line) => !isBlank(line)).length;
    this.count(expected, queue.taken - (before - refusedBefore), this.refused - refusedBefore);
    if (outcomes === expected) return;
    this.faults.push(`${expected} lines of carbon, ${outcomes} outcomes: ${shown(bytes)}`);
  }

  pickle({ bytes, entries }: Message, nowSeconds: number): void {
    const { queue } = this;
    const before = queue.taken + this.refused;
    const refusedBefore = this.refused;
    const hex = (): string => `${bytes.length} bytes, ${bytes.toString('hex', 0, 200)}`;
    this.watch.run(hex, () => {
      readCarbonPickle(bytes, 0, bytes.length, { nowSeconds, nameBytesMax: 1024 }, this.sink);
    });
    const outcomes = queue.taken + this.refused - before;
    if (entries === undefined) return;
    // More entries than a message may have are refused with it.
    const isWhole = entries > ENTRIES_MAX && this.refused - refusedBefore === 1;
    const kept = queue.taken - (before - refusedBefore);
    this.count(entries, kept, isWhole ? entries : this.refused - refusedBefore);
    if (isWhole || outcomes === entries) return;
    this.faults.push(`${entries} entries of a pickle, ${outcomes} outcomes: ${hex()}`);
  }

  /** What came, batch by batch; each learned, as the main thread does. */
  take(): SampleBatch[] {
    this.queue.finish();
    const taken = this.batches;
    this.batches = [];
    for (const { series, refs, slot } of taken) {
      this.names.learn(series);
      this.points += refs.length;
      for (const ref of refs) this.names.name(ref);
      this.queue.acknowledge(slot!);
    }
    if (this.points !== this.queue.taken) {
      this.faults.push(`${this.queue.taken} points taken, ${this.points} in batches`);
    }
    return taken;
  }

  private count(received: number, kept: number, counted: number): void {
    addTally(this.tally, { received, kept, counted });
  }

  private read(bytes: Buffer, nowSeconds: number): void {
    const { queue } = this;
    const view = littleEndianView(bytes);
    for (let at = 0; at < bytes.length;) {
      at = takePlainPoints(bytes, view, at, bytes.length, queue.names, queue.columns);
      queue.filled();
      if (at === bytes.length) break;
      at = readCarbonLine(bytes, at, bytes.length, { nowSeconds, nameBytesMax: 1024 }, this.sink);
    }
  }
}

/** To Python's split(), which carbon's reading follows. */
function isBlank(line: Buffer): boolean {
  return line.every(
    (byte) => byte === 0x20 || (byte >= 0x09 && byte <= 0x0d) || (byte >= 0x1c && byte <= 0x1f),
  );
}
