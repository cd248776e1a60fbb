/**
 * Turns the refs of each producer into series. A flush makes its series when they are declared;
 * other samples make theirs with the first value that is stored. Part of the writer.
 */
import { eachText } from '../../../wire/packed-strings.ts';
import {
  PRODUCER_CARBON,
  PRODUCER_RULES,
  type SeriesDictionary,
} from '../../../wire/sample-batch.ts';
import { carbonName, lookupName } from '../../../wire/series-name.ts';
import { NO_SERIES, SeriesRefs } from './series-refs.ts';
import type { SeriesLimit } from './series-limit.ts';
import type { SeriesTable } from './series-table.ts';
import type { SketchWriter } from './sketch-writer.ts';

export class RefResolver {
  private readonly table: SeriesTable;
  private readonly sketches: SketchWriter;
  private readonly limit: SeriesLimit;
  private readonly make: (name: string, merge: number) => number;
  private readonly producers: SeriesRefs[] = [];

  /** `make` adds a series under a name that is not known. */
  constructor(
    table: SeriesTable,
    sketches: SketchWriter,
    limit: SeriesLimit,
    make: (name: string, merge: number) => number,
  ) {
    this.table = table;
    this.sketches = sketches;
    this.limit = limit;
    this.make = make;
  }

  refsOf(producer: number): SeriesRefs {
    return (this.producers[producer] ??= new SeriesRefs());
  }

  /** What a batch declares; comes before its values. */
  learn(producer: number, dictionary: SeriesDictionary, isFlush: boolean): SeriesRefs {
    const refs = this.refsOf(producer);
    if (dictionary.isReset) refs.clear();
    this.sketches.learn(dictionary);
    const isCarbon = producer === PRODUCER_CARBON || producer === PRODUCER_RULES;
    const formOf = isCarbon ? carbonName : lookupName;
    eachText(dictionary.names, (text, i) => {
      const name = formOf(text);
      refs.declare(dictionary, i, name);
      if (isFlush) this.declare(refs, dictionary.refs[i]!, name);
    });
    if (this.sketches.hasLateNames) {
      for (const ref of refs.declared()) this.linkTimer(refs, ref);
      this.sketches.hasLateNames = false;
    }
    return refs;
  }

  /** What a batch retires; comes after its values. */
  forget(refs: SeriesRefs, { retired }: SeriesDictionary): void {
    for (const ref of retired) refs.retire(ref);
  }

  /** The series of a flush's ref that had none: deleted, or refused before. NO_SERIES: none yet. */
  revive(refs: SeriesRefs, ref: number): number {
    const name = refs.nameOf(ref);
    if (name === undefined) return NO_SERIES;
    let id = this.table.find(name);
    // It was counted when it was refused.
    if (id < 0 && !this.limit.admits(name, this.table.count)) return NO_SERIES;
    if (id < 0) id = this.make(name, refs.merges[ref]!);
    refs.link(ref, id);
    this.linkTimer(refs, ref);
    return id;
  }

  /** Series were deleted or renamed: they come back with their next value. */
  unlink(nameBySeries: ReadonlyMap<number, string>): void {
    if (nameBySeries.size === 0) return;
    for (const refs of this.producers) refs?.unlink(nameBySeries);
  }

  private declare(refs: SeriesRefs, ref: number, name: string): void {
    const { table } = this;
    const merge = refs.merges[ref]!;
    let id = table.find(name);
    if (id >= 0) table.setMerge(name, id, merge);
    else if (!this.limit.admit(name, table.count, table.now)) return;
    else id = this.make(name, merge);
    refs.link(ref, id);
    this.linkTimer(refs, ref);
  }

  /** Notes of which timer a series is a statistic. */
  private linkTimer({ series, timers, stats, arguments: args }: SeriesRefs, ref: number): void {
    const id = series[ref]!;
    if (id === NO_SERIES) return;
    const isNew = this.sketches.link(id, timers[ref]!, stats[ref]!, args[ref]!);
    if (isNew) this.table.relink(id);
  }
}
