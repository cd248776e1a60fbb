/**
 * Database `sname`: what is known of a sketched timer or set, under its kind and name (FORMAT.md,
 * "Sketched timer or set"), little-endian:
 *
 *     kind u8 | name, or 0xff and its SHA-256  →  id u32 | class u16 | column u32 | since u32
 *                                                 length u32 | the name, when hashed | crc32 u32
 */
import { SKETCH_TIMER, type SketchKind } from '../../../wire/statistics.ts';
import { isWhole, putChecksum } from './record-bytes.ts';
import type { RecordCodec } from './database.ts';
import type { Check, DatabaseSpec } from './database-spec.ts';
import type { AllClasses, KnownClasses } from './known-classes.ts';
import { OwnedColumns } from './owned-columns.ts';
import { formFault, isHashed, nameKey } from './series-names.ts';
import { shown, textOf } from './text.ts';

const NAME_BYTES = 18;

/** A timer or set, and its column in the rings of its class. */
export interface Sketched {
  id: number;
  kind: SketchKind;
  /** Canonical. */
  name: string;
  classId: number;
  column: number;
  /** Slots that end at or before this time are another one's. */
  since: number;
}

export const SKETCH_NAMES: DatabaseSpec = {
  name: 'sname',
  check: (classes) => new SketchNameCheck(classes),
};

export function sketchedKey(kind: SketchKind, name: string): Uint8Array {
  return Buffer.concat([Uint8Array.of(kind), nameKey(name)]);
}

/** A kind, as one character, and a name: what the key is made of. */
export type SketchedName = string;

export function sketchedName(kind: SketchKind, name: string): SketchedName {
  return String.fromCharCode(kind) + name;
}

export function readSketchedName(name: SketchedName): { kind: SketchKind; name: string } {
  return { kind: name.charCodeAt(0) as SketchKind, name: name.slice(1) };
}

export const SKETCH_NAME_CODEC: RecordCodec<SketchedName, Sketched> = {
  key(sketched) {
    const { kind, name } = readSketchedName(sketched);
    return sketchedKey(kind, name);
  },
  encode: (_name, one) => encodeSketched(one),
};

export function encodeSketched({ name, ...one }: Sketched): Uint8Array {
  const key = sketchedKey(one.kind, name);
  const tail = isHashed(key.subarray(1)) ? Buffer.from(name) : Buffer.alloc(0);
  const bytes = new Uint8Array(NAME_BYTES + tail.length + 4);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, one.id, true);
  view.setUint16(4, one.classId, true);
  view.setUint32(6, one.column, true);
  view.setUint32(10, one.since, true);
  view.setUint32(14, tail.length, true);
  bytes.set(tail, NAME_BYTES);
  putChecksum(key, bytes, view);
  return bytes;
}

/** Undefined when the record is damaged; of the bytes only `length` is to be trusted. */
export function decodeSketched(key: Uint8Array, bytes: Uint8Array): Sketched | undefined {
  if (bytes.length < NAME_BYTES + 4 || key.length < 2 || !isWhole(key, bytes)) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const kind = key[0]!;
  if (kind > 1) return undefined;
  const own = key.subarray(1);
  const source = isHashed(own) ? bytes.subarray(NAME_BYTES, bytes.length - 4) : own;
  return {
    id: view.getUint32(0, true),
    kind: kind as SketchKind,
    name: Buffer.from(source).toString('utf8'),
    classId: view.getUint16(4, true),
    column: view.getUint32(6, true),
    since: view.getUint32(10, true),
  };
}

class SketchNameCheck implements Check {
  private readonly classes: KnownClasses;
  private readonly all: AllClasses;
  private readonly owned = new OwnedColumns("another one's");

  constructor(all: AllClasses) {
    this.all = all;
    this.classes = all.sketches;
  }

  where(key: Uint8Array): string {
    const kind = key[0] === SKETCH_TIMER ? 'timer' : 'set';
    return `${kind} ${shown(textOf(key.subarray(1)) ?? Buffer.from(key).toString('hex'))}`;
  }

  fault(key: Uint8Array, value: Uint8Array): string | undefined {
    const one = decodeSketched(key, value);
    if (one === undefined) return `its checksum is wrong (${value.length} bytes)`;
    const { name } = one;
    if (Buffer.compare(sketchedKey(one.kind, name), key) !== 0) {
      return `its record is that of ${shown(name)}`;
    }
    const fault = this.all.hasOldNames ? undefined : formFault(name);
    if (fault !== undefined) return fault;
    return this.classes.columnFault(one.classId, one.column) ?? this.owned.take(one);
  }

  loss(): string {
    return 'the timer or set with all its sketches; its series stay';
  }
}
