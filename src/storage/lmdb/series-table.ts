/**
 * The writer's side of names: finds, makes and forgets series, hands out ids and places in the
 * classes' rings. Names stay in LMDB, only columns of numbers are in memory; changes wait in a Map
 * until the transaction takes them.
 */
import type { AggregationMethod, Archive } from '../retention/archives.ts';
import { methodCode } from '../archive/rollup.ts';
import { NO_STATE } from '../archive/columns.ts';
import { RingSet } from '../archive/ring-set.ts';
import { type Environment, recordsOf } from './environment.ts';
import type { NameChanges, ClassInfo } from './messages.ts';
import { type ClassMeta, putClass, readClasses } from './meta.ts';
import { SeriesColumns, packSeries } from './series-columns.ts';
import { type SeriesRecord, decodeSeries, encodeSeries, nameKey } from './series-record.ts';

export interface RingClass {
  classId: number;
  imported: boolean;
  rings: RingSet;
  /** Sids whose series were deleted. */
  freeSids: number[];
}

/** How a new series is kept. */
export interface NewSeries {
  archives: Archive[];
  aggregationMethod: AggregationMethod;
  xFilesFactor: number;
}

export class SeriesTable {
  readonly columns = new SeriesColumns();
  readonly classes: RingClass[] = [];
  count = 0;
  corruptRecords = 0;
  private readonly environment: Environment;
  private readonly freeIds: number[] = [];
  private readonly classByKey = new Map<string, RingClass>();
  /** Names changed in this transaction; undefined: removed. */
  private readonly changed = new Map<string, SeriesRecord | undefined>();
  private bornClasses: ClassInfo[] = [];
  /** Classes whose rings or counts changed in this transaction. */
  readonly changedClasses = new Set<RingClass>();

  /** Reads all names; `newest` is the newest time of any point. */
  constructor(environment: Environment, newest: number) {
    this.environment = environment;
    for (const [classId, meta] of readClasses(environment)) this.openClass(classId, meta);
    for (const { key, value } of environment.names.getRange()) {
      const found = decodeSeries(key, value);
      if (found === undefined) this.corruptRecords += 1;
      else this.adopt(found.series);
    }
    for (let id = 0; id < this.columns.end; id++) {
      if (!this.columns.has(id)) this.freeIds.push(id);
    }
    for (const one of this.classes) this.findFreeSids(one, newest);
  }

  /** The id of a canonical name, -1 when there is none. */
  find(name: string): number {
    if (this.changed.has(name)) return this.changed.get(name)?.id ?? -1;
    const key = nameKey(name);
    const bytes = this.environment.names.getBinaryFast(key);
    if (bytes === undefined) return -1;
    return decodeSeries(key, bytes)?.series.id ?? -1;
  }

  ringsOf(id: number): RingClass {
    return this.classes[this.columns.classOf(id)]!;
  }

  /** Adds a series under a canonical name that is not known. */
  create(name: string, kept: NewSeries, merge: number, imported: boolean): number {
    const ringClass = this.classOf(kept.archives, imported);
    // An import brings its history along, which a sid used before would hide.
    const recycled = imported ? undefined : ringClass.freeSids.pop();
    const { members } = ringClass.rings;
    const sid = recycled ?? members.count;
    const series: SeriesRecord = {
      id: this.freeIds.pop() ?? this.columns.end,
      classId: ringClass.classId,
      sid,
      born: recycled === undefined ? 0 : members.born(sid),
      merge,
      method: methodCode(kept.aggregationMethod),
      xFilesFactor: kept.xFilesFactor,
    };
    members.set(sid, series.method, series.xFilesFactor, series.born);
    this.columns.set(series);
    this.count += 1;
    this.changed.set(name, series);
    this.changedClasses.add(ringClass);
    return series.id;
  }

