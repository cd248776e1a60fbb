/**
 * What one request reads from the store. Paths are resolved once, and all that a window needs is
 * fetched in one call: `gather` before evaluation, `seriesOf` during it.
 */
import { overLimit, UserError } from '../../lib/errors.ts';
import { groupBy } from '../../lib/group-by.ts';
import { slices } from '../../lib/slices.ts';
import type { Fetched, SearchInSteps, SeriesReader, SeriesRef } from '../../storage/roles.ts';
import { parseTagExpressions } from '../target/tag-expression.ts';
import { estimatedPoints } from './read-estimate.ts';
import type { RequestLimit } from './request-limit.ts';

/** Series read at once; limits are looked at in between. */
const SERIES_AT_ONCE = 2048;
/** What a series counts beside its datapoints in each window that is read. */
const SERIES_POINTS = 8;
/** Nodes that a pattern may find for each series that it may: branches of that name count too. */
const NODES_PER_SERIES = 5;

/** A path of the target, or the tag expressions of a seriesByTag. */
export type Selection = { path: string } | { tags: readonly string[] };

interface FoundSeries {
  id: number;
  name: string;
  fetched: Fetched;
}

/** Series read over one window. */
interface ReadWindow {
  from: number;
  until: number;
  /** Values by series id; undefined for series without data in the window. */
  series: Map<number, Fetched | undefined>;
}

export class Fetches {
  private readonly store: SeriesReader & SearchInSteps;
  private readonly now: number;
  private readonly limit: RequestLimit;
  private readonly resolved = new Map<string, readonly SeriesRef[]>();
  private readonly windows = new Map<string, ReadWindow>();
  /** Windows and selections that were read. */
  private readonly gathered = new Set<string>();
  private seriesCount = 0;
  private pointCount = 0;

  constructor(store: SeriesReader & SearchInSteps, now: number, limit: RequestLimit) {
    this.store = store;
    this.now = now;
    this.limit = limit;
  }

  /** Reads all that is not read yet of these selections over a window, at once. */
  async gather(selections: Iterable<Selection>, from: number, until: number): Promise<void> {
    const window = this.window(from, until);
    const missing = new Set<number>();
    for (const selection of selections) {
      await this.limit.pause();
      const key = `${from}:${until}:${keyOf(selection)}`;
      if (this.gathered.has(key)) continue;
      this.gathered.add(key);
      for (const { id } of await this.resolve(selection))
        if (!window.series.has(id)) missing.add(id);
    }
    if (missing.size === 0) return;
    await this.widen(window, missing);
    this.checkPoints(0);
    for (const ids of slices([...missing], SERIES_AT_ONCE)) await this.read(window, ids);
  }

  /** Reads series over a window, if their datapoints are not too many. */
  private async read(window: ReadWindow, ids: readonly number[]): Promise<void> {
    const { from, until } = window;
    this.checkWindow(ids, from, until);
    const found = await this.store.fetch(ids, from, until, this.now);
    for (const [i, id] of ids.entries()) this.take(window, id, found[i]);
    this.checkPoints(0);
    await this.limit.pause();
  }

  /** Before it is read; no series has more than a datapoint a second. */
  private checkWindow(ids: readonly number[], from: number, until: number): void {
    if (this.pointCount + ids.length * (until - from + 1) <= this.limit.limits.pointsMax) return;
    this.checkPoints(estimatedPoints(this.store, ids, from, until, this.now));
  }

  private checkPoints(more: number): void {
    const { pointsMax } = this.limit.limits;
    if (this.pointCount + more <= pointsMax) return;
    throw overLimit(
      `over ${pointsMax} datapoints read by one request (httpLimits.points): ` +
        'ask for less time or series',
    );
  }

  isGathered(selection: Selection, from: number, until: number): boolean {
    return this.gathered.has(`${from}:${until}:${keyOf(selection)}`);
  }

  /** Series of a selection in the order of their names; those without data in the window not. */
  async seriesOf(selection: Selection, from: number, until: number): Promise<FoundSeries[]> {
    await this.gather([selection], from, until);
    const window = this.window(from, until);
    const seriesList: FoundSeries[] = [];
    for (const { id, name } of await this.resolve(selection)) {
      const fetched = window.series.get(id);
      if (fetched !== undefined) seriesList.push({ id, name, fetched });
    }
    return seriesList;
  }

