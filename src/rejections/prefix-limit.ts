/**
 * How many names stand below one prefix and how long they are, so that one prefix cannot take the room
 * of all. A prefix is
 * the first nodes of a dotted name, at most all but its last; what stands after a semicolon (tags)
 * is no part of it. Where hardly two names share a prefix, because something that varies stands in
 * its first nodes, the prefix above counts them together: below one node, so many are told apart.
 *
 *     app.checkout.request.4711     counts for app.checkout (2 nodes)
 *     app.7f3a….latency             counts for app, once app has 10,000 others below it
 *     hits                          counts for the empty prefix
 *
 * Names are told by the caller's ids, small dense numbers. Asking and counting allocate nothing
 * but when a prefix is new.
 */
import { grown } from '../lib/grown.ts';

export interface PrefixOptions {
  /** Nodes of a prefix, 1 or more. */
  nodes: number;
  /** Names that one prefix may have. */
  limit: number;
  /** Bytes that names may take: those of one prefix, and all. Without it their length is free. */
  bytes?: { prefix: number; all: number };
  /** Starts of names that are no part of the prefix, with their dots: `stats.timers.`. */
  skipped?: readonly string[];
  /** Seeds the hash. */
  secret: number;
}

/** Answers of `obstacle`: there is room, or what is full. */
export const ROOM = 0;
export const FULL_NAMES = 1;
export const FULL_BYTES = 2;
export const FULL_ALL_BYTES = 3;

/** Names of usual depth count by their bytes alone; of deeper ones each further node costs as well. */
const USUAL_NODES = 10;
const NODE_BYTES = 32;

/** Prefixes below one node that are told apart. */
export const CHILDREN_MAX = 10_000;

const ROOT = 0;
const NONE = -1;
const DOT = 0x2e;
const SEMICOLON = 0x3b;

export class PrefixLimit {
  /** May be changed at any time: names that are there already stay. */
  limit: number;
  private readonly nodes: number;
  private readonly bytes: { prefix: number; all: number };
  private readonly secret: number;
  private readonly skipped: Uint8Array[];
  /** Hash of a prefix to its entry. Two prefixes of one hash (1 in 4 billion) share their budget. */
  private readonly entries = new Map<number, number>();
  private hashes = new Int32Array(64);
  private names = new Int32Array(64);
  private nameBytes = new Float64Array(64);
  private allBytes = 0;
  private children = new Int32Array(64);
  private parents = new Int32Array(64).fill(NONE);
  private used = 1;
  private readonly free: number[] = [];
  /** Entry of each id, plus 1. */
  private entryOfId = new Int32Array(1024);
  private bytesOf = new Int32Array(1024);
  /** Of the last walk: whether an entry has to be made below the one it found, and its hash. */
  private missing = 0;
  private hasMissing = false;
  /** What `obstacle` found last: the name's entry and its size. */
  private found = ROOT;
  private foundSize = 0;
  /** Of the last walk: where the prefix ends. */
  private end = 0;

  constructor(options: PrefixOptions) {
    this.nodes = options.nodes;
    this.limit = options.limit;
    this.bytes = options.bytes ?? { prefix: Infinity, all: Infinity };
    this.secret = options.secret | 0;
    const encoder = new TextEncoder();
    this.skipped = [...(options.skipped ?? [])]
      .sort((a, b) => b.length - a.length)
      .map((text) => encoder.encode(text));
  }

  /** What stands in the way of one more name, bytes[from, to); ROOM when nothing does. */
  obstacle(bytes: Uint8Array, from: number, to: number): number {
    const size = sizeOf(bytes, from, to);
    const entry = this.walk(bytes, from, to);
    this.found = entry;
    this.foundSize = size;
    if (this.allBytes + size > this.bytes.all) return FULL_ALL_BYTES;
    // A prefix that is not there yet has no names.
    const isNew = this.hasMissing;
    if (!isNew && this.names[entry]! >= this.limit) return FULL_NAMES;
    return (isNew ? 0 : this.nameBytes[entry]!) + size > this.bytes.prefix ? FULL_BYTES : ROOM;
  }

  /** Counts a name, whatever the limit says. An id stands for one name at a time. */
  add(id: number, bytes: Uint8Array, from: number, to: number): void {
    this.obstacle(bytes, from, to);
    this.addLast(id, bytes, from, to);
  }

