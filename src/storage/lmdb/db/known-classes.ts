/**
 * The classes as `verify` reads them from their records: what rows, chunks and names are held
 * against, and what mends the records of classes in turn.
 */
import type { Archive } from '../../retention/archives.ts';
import { chunkOfRow } from '../../ring/ring.ts';
import { NO_STATE } from '../../ring/values/columns.ts';
import {
  type ClassKind,
  type ClassRecord,
  SERIES_CLASSES,
  SKETCH_CLASSES,
  type Stored,
  areArchives,
  classKey,
  decodeClass,
  storedFault,
} from './class-record.ts';
import { doubtfulJson, openJson } from './sealed-text.ts';
import { isCount, isObject } from './text.ts';

/** The classes of series and of sketches. */
export interface AllClasses {
  series: KnownClasses;
  sketches: KnownClasses;
  /** Names may have other forms than those of today: the start that brings them there is to come. */
  hasOldNames: boolean;
}

export function noClasses(): AllClasses {
  return {
    series: new KnownClasses(SERIES_CLASSES),
    sketches: new KnownClasses(SKETCH_CLASSES),
    hasOldNames: true,
  };
}

/** Of a class of either kind. */
type AnyClass = ClassRecord & Record<string, unknown>;

export class KnownClasses {
  readonly kind: ClassKind;
  /** Those whose archives can be read. */
  readonly known = new Map<number, AnyClass>();
  /** Those whose record says nothing. */
  readonly unreadable = new Set<number>();
  /** Of the known ones those with a number that is wrong: none of their numbers is trusted. */
  private readonly doubtful = new Set<number>();
  /** Of those what names, rows and chunks tell instead. */
  private readonly columnsFound = new Map<number, number>();
  private readonly rowsFound = new Map<string, number>();

  constructor(kind: ClassKind) {
    this.kind = kind;
  }

  /** The number in the key of a class; undefined when it is no class of this kind. */
  idOf(name: string): number | undefined {
    const { prefix } = this.kind;
    if (!name.startsWith(prefix)) return undefined;
    const classId = Number(name.slice(prefix.length));
    return isCount(classId) && name === prefix + String(classId) ? classId : undefined;
  }

  /** Takes one over from its record; what is wrong with it, undefined when nothing is. */
  take(classId: number, value: Uint8Array): string | undefined {
    const key = classKey(this.kind, classId);
    const whole = openJson(key, value);
    const stored = whole ?? doubtfulJson(value);
    if (!isObject(stored) || !areArchives(stored['archives'])) {
      this.unreadable.add(classId);
      if (whole === undefined) return 'its checksum is wrong';
      return 'it has no archives that can be';
    }
    const fault = whole === undefined ? 'its checksum is wrong' : storedFault(stored, this.kind);
    if (fault !== undefined) this.doubtful.add(classId);
    this.known.set(
      classId,
      fault === undefined
        ? decodeClass<AnyClass>(stored)! // its numbers are right
        : this.madeUp(stored['archives'], stored),
    );
    return fault;
  }

  archive(classId: number, archiveIndex: number): Archive | undefined {
    return this.known.get(classId)?.archives[archiveIndex];
  }

  /** Columns used so far; a doubtful class does not tell. */
  columnCount(classId: number): number {
    if (this.doubtful.has(classId)) return Infinity;
    return this.known.get(classId)?.columnCount ?? 0;
  }

  /**
   * The newest row of an archive; undefined where the class does not tell, or where the clock was
   * set back once: then rows of later times lie in the ring.
   */
  newestRow(classId: number, archiveIndex: number): number | undefined {
    if (this.doubtful.has(classId)) return undefined;
    const state = this.known.get(classId)?.states[archiveIndex];
    return state?.trustedRow === undefined ? state?.newestRow : undefined;
  }

  /** What keeps a series from having this column. */
  columnFault(classId: number, column: number): string | undefined {
    const { suffix } = this.kind;
    if (this.unreadable.has(classId)) return `class ${classId}${suffix} cannot be read`;
    if (!this.known.has(classId)) return `class ${classId}${suffix} is not there`;
    this.noteColumns(classId, column + 1);
    const count = this.columnCount(classId);
    return column < count ? undefined : `its column is ${column}, the class has ${count}`;
  }

  /** Columns below `end` are there. */
  noteColumns(classId: number, end: number): void {
    if (!this.doubtful.has(classId)) return;
    this.columnsFound.set(classId, Math.max(end, this.columnsFound.get(classId) ?? 0));
  }

  /** A row that is there and whole. */
  noteRow(classId: number, archiveIndex: number, row: number): void {
    if (!this.doubtful.has(classId)) return;
    const at = `${classId}/${archiveIndex}`;
    this.rowsFound.set(at, Math.max(row, this.rowsFound.get(at) ?? -1));
  }

  /** A class as it should be: numbers of a doubtful one from its names and rows. */
  mended(classId: number): AnyClass {
    // In the place of one that is lost, because classes are numbered without gaps.
    const found = this.known.get(classId) ?? this.madeUp([{ step: 60, points: 60 }], undefined);
    if (this.known.has(classId) && !this.doubtful.has(classId)) return found;
    const states = found.archives.map((_, index) => {
      const newestRow = this.rowsFound.get(`${classId}/${index}`) ?? -1;
      // The rows of the chunk before are in the ring still, whatever was compacted.
      const compactedUpTo = newestRow < 0 ? 0 : Math.max(0, chunkOfRow(newestRow) - 1);
      return { ...NO_STATE, newestRow, compactedUpTo };
    });
    return { ...found, columnCount: this.columnsFound.get(classId) ?? 0, states };
  }

  /** What the rows tell of the newest time. */
  newestTime(): number {
    let newest = 0;
    for (const classId of this.known.keys()) {
      const { archives, states } = this.mended(classId);
      for (const [index, { step }] of archives.entries()) {
        newest = Math.max(newest, (states[index]?.newestRow ?? 0) * step);
      }
    }
    return newest;
  }

  /** Ids that must be there: up to the highest that is known, without a gap. */
  get end(): number {
    return Math.max(-1, ...this.known.keys(), ...this.unreadable) + 1;
  }

  private madeUp(archives: Archive[], stored: Stored | undefined): AnyClass {
    return { archives, ...this.kind.own(stored), columnCount: 0, states: [] };
  }
}

/** `10s:6h` in the spelling of steps and points, which needs no table of units. */
export function formatArchive({ step, points }: Archive): string {
  return `${step} s x ${points}`;
}
