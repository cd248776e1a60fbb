/**
 * The main thread's side of the data: names in memory, points straight from LMDB. Every group of
 * series is read in one snapshot, and between groups other work gets its turn.
 */
import { setImmediate as turn } from 'node:timers/promises';
import { Catalogue } from '../catalogue.ts';
import { type RingSeries, readColumns } from '../archive/columns.ts';
import { newestRow } from '../archive/newest.ts';
import { RecordSource } from '../archive/record-source.ts';
import { type Window, fetchWindow } from '../archive/ring.ts';
import { methodOfCode } from '../archive/rollup.ts';
import type { Archive } from '../retention/archives.ts';
import type { Fetched, SeriesInfo } from '../store.ts';
import { MERGE_LAST } from '../../wire.ts';
import { type Environment, recordsOf } from './environment.ts';
import type { NameChanges } from './messages.ts';
import { readClass, readClasses, readProgress } from './meta.ts';
import { SeriesColumns, unpackSeries } from './series-columns.ts';
import { decodeSeries } from './series-record.ts';

/** Values read between two turns of the event loop: some 10 ms. */
const GROUP_VALUES = 200_000;
/** Fewer would read the blocks that neighbours share again and again. */
const GROUP_SERIES_MIN = 32;

export class Reader {
  readonly catalogue = new Catalogue();
  corruptRecords = 0;
  private readonly environment: Environment;
  private readonly columns = new SeriesColumns();
  private readonly archives = new Map<number, Archive[]>();

  /** Reads all names. */
  constructor(environment: Environment) {
    this.environment = environment;
    for (const [classId, meta] of readClasses(environment)) {
      this.archives.set(classId, meta.archives);
    }
    for (const { key, value } of environment.names.getRange()) {
      const found = decodeSeries(key, value);
      if (found === undefined) continue; // the writer counts it
      this.columns.set(found.series);
      this.catalogue.insert(found.name, found.series.id);
    }
  }

  /** Takes over what a commit changed about names. */
  apply({ gone, names, packed, classes }: NameChanges): void {
    for (const { classId, archives } of classes) this.archives.set(classId, archives);
    for (const name of gone) this.forget(name);
    for (const name of names) this.forget(name);
    names.forEach((name, i) => {
      const series = unpackSeries(packed, i);
      this.columns.set(series);
      this.catalogue.insert(name, series.id);
    });
  }

  /** False when the canonical name is not known. */
  forget(name: string): boolean {
    const id = this.catalogue.remove(name);
    if (id >= 0) this.columns.remove(id);
    return id >= 0;
  }

  info(id: number): SeriesInfo | undefined {
    const name = this.catalogue.nameOf(id);
    if (name === undefined) return undefined;
    const { classId, method, xFilesFactor } = this.columns.get(id);
    const archives = this.archives.get(classId)!; // known before its series
    return { name, archives, aggregationMethod: methodOfCode(method), xFilesFactor };
  }

  /** Epoch seconds of the newest point of each archive, 0 where there is none. */
  newestTimes(id: number): number[] {
    if (!this.columns.has(id)) return [];
    const { environment } = this;
    const classId = this.columns.classOf(id);
    const archives = this.archives.get(classId)!; // known before its series
    environment.root.resetReadTxn();
    const records = recordsOf(environment, classId, archives);
    const states = readClass(environment, classId)?.states ?? [];
    const source = new RecordSource(archives, states, records);
    const series = this.seriesOf([id], [0]);
    return archives.map(({ step }, i) => Math.max(0, newestRow(source, records, i, series) * step));
  }

  async fetch(
    ids: readonly number[],
    from: number,
    until: number,
    now: number,
  ): Promise<(Fetched | undefined)[]> {
    const answers: (Fetched | undefined)[] = Array.from({ length: ids.length });
    for (const [classId, positions] of this.byClass(ids)) {
      const archives = this.archives.get(classId)!; // known before its series
      const window = fetchWindow(archives, from, until, now);
      if (window === undefined) continue;
      positions.sort((a, b) => this.columns.sidOf(ids[a]!) - this.columns.sidOf(ids[b]!));
      const size = Math.max(GROUP_SERIES_MIN, Math.floor(GROUP_VALUES / window.count));
      for (let first = 0; first < positions.length; first += size) {
        if (first > 0) await turn();
        const group = positions.slice(first, first + size);
        this.fetchGroup(classId, window, ids, group, answers);
      }
    }
    return answers;
  }

  /** Values of gauges in the newest durable flush. */
  lastGauges(): { names: string[]; values: Float64Array } {
    const { lastFlush } = readProgress(this.environment);
    const gauges: number[] = [];
    for (let id = 0; id < this.columns.end; id++) {
      if (this.columns.has(id) && this.columns.mergeOf(id) === MERGE_LAST) gauges.push(id);
    }
    const names: string[] = [];
    const values: number[] = [];
    for (const [classId, positions] of this.byClass(gauges)) {
      positions.sort((a, b) => this.columns.sidOf(gauges[a]!) - this.columns.sidOf(gauges[b]!));
      const { step } = this.archives.get(classId)![0]!; // never empty
      const series = this.seriesOf(gauges, positions);
      const row = Math.floor(lastFlush / step);
      const found = this.read(classId, series, { archiveIndex: 0, step, firstRow: row, count: 1 });
      positions.forEach((position, i) => {
        const value = found[i]!;
        if (value !== value) return;
        names.push(this.catalogue.nameOf(gauges[position]!)!);
        values.push(value);
      });
    }
    return { names, values: Float64Array.from(values) };
  }

  private fetchGroup(
    classId: number,
    window: Window,
    ids: readonly number[],
    positions: readonly number[],
    answers: (Fetched | undefined)[],
  ): void {
    const { archiveIndex, step, firstRow, count } = window;
    const matrix = this.read(classId, this.seriesOf(ids, positions), window);
    const start = firstRow * step;
    const end = start + count * step;
    positions.forEach((position, i) => {
      const values = matrix.slice(i * count, (i + 1) * count);
      answers[position] = { start, end, step, values, archiveIndex };
    });
  }

  /** Series by series, in a snapshot taken now. */
  private read(classId: number, series: RingSeries, window: Window): Float64Array {
    const { environment } = this;
    environment.root.resetReadTxn();
    const archives = this.archives.get(classId)!; // known before its series
    const states = readClass(environment, classId)?.states ?? [];
    const source = new RecordSource(archives, states, recordsOf(environment, classId, archives));
    const { archiveIndex, firstRow, count } = window;
    const matrix = readColumns(source, archiveIndex, series, firstRow, count);
    // A snapshot kept any longer would keep the writer from using its pages again.
    environment.root.resetReadTxn();
    this.corruptRecords += source.corruptRecords;
    return matrix;
  }

  private byClass(ids: readonly number[]): Map<number, number[]> {
    const groups = new Map<number, number[]>();
    ids.forEach((id, position) => {
      if (!this.columns.has(id)) return;
      const classId = this.columns.classOf(id);
      const known = groups.get(classId);
      if (known === undefined) groups.set(classId, [position]);
      else known.push(position);
    });
    return groups;
  }

  private seriesOf(ids: readonly number[], positions: readonly number[]): RingSeries {
    const series = positions.map((position) => this.columns.get(ids[position]!));
    return {
      sids: Uint32Array.from(series, ({ sid }) => sid),
      methods: Uint8Array.from(series, ({ method }) => method),
      xFilesFactors: Float64Array.from(series, ({ xFilesFactor }) => xFilesFactor),
      borns: Uint32Array.from(series, ({ born }) => born),
    };
  }
}