  private window(from: number, until: number): ReadWindow {
    const key = `${from}:${until}`;
    let window = this.windows.get(key);
    if (window === undefined) this.windows.set(key, (window = { from, until, series: new Map() }));
    return window;
  }

  /**
   * Where a part of the window was read that ends with it, as before movingAverage looks further
   * back, only what comes before is read. Takes the series that this gave out of `missing`.
   */
  private async widen(window: ReadWindow, missing: Set<number>): Promise<void> {
    const { from, until } = window;
    const known = [...this.windows.values()].find(
      (other) => other.until === until && other.from > from && other.series.size > 0,
    );
    if (known === undefined) return;
    for (const [before, ids] of groupByStart(known, missing, Math.min(until, this.now))) {
      this.checkWindow(ids, from, before);
      const found = await this.store.fetch(ids, from, before, this.now);
      for (const [i, id] of ids.entries()) {
        const joined = join(found[i], known.series.get(id));
        if (joined === undefined) continue;
        this.take(window, id, joined);
        missing.delete(id);
      }
    }
  }

  private take(window: ReadWindow, id: number, fetched: Fetched | undefined): void {
    window.series.set(id, fetched);
    this.pointCount += SERIES_POINTS + (fetched?.values.length ?? 0);
  }

  private async resolve(selection: Selection): Promise<readonly SeriesRef[]> {
    const key = keyOf(selection);
    let refs = this.resolved.get(key);
    if (refs === undefined) {
      refs =
        'path' in selection
          ? await this.matches(selection.path)
          : await this.tagged(selection.tags);
      this.resolved.set(key, refs);
      this.seriesCount += refs.length;
      if (this.seriesCount > this.limit.limits.seriesMax)
        throw tooManySeries(this.limit.limits.seriesMax);
    }
    return refs;
  }

  private async matches(path: string): Promise<SeriesRef[]> {
    const pattern = path.replaceAll('\\', '');
    if (pattern.includes(';') || !isPattern(pattern)) {
      const exact = this.store.lookup(pattern);
      if (exact !== undefined) return [exact];
      if (pattern.includes(';')) return [];
    }
    const most = this.limit.limits.seriesMax - this.seriesCount;
    const refs: SeriesRef[] = [];
    const limit = NODES_PER_SERIES * Math.max(1, most);
    for (const node of await this.limit.run(this.store.finding(pattern, { limit }))) {
      if (node.leaf) refs.push({ id: node.id, name: node.path });
      if (refs.length > most) throw tooManySeries(this.limit.limits.seriesMax);
    }
    return refs;
  }

  private tagged(tags: readonly string[]): Promise<SeriesRef[]> {
    return this.limit.run(this.store.findingTagged(parseTagExpressions(tags)));
  }
}

/** Whether a path may stand for several series. */
export function isPattern(path: string): boolean {
  return /[*?[{]/.test(path);
}

/**
 * Ids of a window that are wanted, by the time of the datapoint before their first one there. A
 * window that is shorter than a step has one datapoint all the same, which lies behind `last` and
 * in no longer window.
 */
function groupByStart(
  { series }: ReadWindow,
  wanted: Set<number>,
  last: number,
): Map<number, number[]> {
  const found = [...wanted].filter((id) => {
    const fetched = series.get(id);
    return fetched !== undefined && fetched.end - fetched.step <= last;
  });
  return groupBy(found, (id) => series.get(id)!.start - series.get(id)!.step);
}

/** Two parts as one; undefined where a coarser archive answered, or where there is a gap. */
function join(early: Fetched | undefined, late: Fetched | undefined): Fetched | undefined {
  if (early === undefined || late === undefined || early.end !== late.start) return undefined;
  if (early.archiveIndex !== late.archiveIndex || early.step !== late.step) return undefined;
  const values = new Float64Array(early.values.length + late.values.length);
  values.set(early.values);
  values.set(late.values, early.values.length);
  return { ...late, start: early.start, values };
}

/** The same for selections that find the same. */
export function keyOf(selection: Selection): string {
  return 'path' in selection ? `p${selection.path}` : `t${selection.tags.join('\n')}`;
}

function tooManySeries(most: number): UserError {
  return overLimit(`the paths of this request match over ${most} series (httpLimits.series)`);
}
