/**
 * What one request reads from the store. Paths are resolved once, and all that a window needs is
 * fetched in one call: `gather` before evaluation, `seriesOf` during it.
 */
import { UserError } from '../lib/errors.ts';
import type { Fetched, SeriesRef, Store } from '../storage/store.ts';
import { parseTagExpression } from './target/tag-expression.ts';

/** A path of the target, or the tag expressions of a seriesByTag. */
export type Selection = { path: string } | { tags: readonly string[] };

export interface FoundSeries {
  id: number;
  name: string;
  fetched: Fetched;
}

export interface FetchLimits {
  /** Series that all paths of a request may match. */
  seriesMax: number;
  /** Datapoints that a request may read. */
  pointsMax: number;
}

export class Fetches {
  private readonly store: Store;
  private readonly now: number;
  private readonly limits: FetchLimits;
  private readonly resolved = new Map<string, readonly SeriesRef[]>();
  private readonly windows = new Map<string, Map<number, Fetched | undefined>>();
  /** Windows and selections that were read. */
  private readonly gathered = new Set<string>();
  private seriesCount = 0;
  private pointCount = 0;

  constructor(store: Store, now: number, limits: FetchLimits) {
    this.store = store;
    this.now = now;
    this.limits = limits;
  }

  /** Reads all that is not read yet of these selections over a window, at once. */
  async gather(selections: Iterable<Selection>, from: number, until: number): Promise<void> {
    const window = this.window(from, until);
    const missing = new Set<number>();
    for (const selection of selections) {
      this.gathered.add(`${from}:${until}:${keyOf(selection)}`);
      for (const { id } of this.resolve(selection)) if (!window.has(id)) missing.add(id);
    }
    if (missing.size === 0) return;
    const ids = [...missing];
    const found = await this.store.fetch(ids, from, until, this.now);
    for (const [i, id] of ids.entries()) {
      window.set(id, found[i]);
      this.pointCount += found[i]?.values.length ?? 0;
    }
    if (this.pointCount > this.limits.pointsMax) {
      throw new UserError(
        'overLimit',
        `over ${this.limits.pointsMax} datapoints read by one request: ask for less time or series`,
      );
    }
  }

  isGathered(selection: Selection, from: number, until: number): boolean {
    return this.gathered.has(`${from}:${until}:${keyOf(selection)}`);
  }

  /** Series of a selection in the order of their names; those without data in the window not. */
  async seriesOf(selection: Selection, from: number, until: number): Promise<FoundSeries[]> {
    await this.gather([selection], from, until);
    const window = this.window(from, until);
    const series: FoundSeries[] = [];
    for (const { id, name } of this.resolve(selection)) {
      const fetched = window.get(id);
      if (fetched !== undefined) series.push({ id, name, fetched });
    }
    return series;
  }

  private window(from: number, until: number): Map<number, Fetched | undefined> {
    const key = `${from}:${until}`;
    let window = this.windows.get(key);
    if (window === undefined) this.windows.set(key, (window = new Map()));
    return window;
  }

  private resolve(selection: Selection): readonly SeriesRef[] {
    const key = keyOf(selection);
    let refs = this.resolved.get(key);
    if (refs === undefined) {
      refs = 'path' in selection ? this.matches(selection.path) : this.tagged(selection.tags);
      this.resolved.set(key, refs);
      this.seriesCount += refs.length;
      if (this.seriesCount > this.limits.seriesMax) throw tooManySeries(this.limits.seriesMax);
    }
    return refs;
  }

  private matches(path: string): SeriesRef[] {
    const pattern = path.replaceAll('\\', '');
    if (pattern.includes(';') || !/[*?[{]/.test(pattern)) {
      const exact = this.store.lookup(pattern);
      if (exact !== undefined) return [exact];
      if (pattern.includes(';')) return [];
    }
    const limit = this.limits.seriesMax - this.seriesCount;
    const refs: SeriesRef[] = [];
    for (const node of this.store.find(pattern)) {
      if (node.leaf) refs.push({ id: node.id, name: node.path });
      if (refs.length > limit) throw tooManySeries(this.limits.seriesMax);
    }
    return refs;
  }

  private tagged(tags: readonly string[]): SeriesRef[] {
    return this.store.findTagged(tags.map(parseTagExpression));
  }
}

function keyOf(selection: Selection): string {
  return 'path' in selection ? `p${selection.path}` : `t${selection.tags.join('\n')}`;
}

function tooManySeries(most: number): UserError {
  return new UserError('overLimit', `the paths of this request match over ${most} series`);
}
