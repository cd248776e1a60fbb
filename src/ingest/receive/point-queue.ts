/**
 * Collects carbon points into batches for the main thread: columns of numbers, and the names that
 * are new since the last batch. Batches in flight are bounded: with all of them unacknowledged and
 * the next one full, `onFull` asks the listeners to hold their senders back (TCP); points that still
 * come (UDP) are dropped and counted. Columns are shared memory, a few of them used in turn: they
 * go through three threads without a copy, and are ours again when their batch is acknowledged.
 */
import { dictionaryOf } from '../../wire/dictionary.ts';
import { MERGE_POINT } from '../../wire/merge.ts';
import { NO_STRINGS, StringPacker } from '../../wire/packed-strings.ts';
import {
  PRODUCER_CARBON,
  type SampleBatch,
  type SenderRuns,
  type SeriesDictionary,
} from '../../wire/sample-batch.ts';
import type { PointColumns } from '../aggregate/carbon-fast-path.ts';
import {
  NO_NAME,
  POINT_NAME_LIMITS,
  type CarbonNameLimits,
  CarbonNames,
} from '../aggregate/carbon-names.ts';

interface PointQueueLimits {
  batchPoints: number;
  batchesInFlight: number;
  /** How long a point may wait for company when no batch is in flight. */
  delayMs: number;
  names?: CarbonNameLimits;
}

/** 5 MB of points in flight: what comes while a commit is under way goes into the next one. */
export const POINT_QUEUE_LIMITS: PointQueueLimits = {
  batchPoints: 32_768,
  batchesInFlight: 8,
  delayMs: 20,
};

interface PointQueueEvents {
  onBatch(batch: SampleBatch): void;
  onFull(): void;
  onRoom(): void;
}

interface SharedColumns extends PointColumns {
  slot: number;
  /** A batch is in them, which is not acknowledged yet. */
  isOut: boolean;
}

/** Room for what a read brings of short lines, when senders are held back in its middle. */
const UNDER_WAY_POINTS = 16_384;
/** Of columns that are not used again. */
const NO_SLOT = -1;

/** Runs of one sender's points that a batch tells; further ones are of a sender unknown. */
const RUNS_MAX = 1024;

const NOTHING_NEW = dictionaryOf(new Uint32Array(0), NO_STRINGS, MERGE_POINT);

/** Finding a longer name costs more than remembering the text. */
const SHORT_NAME = 64;
/** Of the long names that are remembered: those of a pickle message of 1 MiB. */
const LONG_CHARACTERS_MAX = 2 ** 20;

interface KnownName {
  number: number;
  /** A line may have it. */
  isPlain: boolean;
}

/** What a line ends its name with: a name that holds one is no line's. */
// oxlint-disable-next-line no-control-regex
const BLANKS = /[\0-\x20]/;

export class PointQueue {
  /** Points dropped because main was late. */
  dropped = 0;
  /** For carbon-fast-path.ts, which fills it in place; `filled` comes after. */
  columns: SharedColumns;
  readonly names: CarbonNames;
  private readonly limits: PointQueueLimits;
  private readonly events: PointQueueEvents;
  /** Names of the last numbers, which main does not know. */
  private readonly declared = new StringPacker();
  private sequence = 0;
  private isReset = false;
  /** Points of the batches that were sent. */
  private sent = 0;
  private inFlight = 0;
  /** Columns that no batch is in, the last used on top. */
  private readonly free: SharedColumns[] = [];
  private readonly bySlot: SharedColumns[] = [];
  private full = false;
  private readonly longNames = new Map<string, KnownName>();
  private longCharacters = 0;
  private sender: string | undefined;
  private runs: SenderRuns = { starts: [], senders: [] };
  private timer: NodeJS.Timeout | undefined;

  constructor(limits: PointQueueLimits, events: PointQueueEvents, hashSeed = 0) {
    this.limits = limits;
    this.events = events;
    this.names = new CarbonNames(limits.names ?? POINT_NAME_LIMITS, hashSeed);
    this.columns = this.takeColumns();
  }

  /** Points taken in. */
  get taken(): number {
    return this.sent + this.columns.length;
  }

  /** Whether points whose senders cannot be held back are dropped. */
  get isFull(): boolean {
    return this.full;
  }

  /** Whose points come next. */
  from(sender: string | undefined): void {
    if (sender === this.sender) return;
    this.sender = sender;
    this.beginRun(sender);
  }

  /** `mayDrop`: the sender cannot be held back, so past the bound the point is dropped. */
  add(name: string, time: number, value: number, mayDrop: boolean): void {
    if (this.full && mayDrop) {
      this.dropped += 1;
      return;
    }
    const { number, isPlain } = name.length > SHORT_NAME ? this.longName(name) : this.lookUp(name);
    if (isPlain) this.names.came(number);
    const { columns } = this;
    const at = columns.length++;
    columns.numbers[at] = number;
    columns.times[at] = time;
    columns.values[at] = value;
    this.filled();
  }

