/** A database as LMDB has it: bytes under bytes, in the order of the keys. */
import type { Database, RootDatabase } from 'lmdb';

export type Binary = Database<Uint8Array, Uint8Array>;
export type Root = RootDatabase<Uint8Array, Uint8Array>;

/** Bytes of a key, and of what is stored under it. */
export interface RecordCodec<Key, Value> {
  key(key: Key): Uint8Array;
  encode(key: Key, value: Value): Uint8Array;
}
