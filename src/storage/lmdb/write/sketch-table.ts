/**
 * The writer's side of sketched timers and sets: finds, makes and forgets them by base name and
 * kind, hands out ids and columns in the rings of their classes. The counterpart of
 * series-table.ts.
 */
import type { SketchKind } from '../../../wire/statistics.ts';
import type { Archive } from '../../retention/archives.ts';
import type { SketchMerger } from '../../ring/sketches/sketch-merge.ts';
import { SketchRings } from '../../ring/sketches/sketch-rings.ts';
import { SKETCH_CLASSES, type SketchClassRecord } from '../db/class-record.ts';
import type { Environment } from '../db/environment.ts';
import { ringReader, ringSink, sketchDatabases } from '../db/ring-records.ts';
import {
  SKETCH_NAME_CODEC,
  type Sketched,
  type SketchedName,
  decodeSketched,
  sketchedName,
} from '../db/sketch-names.ts';
import type { WriteBatch } from '../db/write-batch.ts';
import { ClassRegistry } from './class-registry.ts';
import { FreeColumns } from './free-columns.ts';
import { IdPool } from './id-pool.ts';
import type { SketchChanges } from './messages.ts';

interface SketchClass {
  classId: number;
  rings: SketchRings;
  freeColumns: FreeColumns;
}

export class SketchTable {
  readonly registry: ClassRegistry<SketchClassRecord, SketchClass>;
  corruptRecords = 0;
  private readonly environment: Environment;
  private readonly merger: SketchMerger;
  private readonly byId: (Sketched | undefined)[] = [];
  private readonly names = new Map<SketchedName, Sketched>();
  private readonly ids: IdPool;
  /** Names changed since the last commit; undefined: removed. */
  private readonly changed = new Map<SketchedName, Sketched | undefined>();

  /** Reads all names; `newest` is the time of the newest flush. */
  constructor(environment: Environment, merger: SketchMerger, newest: number) {
    this.environment = environment;
    this.merger = merger;
    this.registry = new ClassRegistry(environment, SKETCH_CLASSES, {
      open: (classId, stored) => this.openClass(classId, stored),
      recordOf: ({ rings: { archives, kind, since, states } }) => {
        return { archives: [...archives], kind, columnCount: since.length, states };
      },
    });
    for (const { key, value } of environment.sketchNames.getRange()) {
      const one = decodeSketched(key, value);
      if (one !== undefined) this.registry.reserveId(one.classId);
      if (one === undefined || this.classOf(one) === undefined) this.corruptRecords += 1;
      else this.adopt(one);
    }
    this.ids = new IdPool(this.byId.length, (id) => this.byId[id] !== undefined);
    this.registry.findFreeColumns(
      (mark) => this.names.forEach(({ classId, column }) => mark(classId, column)),
      // The slot of `newest` as well: of a timer whose name is damaged it was not erased.
      ({ rings }) => newest + rings.archives[0]!.step,
    );
  }

  get count(): number {
    return this.names.size;
  }

  find(kind: SketchKind, name: string): Sketched | undefined {
    return this.names.get(sketchedName(kind, name));
  }

  get(id: number): Sketched | undefined {
    return this.byId[id];
  }

  classOf({ classId }: Sketched): SketchClass | undefined {
    return this.registry.classes[classId];
  }

  /** Adds a timer or set under a canonical name that is not known. */
  create(kind: SketchKind, name: string, archives: Archive[]): Sketched {
    const sketchClass = this.registry.of(archives, { kind });
    const { since } = sketchClass.rings;
    const column = sketchClass.freeColumns.take() ?? since.push(0) - 1;
    const { classId } = sketchClass;
    const one: Sketched = {
      id: this.ids.take(),
      kind,
      name,
      classId,
      column,
      since: since[column]!,
    };
    this.byId[one.id] = one;
    this.names.set(sketchedName(kind, name), one);
    this.changed.set(sketchedName(kind, name), one);
    this.registry.changed.add(sketchClass);
    return one;
  }

  /** Forgets one; what it has up to `time` will not be seen again. */
  remove(id: number, time: number): void {
    const one = this.byId[id];
    if (one === undefined) return;
    const { column, kind, name } = one;
    const sketchClass = this.classOf(one)!; // known before its timers
    sketchClass.rings.erase(column);
    sketchClass.freeColumns.recycle(column, time);
    this.byId[id] = undefined;
    this.names.delete(sketchedName(kind, name));
    this.ids.recycle(id);
    this.changed.set(sketchedName(kind, name), undefined);
    this.registry.changed.add(sketchClass);
  }

  /** Adds rings, names and classes that changed; what the reader must learn of them. */
  addTo(batch: WriteBatch): Omit<SketchChanges, 'links'> {
    for (const sketchClass of this.registry.changed) this.addRings(batch, sketchClass);
    const classes = this.registry.addTo(batch).map(({ classId, rings: { archives, kind } }) => {
      return { classId, archives: [...archives], kind };
    });
    batch.putChanges(this.environment.sketchNames, SKETCH_NAME_CODEC, this.changed);
    const known = [...this.changed.values()].filter((one) => one !== undefined);
    return { names: [...this.changed.keys()], known, classes };
  }

  private addRings(batch: WriteBatch, { classId, rings }: SketchClass): void {
    rings.drain(ringSink(batch, sketchDatabases(this.environment), classId, rings.archives));
    batch.onCommitted(() => rings.onCommitted());
  }

  private openClass(classId: number, stored: SketchClassRecord): SketchClass {
    const databases = sketchDatabases(this.environment);
    const records = ringReader(databases, classId, stored.archives);
    const rings = new SketchRings(stored, records, this.merger);
    const { since } = rings;
    for (let column = 0; column < stored.columnCount; column++) since.push(0);
    const freeColumns = new FreeColumns({
      get count() {
        return since.length;
      },
      since: (column) => since[column]!,
      hideUntil: (column, time) => void (since[column] = time),
    });
    return { classId, rings, freeColumns };
  }

  private adopt(one: Sketched): void {
    this.byId[one.id] = one;
    this.names.set(sketchedName(one.kind, one.name), one);
    const { since } = this.classOf(one)!.rings; // checked by the caller
    while (since.length <= one.column) since.push(0);
    since[one.column] = one.since;
  }
}
