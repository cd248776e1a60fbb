/**
 * What LMDB keeps of a sketched timer or set under its name, and of a series that is one of its
 * statistics (ring/FORMAT.md, "Sketches"). Little-endian but in keys:
 *
 *     kind u8 | name, or 0xff and its SHA-256  →  id u32 | class u16 | column u32 | born u32
 *                                                 length u32 | the name, when hashed | crc32 u32
 *     series u32 (big-endian)                  →  timer u32 | statistic u8 | argument f64 | crc32 u32
 */
import { crc32 } from 'node:zlib';
import type { SketchKind } from '../../../wire/statistics.ts';
import { nameKey } from './series-record.ts';

const NAME_BYTES = 18;
const HASHED = 0xff;
const LINK_BYTES = 17;

/** A timer or set, and its place in the rings of its class. */
export interface Sketched {
  id: number;
  kind: SketchKind;
  classId: number;
  column: number;
  /** Slots that end at or before this time are another one's. */
  born: number;
}

/** A series that is a statistic of a timer or set. */
export interface TimerLink {
  /** Id of the timer or set. */
  timer: number;
  stat: number;
  argument: number;
}

export function sketchedKey(kind: SketchKind, name: string): Uint8Array {
  return Buffer.concat([Uint8Array.of(kind), nameKey(name)]);
}

export function encodeSketched(name: string, one: Sketched): Uint8Array {
  const tail = nameKey(name)[0] === HASHED ? Buffer.from(name) : Buffer.alloc(0);
  const bytes = new Uint8Array(NAME_BYTES + tail.length + 4);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, one.id, true);
  view.setUint16(4, one.classId, true);
  view.setUint32(6, one.column, true);
  view.setUint32(10, one.born, true);
  view.setUint32(14, tail.length, true);
  bytes.set(tail, NAME_BYTES);
  putChecksum(bytes, view);
  return bytes;
}

/** Undefined when the record is damaged; of the bytes only `length` is to be trusted. */
export function decodeSketched(
  key: Uint8Array,
  bytes: Uint8Array,
): { name: string; one: Sketched } | undefined {
  if (bytes.length < NAME_BYTES + 4 || key.length < 2 || !isWhole(bytes)) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const kind = key[0]!;
  if (kind > 1) return undefined;
  const one: Sketched = {
    id: view.getUint32(0, true),
    kind: kind as SketchKind,
    classId: view.getUint16(4, true),
    column: view.getUint32(6, true),
    born: view.getUint32(10, true),
  };
  const hashed = key[1] === HASHED;
  const source = hashed ? bytes.subarray(NAME_BYTES, bytes.length - 4) : key.subarray(1);
  return { name: Buffer.from(source).toString('utf8'), one };
}

export function linkKey(series: number): Uint8Array {
  const key = new Uint8Array(4);
  new DataView(key.buffer).setUint32(0, series);
  return key;
}

export function encodeLink(link: TimerLink): Uint8Array {
  const bytes = new Uint8Array(LINK_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, link.timer, true);
  view.setUint8(4, link.stat);
  view.setFloat64(5, link.argument, true);
  putChecksum(bytes, view);
  return bytes;
}

/** Undefined when the record is damaged. */
export function decodeLink(
  key: Uint8Array,
  bytes: Uint8Array,
): { series: number; link: TimerLink } | undefined {
  if (bytes.length !== LINK_BYTES || key.length !== 4 || !isWhole(bytes)) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const link = {
    timer: view.getUint32(0, true),
    stat: view.getUint8(4),
    argument: view.getFloat64(5, true),
  };
  return { series: new DataView(key.buffer, key.byteOffset).getUint32(0), link };
}

function putChecksum(bytes: Uint8Array, view: DataView): void {
  const end = bytes.length - 4;
  view.setUint32(end, crc32(bytes.subarray(0, end)), true);
}

function isWhole(bytes: Uint8Array): boolean {
  const end = bytes.length - 4;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return crc32(bytes.subarray(0, end)) === view.getUint32(end, true);
}
