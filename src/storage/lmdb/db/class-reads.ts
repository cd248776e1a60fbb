/**
 * The records of classes as they stand in the snapshot of the moment. Every read of points begins with
 * one, and between two commits they stay as they are: a record is parsed again when its bytes changed.
 */
import type { Binary } from './database.ts';
import { type ClassKind, type ClassRecord, classKey, decodeClass } from './class-record.ts';
import { openJson } from './sealed-text.ts';

interface Known<Own> {
  key: Uint8Array;
  bytes: Uint8Array;
  record: Own | undefined;
}

export class ClassReads<Own extends ClassRecord> {
  private readonly database: { meta: Binary };
  private readonly kind: ClassKind<Own>;
  private readonly known = new Map<number, Known<Own>>();

  constructor(database: { meta: Binary }, kind: ClassKind<Own>) {
    this.database = database;
    this.kind = kind;
  }

  /** Undefined when there is none, or none that can be read. The record is everybody's. */
  get(classId: number): Readonly<Own> | undefined {
    const known = this.known.get(classId);
    const key = known?.key ?? classKey(this.kind, classId);
    const bytes = this.database.meta.get(key);
    if (bytes === undefined) return undefined;
    if (known !== undefined && Buffer.compare(known.bytes, bytes) === 0) return known.record;
    const record = decodeClass<Own>(openJson(key, bytes));
    this.known.set(classId, { key, bytes, record });
    return record;
  }
}
