/**
 * The writer's side of sketched timers and sets: finds, makes and forgets them by base name and
 * kind, hands out ids and places in the rings of their classes. The counterpart of series-table.ts.
 */
import type { SketchKind } from '../../../wire/statistics.ts';
import { NO_SKETCH_STATE } from '../../ring/sketches/sketch-columns.ts';
import type { SketchMerger } from '../../ring/sketches/sketch-merge.ts';
import { SketchRings } from '../../ring/sketches/sketch-rings.ts';
import type { Archive } from '../../retention/archives.ts';
import type { Environment } from '../db/environment.ts';
import type { SketchClassInfo } from './messages.ts';
import {
  type SketchClassMeta,
  putSketchClass,
  readSketchClasses,
  sketchRecordsOf,
} from '../db/sketch-environment.ts';
import { type Sketched, decodeSketched, encodeSketched, sketchedKey } from '../db/sketch-names.ts';

export interface SketchClass {
  classId: number;
  rings: SketchRings;
  /** Columns whose timers were deleted. */
  freeColumns: number[];
}

interface Entry {
  name: string;
  one: Sketched;
}

export class SketchTable {
  readonly classes = new Map<number, SketchClass>();
  corruptRecords = 0;
  private readonly environment: Environment;
  private readonly merger: SketchMerger;
  private readonly byId: (Entry | undefined)[] = [];
  /** By kind: name to id. */
  private readonly ids: readonly Map<string, number>[] = [new Map(), new Map()];
  private readonly freeIds: number[] = [];
  private nextClass: number;
  private readonly classByKey = new Map<string, SketchClass>();
  private changed: Entry[] = [];
  private gone: Entry[] = [];
  private bornClasses: SketchClassInfo[] = [];
  /** Classes whose rings or counts changed in this transaction. */
  readonly changedClasses = new Set<SketchClass>();

  /** Reads all names; `newest` is the time of the newest flush. */
  constructor(environment: Environment, merger: SketchMerger, newest: number) {
    this.environment = environment;
    this.merger = merger;
    for (const [classId, meta] of readSketchClasses(environment)) this.openClass(classId, meta);
    this.nextClass = Math.max(-1, ...this.classes.keys()) + 1;
    for (const { key, value } of environment.sketchNames.getRange()) {
      const found = decodeSketched(key, value);
      if (found !== undefined) this.nextClass = Math.max(this.nextClass, found.one.classId + 1);
      if (found === undefined || !this.classes.has(found.one.classId)) this.corruptRecords += 1;
      else this.adopt(found);
    }
    for (let id = 0; id < this.byId.length; id++) {
      if (this.byId[id] === undefined) this.freeIds.push(id);
    }
    for (const one of this.classes.values()) this.findFreeColumns(one, newest);
  }

  get count(): number {
    return this.ids[0]!.size + this.ids[1]!.size; // two kinds
  }

  find(kind: SketchKind, name: string): Sketched | undefined {
    const id = this.ids[kind]!.get(name);
    return id === undefined ? undefined : this.get(id);
  }

  get(id: number): Sketched | undefined {
    return this.byId[id]?.one;
  }

  /** Adds a timer or set under a canonical name that is not known. */
  create(kind: SketchKind, name: string, archives: Archive[]): Sketched {
    const sketchClass = this.classOf(archives, kind);
    const { borns } = sketchClass.rings;
    const recycled = sketchClass.freeColumns.pop();
    const column = recycled ?? borns.push(0) - 1;
    const one: Sketched = {
      id: this.freeIds.pop() ?? this.byId.length,
      kind,
      classId: sketchClass.classId,
      column,
      born: borns[column]!,
    };
    const entry = { name, one };
    this.byId[one.id] = entry;
    this.ids[kind]!.set(name, one.id);
    this.changed.push(entry);
    this.changedClasses.add(sketchClass);
    return one;
  }

  /** Forgets one; what it has up to `time` will not be seen again. */
  remove(id: number, time: number): void {
    const entry = this.byId[id];
    if (entry === undefined) return;
    const { classId, column, kind } = entry.one;
    const sketchClass = this.classes.get(classId)!; // known before its timers
    sketchClass.rings.erase(column);
    sketchClass.rings.borns[column] = time;
    sketchClass.freeColumns.push(column);
    this.byId[id] = undefined;
    this.ids[kind]!.delete(entry.name);
    this.freeIds.push(id);
    this.gone.push(entry);
    this.changedClasses.add(sketchClass);
  }

  /** Puts what changed, within a transaction. */
  write(): void {
    const { sketchNames } = this.environment;
    for (const { name, one } of this.gone) {
      if (this.find(one.kind, name) === undefined) {
        sketchNames.removeSync(sketchedKey(one.kind, name));
      }
    }
    for (const entry of this.changed) {
      const { name, one } = entry;
      if (this.byId[one.id] !== entry) continue;
      sketchNames.putSync(sketchedKey(one.kind, name), encodeSketched(name, one));
    }
    for (const { classId, rings } of this.changedClasses) {
      const { archives, states, kind, borns } = rings;
      const meta = { archives: [...archives], kind, sidCount: borns.length, states };
      putSketchClass(this.environment, classId, meta);
    }
  }

  /** What was written is durable; what the reader must learn of it. */
  settle(): { gone: number[]; born: Entry[]; classes: SketchClassInfo[] } {
    const born = this.changed.filter((entry) => this.byId[entry.one.id] === entry);
    const gone = this.gone.map(({ one }) => one.id);
    const classes = this.bornClasses;
    this.changed = [];
    this.gone = [];
    this.bornClasses = [];
    this.changedClasses.clear();
    return { gone, born, classes };
  }

  private classOf(archives: Archive[], kind: SketchKind): SketchClass {
    const known = this.classByKey.get(classKeyOf(archives, kind));
    if (known !== undefined) return known;
    const classId = this.nextClass++;
    const states = archives.map(() => NO_SKETCH_STATE);
    const sketchClass = this.openClass(classId, { archives, kind, sidCount: 0, states });
    this.bornClasses.push({ classId, archives, kind });
    return sketchClass;
  }

  private openClass(classId: number, meta: SketchClassMeta): SketchClass {
    const records = sketchRecordsOf(this.environment, classId, meta.archives);
    const rings = new SketchRings(meta, records, this.merger);
    for (let column = 0; column < meta.sidCount; column++) rings.borns.push(0);
    const sketchClass = { classId, rings, freeColumns: [] };
    this.classes.set(classId, sketchClass);
    this.classByKey.set(classKeyOf(meta.archives, meta.kind), sketchClass);
    return sketchClass;
  }

  private adopt(entry: Entry): void {
    const { one, name } = entry;
    this.byId[one.id] = entry;
    this.ids[one.kind]!.set(name, one.id);
    const { borns } = this.classes.get(one.classId)!.rings; // checked by the caller
    while (borns.length <= one.column) borns.push(0);
    borns[one.column] = one.born;
  }

  private findFreeColumns({ classId, rings, freeColumns }: SketchClass, newest: number): void {
    const used = new Set<number>();
    for (const entry of this.byId) if (entry?.one.classId === classId) used.add(entry.one.column);
    for (let column = 0; column < rings.borns.length; column++) {
      if (used.has(column)) continue;
      // The slot of `newest` as well: of a timer whose name is damaged it was not erased.
      rings.borns[column] = newest + rings.archives[0]!.step;
      freeColumns.push(column);
    }
  }
}

function classKeyOf(archives: readonly Archive[], kind: SketchKind): string {
  return [kind, ...archives.map(({ step, points }) => `${step}:${points}`)].join(',');
}
