/**
 * Ready-made points from senders whose clocks are ahead: kept beside the rings, durable with the
 * commit that takes them, and put into the rings when their time has come. Written at once they
 * would push the oldest rows out early, and every flush until then would come late. Used by
 * writer.ts; times are whole epoch seconds.
 *
 *     record  points-ahead/<due>/<number>     [[series id, time, value], …]
 */
export const AHEAD_RECORDS = 'points-ahead/';
/** Some 10 MB. */
const POINTS_MAX = 100_000;

type Point = readonly [series: number, time: number, value: number];

interface Due {
  points: Point[];
  /** Of the points, those that records have. */
  recorded: number;
  /** Keys of their records. */
  keys: string[];
}

export class PointsAhead {
  private readonly byDue = new Map<number, Due>();
  private readonly putRecord: (key: string, text: string | undefined) => void;
  private count = 0;
  private nextNumber = 0;
  /** The first time at which anything is due. */
  private firstDue = Infinity;

  /** `records` are those of an earlier process; `putRecord` writes or removes one. */
  constructor(
    records: Iterable<{ key: string; text: string }>,
    putRecord: (key: string, text: string | undefined) => void,
  ) {
    this.putRecord = putRecord;
    for (const { key, text } of records) this.restore(key, text);
  }

  /** Whether there is room for one more. */
  get hasRoom(): boolean {
    return this.count < POINTS_MAX;
  }

  /** Keeps a point until `due`. */
  hold(series: number, time: number, value: number, due: number): void {
    this.dueAt(due).points.push([series, time, value]);
    this.count += 1;
  }

  /** Makes records of what was held since the last call; comes before a commit. */
  record(): void {
    for (const [due, held] of this.byDue) {
      if (held.recorded === held.points.length) continue;
      const key = `${AHEAD_RECORDS}${due}/${this.nextNumber++}`;
      this.putRecord(key, JSON.stringify(held.points.slice(held.recorded)));
      held.keys.push(key);
      held.recorded = held.points.length;
    }
  }

  /** Hands over what is due at `now`, in the order in which it came. */
  take(now: number, store: (series: number, time: number, value: number) => void): void {
    if (now < this.firstDue) return;
    const dues = [...this.byDue.keys()].filter((due) => due <= now).sort((a, b) => a - b);
    for (const due of dues) {
      const { points, keys } = this.byDue.get(due)!; // it is one of its keys
      for (const [series, time, value] of points) store(series, time, value);
      this.count -= points.length;
      for (const key of keys) this.putRecord(key, undefined);
      this.byDue.delete(due);
    }
    this.firstDue = Math.min(...this.byDue.keys());
  }

  /** Forgets the points of series that are deleted: their ids will be others'. */
  forget(series: ReadonlyMap<number, unknown>): void {
    if (this.count === 0 || series.size === 0) return;
    for (const held of this.byDue.values()) {
      const kept = held.points.filter(([id]) => !series.has(id));
      if (kept.length === held.points.length) continue;
      for (const key of held.keys) this.putRecord(key, undefined);
      this.count -= held.points.length - kept.length;
      Object.assign(held, { points: kept, recorded: 0, keys: [] });
    }
  }

  private dueAt(due: number): Due {
    const known = this.byDue.get(due);
    if (known !== undefined) return known;
    const made = { points: [], recorded: 0, keys: [] };
    this.byDue.set(due, made);
    this.firstDue = Math.min(this.firstDue, due);
    return made;
  }

  /** A record that cannot be read holds nothing. */
  private restore(key: string, text: string): void {
    const [due, number] = key.slice(AHEAD_RECORDS.length).split('/').map(Number);
    const points = parsePoints(text);
    if (!Number.isInteger(due) || !Number.isInteger(number) || points === undefined) return;
    const held = this.dueAt(due!); // both are integers
    held.points.push(...points);
    held.recorded = held.points.length;
    held.keys.push(key);
    this.count += points.length;
    this.nextNumber = Math.max(this.nextNumber, number! + 1);
  }
}

function parsePoints(text: string): Point[] | undefined {
  try {
    const points = JSON.parse(text) as Point[];
    const isSound = points.every(
      (point) => point.length === 3 && point.every((part) => Number.isFinite(part)),
    );
    return isSound ? points : undefined;
  } catch {
    return undefined;
  }
}
