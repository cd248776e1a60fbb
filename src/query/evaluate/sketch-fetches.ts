/**
 * What one request reads of timers and sets: their sketches by slot, as series whose values are how
 * much was counted, and the sketches behind statistics that were read as plain series
 * (`stats.timers.web01.latency.upper_99`). Bounded as datapoints are: a sketch counts as so many as
 * fit into its bytes.
 */
import { slices } from '../../lib/slices.ts';
import { overLimit } from '../../lib/errors.ts';
import { DamagedSketch } from '../../sketch/bytes.ts';
import { encodedCount } from '../../sketch/codec.ts';
import { decodeDistinct } from '../../sketch/distinct-codec.ts';
import { statistic } from '../../sketch/statistics.ts';
import type {
  FetchedSketches,
  SeriesReader,
  SketchedRef,
  SketchReader,
} from '../../storage/roles.ts';
import type { Selection } from './fetches.ts';
import type { RequestLimit } from './request-limit.ts';
import { readCount } from '../series/distribution.ts';
import { isMergeable } from '../series/merged-buckets.ts';
import { inTurn } from '../functions/in-turn.ts';
import type { Distribution, Origin, Series } from '../series/series.ts';
import { ColumnBuilder, type SketchColumn } from '../series/sketch-column.ts';
import { parseTagExpressions, tagsOf } from '../target/tag-expression.ts';

/** Timers read at once; the limit is checked between reads. */
const BATCH = 8;
const POINT_BYTES = 8;

type SketchedSeries = Pick<
  Series,
  'name' | 'start' | 'step' | 'end' | 'values' | 'archiveIndex'
> & { distribution: Distribution };

/** A series as far as it matters where its values came from. */
export type Placed = Pick<Series, 'start' | 'origin'>;

/** Sketches as they were fetched, packed. */
type Packed = Omit<FetchedSketches, 'sketches'> & { sketches: SketchColumn };

type Fetched = Map<number, Packed | undefined>;

export class SketchFetches {
  private readonly store: SeriesReader & SketchReader;
  private readonly now: number;
  private readonly limit: RequestLimit;
  private readonly windows = new Map<string, Fetched>();
  private readonly byName = new Map<string, SketchedRef | undefined>();
  private seriesCount = 0;
  private pointCount = 0;

  constructor(store: SeriesReader & SketchReader, now: number, limit: RequestLimit) {
    this.store = store;
    this.now = now;
    this.limit = limit;
  }

  /** Timers and sets of a selection in the order of their names. */
  async seriesOf(selection: Selection, from: number, until: number): Promise<SketchedSeries[]> {
    const refs = await this.limit.run(
      'path' in selection
        ? this.store.findingSketched(selection.path.replaceAll('\\', ''))
        : this.store.findingSketchedByTags(parseTagExpressions(selection.tags)),
    );
    const fetched = await this.read(refs, from, until);
    return refs.map((ref) => {
      const packed = fetched.get(ref.id);
      return packed === undefined ? emptyColumn(ref, until) : clippedColumn(ref, packed, from);
    });
  }

  /**
   * By series, the sketches of the timer that it is a statistic of, with that statistic as their
   * reading; undefined where it is none or its values were changed.
   */
  async behind(seriesList: readonly Placed[]): Promise<(SketchedSeries | undefined)[]> {
    const found = await inTurn(this.limit, seriesList, ({ origin }) => this.timerOf(origin));
    const windows = new Map<string, { origin: Origin; refs: SketchedRef[] }>();
    for (const [i, timer] of found.entries()) {
      if (timer === undefined) continue;
      const origin = seriesList[i]!.origin!; // timerOf looked at it
      const key = `${origin.from}:${origin.until}`;
      const window = windows.get(key);
      if (window === undefined) windows.set(key, { origin, refs: [timer.ref] });
      else window.refs.push(timer.ref);
    }
    for (const { origin, refs } of windows.values()) {
      await this.read(refs, origin.from, origin.until);
    }
    return found.map((timer, i) => {
      if (timer === undefined) return undefined;
      const { origin, start } = seriesList[i]!;
      const { from, until } = origin!; // timerOf looked at it
      const fetched = this.windows.get(`${from}:${until}`)?.get(timer.ref.id);
      if (fetched === undefined) return undefined;
      const shift = start - origin!.start;
      const { stat, argument } = timer;
      const made = column(timer.ref, fetched);
      return {
        ...made,
        start: made.start + shift,
        end: made.end + shift,
        distribution: {
          kind: 'timer',
          sketches: fetched.sketches,
          read: (sketch, seconds) => statistic(sketch, stat, argument, seconds),
        },
      };
    });
  }