  /** Counts the name that `obstacle` was asked of last; these are its bytes. */
  addLast(id: number, bytes: Uint8Array, from: number, to: number): void {
    let entry = this.found;
    const size = this.foundSize;
    while (this.hasMissing) {
      this.make(entry, this.missing);
      entry = this.walk(bytes, from, to);
    }
    this.names[entry]! += 1;
    this.nameBytes[entry]! += size;
    this.allBytes += size;
    if (id >= this.entryOfId.length) {
      const length = Math.max(id + 1, 2 * this.entryOfId.length);
      this.entryOfId = grown(this.entryOfId, new Int32Array(length));
      this.bytesOf = grown(this.bytesOf, new Int32Array(length));
    }
    this.entryOfId[id] = entry + 1;
    this.bytesOf[id] = size;
  }

  /** The name of this id is gone. */
  remove(id: number): void {
    if (id >= this.entryOfId.length || this.entryOfId[id] === 0) return;
    const entry = this.entryOfId[id]! - 1;
    this.entryOfId[id] = 0;
    this.names[entry]! -= 1;
    this.nameBytes[entry]! -= this.bytesOf[id]!;
    this.allBytes -= this.bytesOf[id]!;
    this.release(entry);
  }

  /** A small number that all names of one prefix share; 0 for those without. */
  entryOf(id: number): number {
    return id < this.entryOfId.length ? Math.max(0, this.entryOfId[id]! - 1) : 0;
  }

  namesOf(entry: number): number {
    return this.names[entry]!;
  }

  /** Where the prefix of a name that was added ends. */
  endIn(name: Uint8Array): number {
    this.walk(name, 0, name.length);
    return this.end;
  }

  /** The deepest entry on the way to the prefix; `missing` is the one that would have to be made. */
  private walk(bytes: Uint8Array, from: number, to: number): number {
    let entry = ROOT;
    let hash = this.secret;
    let depth = 0;
    this.hasMissing = false;
    this.end = from;
    for (let at = this.start(bytes, from, to); at < to; at++) {
      const byte = bytes[at]!;
      if (byte === SEMICOLON) break;
      hash = Math.imul(hash ^ byte, 0x01000193);
      if (byte !== DOT) continue;
      depth += 1;
      const key = mixed(hash, this.secret);
      const next = this.entries.get(key);
      if (next === undefined) {
        this.hasMissing = this.children[entry]! < CHILDREN_MAX;
        this.missing = key;
        break;
      }
      entry = next;
      this.end = at;
      if (depth === this.nodes) break;
    }
    return entry;
  }

  private start(bytes: Uint8Array, from: number, to: number): number {
    for (const one of this.skipped) {
      if (to - from <= one.length) continue;
      let i = 0;
      while (i < one.length && bytes[from + i] === one[i]) i += 1;
      if (i === one.length) return from + i;
    }
    return from;
  }

  private make(parent: number, hash: number): void {
    const entry = this.free.pop() ?? this.used++;
    if (entry >= this.hashes.length) {
      const size = this.hashes.length * 2;
      this.hashes = grown(this.hashes, new Int32Array(size));
      this.names = grown(this.names, new Int32Array(size));
      this.nameBytes = grown(this.nameBytes, new Float64Array(size));
      this.children = grown(this.children, new Int32Array(size));
      this.parents = grown(this.parents, new Int32Array(size));
    }
    this.hashes[entry] = hash;
    this.names[entry] = 0;
    this.nameBytes[entry] = 0;
    this.children[entry] = 0;
    this.parents[entry] = parent;
    this.children[parent]! += 1;
    this.entries.set(hash, entry);
  }

  /** Forgets prefixes below which nothing is left. */
  private release(from: number): void {
    let entry = from;
    while (entry !== ROOT && this.names[entry] === 0 && this.children[entry] === 0) {
      const parent = this.parents[entry]!;
      this.entries.delete(this.hashes[entry]!);
      this.free.push(entry);
      this.children[parent]! -= 1;
      entry = parent;
    }
  }
}

/** Bytes that a name counts for. */
function sizeOf(bytes: Uint8Array, from: number, to: number): number {
  let nodes = 1;
  for (let at = from; at < to; at++) if (bytes[at] === DOT) nodes += 1;
  return to - from + Math.max(0, nodes - USUAL_NODES) * NODE_BYTES;
}

/** FNV's low bits know little of the first bytes; this spreads them. */
function mixed(hash: number, secret: number): number {
  let h = Math.imul(hash ^ (hash >>> 16) ^ secret, 0x2c1b3c6d);
  h = Math.imul(h ^ (h >>> 13), 0x297a2d39);
  return h ^ (h >>> 16);
}
