/**
 * The classes that the writer has, of series or of sketches: opened from their records, made when a
 * series comes with archives that no class has yet, and stored with each commit that changed them.
 */
import type { Archive } from '../../retention/archives.ts';
import {
  type ClassKind,
  type ClassRecord,
  type Stored,
  putClass,
  readClasses,
} from '../db/class-record.ts';
import type { Environment } from '../db/environment.ts';
import type { WriteBatch } from '../db/write-batch.ts';
import type { FreeColumns } from './free-columns.ts';

interface OpenClass {
  classId: number;
  /** Columns whose series were deleted or have gone to another class. */
  freeColumns: FreeColumns;
}

/** How the classes of a kind are opened, and what is stored of them. */
interface Opening<Record extends ClassRecord, Class extends OpenClass> {
  open(classId: number, record: Record): Class;
  recordOf(one: Class): Record;
}

/** What tells classes of the same archives apart. */
type Own<Record extends ClassRecord> = Omit<Record, keyof ClassRecord>;

export class ClassRegistry<Record extends ClassRecord, Class extends OpenClass> {
  /** By id; sparse where classes are optional. */
  readonly classes: Class[] = [];
  /** Classes whose rings or counts changed since the last commit. */
  readonly changed = new Set<Class>();
  private readonly environment: Environment;
  private readonly kind: ClassKind<Record>;
  private readonly opening: Opening<Record, Class>;
  private readonly byKey = new Map<string, Class>();
  private nextId = 0;
  private added: Class[] = [];

  constructor(environment: Environment, kind: ClassKind<Record>, opening: Opening<Record, Class>) {
    this.environment = environment;
    this.kind = kind;
    this.opening = opening;
    for (const [classId, record] of readClasses(environment, kind)) this.open(classId, record);
  }

  /** The class of these archives, made when there is none. */
  of(archives: Archive[], own: Own<Record>): Class {
    const known = this.byKey.get(keyOf(archives, own));
    if (known !== undefined) return known;
    const states = archives.map(() => this.kind.noState);
    const record = { archives, ...own, columnCount: 0, states } as unknown as Record;
    const one = this.open(this.nextId, record);
    this.added.push(one);
    return one;
  }

  /** A name is of this class: no other class may have its id, be it lost or not. */
  reserveId(classId: number): void {
    this.nextId = Math.max(this.nextId, classId + 1);
  }

  /**
   * Columns that are not marked as used are free; what they hold is hidden up to a time of their
   * class.
   */
  findFreeColumns(
    markAll: (mark: (classId: number, column: number) => void) => void,
    hiddenUntil: (one: Class) => number,
  ): void {
    const used = this.classes.map(({ freeColumns }) => new Uint8Array(freeColumns.columnCount));
    markAll((classId, column) => void (used[classId]![column] = 1));
    this.classes.forEach((one) => {
      one.freeColumns.find(used[one.classId]!, hiddenUntil(one));
    });
  }

  /** Stores what changed; the classes that are new. */
  addTo(batch: WriteBatch): Class[] {
    for (const one of this.changed) {
      putClass(batch, this.environment, this.kind, one.classId, this.opening.recordOf(one));
    }
    batch.onCommitted(() => {
      this.changed.clear();
      this.added = [];
    });
    return this.added;
  }

  private open(classId: number, record: Record): Class {
    const one = this.opening.open(classId, record);
    this.reserveId(classId);
    this.classes[classId] = one;
    this.byKey.set(keyOf(record.archives, this.kind.own(record as object as Stored)), one);
    return one;
  }
}

function keyOf(archives: readonly Archive[], own: object): string {
  const steps = archives.map(({ step, points }) => `${step}:${points}`);
  return `${steps.join(',')} ${Object.values(own).join()}`;
}