  private async timerOf(
    origin: Origin | undefined,
  ): Promise<{ ref: SketchedRef; stat: number; argument: number } | undefined> {
    const timer = origin === undefined ? undefined : this.store.info(origin.id)?.timer;
    if (timer === undefined) return undefined;
    const { name, stat, argument } = timer;
    if (!isMergeable(stat)) return undefined;
    let ref = this.byName.get(name);
    if (ref === undefined && !this.byName.has(name)) {
      ref = await this.named(name);
      this.byName.set(name, ref);
    }
    return ref === undefined ? undefined : { ref, stat, argument };
  }

  private async named(name: string): Promise<SketchedRef | undefined> {
    const found = await this.limit.run(
      name.includes(';')
        ? this.store.findingSketchedByTags(
            Object.entries(tagsOf(name)).map(([tag, value]) => ({ tag, operator: '=', value })),
          )
        : this.store.findingSketched(name),
    );
    return found.find((ref) => ref.name === name && ref.kind === 'timer');
  }

  /** Reads what is not read yet of these timers over a window. */
  private async read(refs: readonly SketchedRef[], from: number, until: number): Promise<Fetched> {
    const key = `${from}:${until}`;
    let fetched = this.windows.get(key);
    if (fetched === undefined) this.windows.set(key, (fetched = new Map()));
    const known = fetched;
    const missing = [...new Set(refs.map(({ id }) => id))].filter((id) => !known.has(id));
    this.seriesCount += missing.length;
    if (this.seriesCount > this.limit.limits.seriesMax) {
      const most = this.limit.limits.seriesMax;
      throw overLimit(`the paths of this request match over ${most} timers (httpLimits.series)`);
    }
    for (const ids of slices(missing, BATCH)) {
      const answers = await this.store.fetchSketches(ids, from, until, this.now);
      for (const [i, id] of ids.entries()) {
        const answer = answers[i];
        fetched.set(id, answer === undefined ? undefined : this.packed(answer));
      }
      await this.limit.pause();
    }
    return fetched;
  }

  /** Packed at once: hundreds of thousands of small arrays would keep the collector busy. */
  private packed(fetched: FetchedSketches): Packed {
    const { sketches, ...rest } = fetched;
    const column = new ColumnBuilder(sketches.length);
    for (const bytes of sketches) {
      if (bytes === undefined) column.skip();
      else column.refer(bytes);
    }
    this.pointCount += sketches.length + column.byteCount / POINT_BYTES;
    if (this.pointCount <= this.limit.limits.pointsMax)
      return { ...rest, sketches: column.finish() };
    throw overLimit(
      `over ${this.limit.limits.pointsMax} datapoints' worth of sketches read by one request ` +
        '(httpLimits.points): ask for less time or fewer timers',
    );
  }
}

function column({ name, kind }: SketchedRef, fetched: Packed): SketchedSeries {
  const { start, end, step, archiveIndex, sketches } = fetched;
  const { chunks, chunkOf, starts, ends } = sketches;
  const count = kind === 'timer' ? encodedCount : distinctCount;
  const values = new Float64Array(ends.length).fill(NaN);
  for (let i = 0; i < ends.length; i++) {
    const [from, to] = [starts[i]!, ends[i]!];
    if (from === to) continue;
    try {
      values[i] = count(chunks[chunkOf[i]!]!, from, to);
    } catch (error) {
      // What is damaged costs its slot, and is nothing to be merged.
      if (!(error instanceof DamagedSketch)) throw error;
      ends[i] = from;
    }
  }
  const distribution: Distribution =
    kind === 'timer' ? { kind, sketches, read: readCount } : { kind, sketches };
  return { name, start, end, step, archiveIndex, values, distribution };
}

/**
 * Whisper's first slot is the one after `from`; a later first slot means that older ones expired.
 */
function clippedColumn(ref: SketchedRef, fetched: Packed, from: number): SketchedSeries {
  const { start, step } = fetched;
  const isClipped = start > from - (from % step) + step;
  const made = column(ref, fetched);
  return isClipped ? { ...made, distribution: { ...made.distribution, isClipped } } : made;
}

const NO_SLOTS = new ColumnBuilder(0).finish();

/** A timer without a stored sketch in the window: no slots. */
function emptyColumn(ref: SketchedRef, until: number): SketchedSeries {
  const none = { start: until, end: until, step: 1, archiveIndex: 0, sketches: NO_SLOTS };
  const made = column(ref, none);
  return { ...made, distribution: { ...made.distribution, isClipped: true } };
}

function distinctCount(bytes: Uint8Array, from: number, to: number): number {
  return decodeDistinct(bytes.subarray(from, to)).estimate();
}