  /** Comes after points were put into the columns: they go on at once when there are enough. */
  filled(): void {
    const { columns, limits } = this;
    if (columns.length === 0) return;
    if (columns.length >= limits.batchPoints) this.send();
    else this.timer ??= setTimeout(() => this.send(), limits.delayMs);
    if (this.columns.length === this.columns.numbers.length) this.widen();
  }

  /** `slot` is that of the batch whose columns nobody needs any more. */
  acknowledge(slot: number): void {
    if (this.inFlight > 0) this.inFlight -= 1;
    const columns = this.bySlot[slot];
    if (columns?.isOut === true) {
      columns.isOut = false;
      this.free.push(columns);
    }
    // No timer runs when the last one found no room.
    if (this.full || this.timer === undefined) this.send();
    if (this.full && this.columns.length < this.limits.batchPoints) {
      this.full = false;
      this.events.onRoom();
    }
  }

  /** Sends what is left whatever is in flight; for the end. */
  finish(): void {
    this.sendNow();
  }

  /** A pickle's memo names a long name in two bytes: a hundred thousand points look it up once. */
  private longName(name: string): KnownName {
    const { longNames } = this;
    const known = longNames.get(name);
    if (known !== undefined) return known;
    const found = this.lookUp(name);
    this.longCharacters += name.length;
    if (this.longCharacters > LONG_CHARACTERS_MAX) {
      longNames.clear();
      this.longCharacters = name.length;
    }
    longNames.set(name, found);
    return found;
  }

  private lookUp(name: string): KnownName {
    return { number: this.numberOf(name), isPlain: !BLANKS.test(name) };
  }

  private numberOf(name: string): number {
    const { names } = this;
    const { count } = names;
    let number = names.numberOf(name);
    if (number === NO_NAME) {
      // Points that wait have numbers of before.
      this.sendNow();
      names.clear();
      this.longNames.clear();
      this.longCharacters = 0;
      this.isReset = true;
      number = names.numberOf(name);
      this.declared.addText(name);
    } else if (names.count > count) this.declared.addText(name);
    return number;
  }

  private send(): void {
    const { batchPoints, batchesInFlight } = this.limits;
    const isWhole = this.columns.length >= batchPoints;
    // A part waits for what is under way: it would cost a commit of its own.
    if (this.inFlight < (isWhole ? batchesInFlight : 1)) {
      this.sendNow();
    } else if (isWhole && !this.full) {
      this.full = true;
      this.events.onFull();
    } else {
      clearTimeout(this.timer);
      this.timer = undefined;
    }
  }

  private sendNow(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const { columns } = this;
    const { length, numbers, times, values } = columns;
    if (length === 0) return;
    this.inFlight += 1;
    this.sent += length;
    columns.isOut = true;
    this.columns = this.takeColumns();
    const senders = this.runs;
    this.runs = { starts: [], senders: [] };
    if (this.sender !== undefined) this.beginRun(this.sender);
    this.events.onBatch({
      producer: PRODUCER_CARBON,
      sequence: ++this.sequence,
      slot: columns.slot,
      series: this.takeDictionary(),
      refs: numbers.subarray(0, length),
      times: times.subarray(0, length),
      values: values.subarray(0, length),
      intervalMs: 0,
      how: 'overwrite',
      senders,
    });
  }

  /** The names that are new since the last batch. */
  private takeDictionary(): SeriesDictionary {
    const { declared, isReset, names } = this;
    if (declared.count === 0) return NOTHING_NEW;
    this.isReset = false;
    const first = names.count - declared.count;
    const refs = Uint32Array.from({ length: declared.count }, (_, i) => first + i);
    return dictionaryOf(refs, declared.finish(), MERGE_POINT, isReset);
  }

  private beginRun(sender: string | undefined): void {
    const { starts, senders } = this.runs;
    if (starts.length > RUNS_MAX) return;
    starts.push(this.columns.length);
    senders.push(starts.length > RUNS_MAX ? undefined : sender);
  }

  private takeColumns(): SharedColumns {
    const columns = this.free.pop();
    if (columns !== undefined) {
      columns.length = 0;
      return columns;
    }
    const { batchPoints, batchesInFlight } = this.limits;
    // More are out at an end alone.
    const slot = this.bySlot.length <= batchesInFlight ? this.bySlot.length : NO_SLOT;
    const made = emptyColumns(batchPoints + UNDER_WAY_POINTS, slot);
    if (slot !== NO_SLOT) this.bySlot.push(made);
    return made;
  }

  /** What senders had under way when they were held back is still taken. */
  private widen(): void {
    const { columns } = this;
    const wider = emptyColumns(columns.numbers.length * 2, NO_SLOT);
    wider.numbers.set(columns.numbers);
    wider.times.set(columns.times);
    wider.values.set(columns.values);
    wider.length = columns.length;
    if (columns.slot !== NO_SLOT) this.free.push(columns);
    this.columns = wider;
  }
}

function emptyColumns(room: number, slot: number): SharedColumns {
  const memory = new SharedArrayBuffer(room * 20);
  return {
    times: new Float64Array(memory, 0, room),
    values: new Float64Array(memory, room * 8, room),
    numbers: new Uint32Array(memory, room * 16, room),
    length: 0,
    slot,
    isOut: false,
  };
}