  /** Changes how values of a series are joined. */
  setMerge(name: string, id: number, merge: number): void {
    if (this.columns.mergeOf(id) === merge) return;
    const series = { ...this.columns.get(id), merge };
    this.columns.set(series);
    this.changed.set(name, series);
  }

  /** Forgets a series; its points up to `time` will not be seen again. The id, or -1. */
  remove(name: string, time: number): number {
    const id = this.find(name);
    if (id < 0) return -1;
    const ringClass = this.ringsOf(id);
    const { rings } = ringClass;
    const sid = this.columns.sidOf(id);
    rings.erase(sid);
    rings.members.hideUntil(sid, time);
    ringClass.freeSids.push(sid);
    this.columns.remove(id);
    this.freeIds.push(id);
    this.changed.set(name, undefined);
    this.changedClasses.add(ringClass);
    this.count -= 1;
    return id;
  }

  /** Puts what changed, within a transaction. */
  write(): void {
    const { names } = this.environment;
    for (const [name, series] of this.changed) {
      if (series === undefined) names.removeSync(nameKey(name));
      else names.putSync(nameKey(name), encodeSeries(name, series));
    }
    for (const { classId, imported, rings } of this.changedClasses) {
      const { archives, states, members } = rings;
      const meta = { archives: [...archives], imported, sidCount: members.count, states };
      putClass(this.environment, classId, meta);
    }
  }

  /** What was written is durable; what the reader must learn of it. */
  settle(): NameChanges | undefined {
    if (this.changed.size === 0) {
      this.changedClasses.clear();
      return undefined;
    }
    const gone: string[] = [];
    const names: string[] = [];
    const series: SeriesRecord[] = [];
    for (const [name, one] of this.changed) {
      if (one === undefined) {
        gone.push(name);
        continue;
      }
      names.push(name);
      series.push(one);
    }
    const changes = { gone, names, packed: packSeries(series), classes: this.bornClasses };
    this.changed.clear();
    this.bornClasses = [];
    this.changedClasses.clear();
    return changes;
  }

  private classOf(archives: Archive[], imported: boolean): RingClass {
    const known = this.classByKey.get(classKeyOf(archives, imported));
    if (known !== undefined) return known;
    const classId = this.classes.length;
    const states = archives.map(() => NO_STATE);
    const ringClass = this.openClass(classId, { archives, imported, sidCount: 0, states });
    this.bornClasses.push({ classId, archives });
    return ringClass;
  }

  private openClass(classId: number, meta: ClassMeta): RingClass {
    const { archives, imported, states, sidCount } = meta;
    const rings = new RingSet(archives, states, recordsOf(this.environment, classId, archives));
    if (sidCount > 0) rings.members.set(sidCount - 1, 0, 0, 0);
    const ringClass = { classId, imported, rings, freeSids: [] };
    this.classes[classId] = ringClass;
    this.classByKey.set(classKeyOf(archives, imported), ringClass);
    return ringClass;
  }

  private adopt(series: SeriesRecord): void {
    this.columns.set(series);
    this.count += 1;
    const { members } = this.classes[series.classId]!.rings;
    members.set(series.sid, series.method, series.xFilesFactor, series.born);
  }

  private findFreeSids(ringClass: RingClass, newest: number): void {
    const { members } = ringClass.rings;
    const used = new Uint8Array(members.count);
    for (let id = 0; id < this.columns.end; id++) {
      if (this.columns.has(id) && this.columns.classOf(id) === ringClass.classId) {
        used[this.columns.sidOf(id)] = 1;
      }
    }
    for (let sid = 0; sid < used.length; sid++) {
      if (used[sid] === 1) continue;
      members.hideUntil(sid, newest);
      ringClass.freeSids.push(sid);
    }
  }
}

function classKeyOf(archives: readonly Archive[], imported: boolean): string {
  const steps = archives.map(({ step, points }) => `${step}:${points}`);
  return `${steps.join(',')}${imported ? ' imported' : ''}`;
}
