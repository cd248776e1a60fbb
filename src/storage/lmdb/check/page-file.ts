/**
 * Reads LMDB's file page by page, without LMDB: a damaged page makes the library abort the process
 * or touch memory past the end of the file (SIGBUS), here it is one sentence. For `verify` and for
 * salvage on a store that nobody has open. Format: liblmdb's mdb.c (data version 2, of lmdb-js).
 *
 *     meta page   header 24 | magic u32 | version u32 | address u64 | map size u64
 *                 | free pages: tree 48 | main: tree 48 | last page u64 | transaction u64
 *     tree        page size u32 | flags u16 | depth u16 | 3 x page counts u64 | entries u64 | root u64
 *     page        number u64 | transaction u64 | pad u16 | flags u16 | lower u16, upper u16
 *                 | offset u16 a node …            an overflow page has its page count u32 there
 *     branch node page number u16 x 3 (low first) | key length u16 | key
 *     leaf node   data length u32 | flags u16 | key length u16 | key
 *                 | data, or for a long one its page number u64, transaction u64, page count u64
 */
import fs from 'node:fs';
import { UserError } from '../../../lib/errors.ts';
import { readFreeRecord } from './free-list.ts';
import {
  BIG_DATA,
  childOf,
  countOf,
  type Expected,
  keyOf,
  META,
  nodeAt,
  OVERFLOW,
  PAGE_HEADER,
  pageFault,
  readTree,
  type Span,
  TREE_BYTES,
  type Tree,
  treeFault,
  type TreeKind,
} from './page-shape.ts';

const META_BYTES = PAGE_HEADER + 24 + 2 * TREE_BYTES + 16;
const MAGIC = 0xbeefc0de;
const DATA_VERSION = 2;

/** What the tree of free pages is called in faults. */
export const FREE = 'free pages';
const LIST = 'the list of databases';
const HEAD = 'the head';

interface Meta {
  free: Tree;
  main: Tree;
  lastPage: number;
  transaction: bigint;
}

/** Part of a tree that cannot be read: keys from `from` (all from the start) up to `to` (to the end). */
export interface LostPages {
  database: string;
  page: number;
  what: string;
  from: Uint8Array | undefined;
  to: Uint8Array | undefined;
}

/** What a walk met of a tree. */
interface Counts {
  branchPages: number;
  leafPages: number;
  overflowPages: number;
  entries: number;
}

interface Walk {
  database: string;
  kind: TreeKind;
  counts: Counts;
  /** Every page into a buffer of its own, for those who keep what they get. */
  keeps: boolean;
}

interface LeafPage {
  page: number;
  bytes: Buffer;
}

type Lose = (what: string) => undefined;

export class PageFile {
  readonly bytes: number;
  private readonly fd: number;
  private readonly meta: Meta;
  private readonly pageBytes: number;
  private readonly trees = new Map<string, Tree>();
  private readonly counts = new Map<string, Counts>();
  /** A bit a page. */
  private readonly visited: Uint8Array;
  /** As `visited`, of those that are listed as free. */
  private readonly free: Uint8Array;
  private freeCount = 0;
  private readonly lost: LostPages[] = [];
  /** By level above the leaves, for walks that keep nothing. */
  private readonly buffers: (Buffer<ArrayBuffer> | undefined)[] = [];

  /** Throws `badFile` with one sentence where the file's head cannot be made sense of. */
  constructor(file: string) {
    this.fd = openFile(file);
    try {
      this.bytes = fs.fstatSync(this.fd).size;
      this.meta = newestMeta(this.fd, file, this.bytes, (page, what) =>
        this.lose(HEAD, page, what),
      );
      this.pageBytes = this.meta.free.pad;
      this.visited = new Uint8Array((Math.ceil(this.bytes / this.pageBytes) >> 3) + 1);
      this.free = new Uint8Array(this.visited.length);
      this.readList();
    } catch (error) {
      fs.closeSync(this.fd);
      throw error;
    }
  }

  close(): void {
    fs.closeSync(this.fd);
  }

  databases(): string[] {
    return [...this.trees.keys()];
  }

  /** Those that the walks met, in order. */
  usedPages(): number[] {
    const pages: number[] = [];
    for (let page = 2; page <= this.meta.lastPage; page++) {
      if ((((this.visited[page >> 3] ?? 0) >> (page & 7)) & 1) === 1) pages.push(page);
    }
    return pages;
  }

  /** Records that the tree says it has. */
  entries(database: string): number {
    return this.trees.get(database)?.entries ?? 0;
  }

  /** What could not be read so far; grows with the walks. */
  lostPages(): readonly LostPages[] {
    return this.lost;
  }

  /** The records that can be read, in the order of the file; each array is the reader's own. */
  *records(database: string): Generator<{ key: Uint8Array; value: Uint8Array }> {
    const tree = this.trees.get(database);
    if (tree === undefined) return;
    for (const leaf of this.leaves(database, 'named', tree, true)) {
      yield* this.recordsOf(database, leaf);
    }
  }

  /** What a tree says of its pages that is not so; undefined before a walk of all of them. */
  countFault(database: string): string | undefined {
    const [tree, counts] = [this.trees.get(database), this.counts.get(database)];
    if (tree === undefined || counts === undefined) return undefined;
    for (const what of ['branchPages', 'leafPages', 'overflowPages'] as const) {
      const word = what.replace('Pages', ' pages');
      if (tree[what] !== counts[what]) {
        return `it says it has ${tree[what]} ${word}, and has ${counts[what]}`;
      }
    }
    return undefined;
  }

  /** Walks the tree of free pages, whose records say nothing to anybody but LMDB. */
  walkFree(): void {
    for (const leaf of this.leaves(FREE, 'free', this.meta.free, true)) {
      for (const { value } of this.recordsOf(FREE, leaf)) {
        const runs = readFreeRecord(Buffer.from(value), this.meta.lastPage);
        if (typeof runs === 'string') this.lose(FREE, leaf.page, `a record of it is none: ${runs}`);
        else for (const { page, length } of runs) this.markFree(page, length);
      }
    }
  }

  /** After all walks: no page may be both free and in use. */
  checkFree(): void {
    const { free, visited, lost } = this;
    for (let i = 0; i < free.length; i++) {
      const both = free[i]! & visited[i]!;
      for (let bit = 0; both >> bit !== 0; bit++) {
        if (((both >> bit) & 1) === 0) continue;
        this.lose(FREE, i * 8 + bit, 'it is in use and listed as free');
      }
    }
    // The file may end before its last pages where these are free.
    const missing = this.meta.lastPage + 1 - Math.ceil(this.bytes / this.pageBytes);
    if (missing > this.freeCount && lost.length === 0) {
      this.lose(HEAD, this.meta.lastPage, `it should be the last one, the file ends before`);
    }
  }

  /** Walks the pages of all trees without a look at their records: what LMDB relies on. */
  walkTrees(): void {
    this.walkFree();
    for (const [database, tree] of this.trees) {
      for (const { page, bytes } of this.leaves(database, 'named', tree, false)) {
        for (let i = 0; i < countOf(bytes); i++) {
          const at = nodeAt(bytes, i);
          if ((bytes.readUInt16LE(at + 4) & BIG_DATA) === 0) continue;
          const lose = (what: string): undefined => this.lose(database, page, what);
          this.overflowAt(database, bytes, at, lose);
        }
      }
      const { entries } = this.counts.get(database)!; // of the walk
      if (entries === tree.entries || this.lost.length > 0) continue;
      const what = `the database has ${entries} records, expected ${tree.entries}`;
      this.lose(database, tree.root, what);
    }
    this.checkFree();
  }

  private lose(
    database: string,
    page: number,
    what: string,
    from?: Uint8Array,
    to?: Uint8Array,
  ): undefined {
    this.lost.push({ database, page, what, from, to });
  }

  private readList(): void {
    for (const leaf of this.leaves(LIST, 'main', this.meta.main, true)) {
      for (const { key, value } of this.recordsOf(LIST, leaf)) {
        const tree = readTree(value, 0);
        const name = Buffer.from(key).toString('utf8').replace(/\0$/, '');
        this.trees.set(name, tree);
      }
    }
    const expected = this.meta.main.entries;
    if (this.trees.size === expected || this.lost.length > 0) return;
    this.lose(LIST, this.meta.main.root, `it has ${this.trees.size}, expected ${expected}`);
  }

  private markFree(page: number, length: number): void {
    this.freeCount += length;
    for (let next = page; next < page + length; next++) {
      const at = next >> 3;
      if (at >= this.free.length) return; // past the end of the file
      const bit = 1 << (next & 7);
      if ((this.free[at]! & bit) !== 0) this.lose(FREE, next, 'it is listed as free twice');
      this.free[at]! |= bit;
    }
  }

  private *leaves(
    database: string,
    kind: TreeKind,
    tree: Tree,
    keeps: boolean,
  ): Generator<LeafPage> {
    const counts = { branchPages: 0, leafPages: 0, overflowPages: 0, entries: 0 };
    this.counts.set(database, counts);
    const fault = treeFault(kind, tree);
    if (fault !== undefined) return this.lose(database, tree.root, fault);
    if (tree.root < 0) return;
    const { transaction } = this.meta;
    const expected = { kind, depth: tree.depth, transaction, from: undefined, to: undefined };
    yield* this.pagesUnder({ database, kind, counts, keeps }, tree.root, expected);
  }

  private *pagesUnder(walk: Walk, page: number, expected: Expected): Generator<LeafPage> {
    const { depth, from, to } = expected;
    const lose = (what: string): undefined =>
      this.lose(walk.database, page, what, copyOf(from), copyOf(to));
    const buffer = walk.keeps
      ? Buffer.alloc(this.pageBytes)
      : (this.buffers[depth] ??= Buffer.alloc(this.pageBytes));
    const bytes = this.readPage(page, lose, buffer);
    if (bytes === undefined) return;
    const fault = pageFault(bytes, expected);
    if (fault !== undefined) return lose(fault);
    const count = countOf(bytes);
    if (depth === 1) {
      walk.counts.leafPages += 1;
      walk.counts.entries += count;
      yield { page, bytes };
      return;
    }
    walk.counts.branchPages += 1;
    for (let i = 0; i < count; i++) {
      const at = nodeAt(bytes, i);
      yield* this.pagesUnder(walk, childOf(bytes, at), {
        ...expected,
        depth: depth - 1,
        from: i === 0 ? from : keyOf(bytes, at),
        to: i + 1 < count ? keyOf(bytes, nodeAt(bytes, i + 1)) : to,
      });
    }
  }

  private *recordsOf(
    database: string,
    { bytes }: LeafPage,
  ): Generator<{ key: Buffer; value: Buffer }> {
    for (let i = 0; i < countOf(bytes); i++) {
      const at = nodeAt(bytes, i);
      const { from, to } = keyOf(bytes, at);
      const key = bytes.subarray(from, to);
      const dataBytes = bytes.readUInt32LE(at);
      if ((bytes.readUInt16LE(at + 4) & BIG_DATA) === 0) {
        yield { key, value: bytes.subarray(to, to + dataBytes) };
        continue;
      }
      const page = Number(bytes.readBigUInt64LE(to));
      const lose = (what: string): undefined => this.lose(database, page, what, key, key);
      if (!this.overflowAt(database, bytes, at, lose)) continue;
      const value = Buffer.alloc(dataBytes);
      const position = page * this.pageBytes + PAGE_HEADER;
      if (fs.readSync(this.fd, value, 0, dataBytes, position) === dataBytes) yield { key, value };
      else lose(`the file ends within it, at ${this.bytes} bytes`);
    }
  }

  /** Whether the pages of a long record, named by a node of a leaf, are what they should be. */
  private overflowAt(database: string, leaf: Buffer, at: number, lose: Lose): boolean {
    const { to } = keyOf(leaf, at);
    const dataBytes = leaf.readUInt32LE(at);
    const page = Number(leaf.readBigUInt64LE(to));
    const listed = Number(leaf.readBigUInt64LE(to + 16));
    const first = this.readPage(page, lose, Buffer.alloc(PAGE_HEADER));
    if (first === undefined) return false;
    const pages = first.readUInt32LE(20);
    const needed = Math.ceil((PAGE_HEADER + dataBytes) / this.pageBytes);
    const what =
      first.readUInt16LE(18) !== OVERFLOW
        ? 'it is no overflow page'
        : pages !== listed || pages < needed
          ? `it has ${pages} pages, expected ${listed === pages ? needed : listed}`
          : first.readBigUInt64LE(8) > this.meta.transaction
            ? 'it is of a transaction to come'
            : (page + needed - 1) * this.pageBytes >= this.bytes
              ? `the file ends within it, at ${this.bytes} bytes`
              : undefined;
    if (what !== undefined) {
      lose(what);
      return false;
    }
    this.counts.get(database)!.overflowPages += pages; // of the walk
    for (let next = page + 1; next < page + pages; next++) {
      if (next <= this.meta.lastPage && !this.visit(next)) continue;
      lose('its pages are in two places at once');
      return false;
    }
    return true;
  }

  /** The page or its start, checked to be itself and to be in one place only. */
  private readPage(page: number, lose: Lose, bytes: Buffer): Buffer | undefined {
    if (page < 2 || page > this.meta.lastPage) {
      return lose(`it is outside the file's ${this.meta.lastPage + 1} pages`);
    }
    if (this.visit(page)) return lose('it is in two places at once');
    const got = fs.readSync(this.fd, bytes, 0, bytes.length, page * this.pageBytes);
    if (got < bytes.length) return lose(`the file ends before it, at ${this.bytes} bytes`);
    if (Number(bytes.readBigUInt64LE(0)) !== page) {
      return lose(bytes.every((byte) => byte === 0) ? 'it is zeroed' : 'it is another page');
    }
    return bytes;
  }

  /** Whether it was visited before. */
  private visit(page: number): boolean {
    const before = ((this.visited[page >> 3] ?? 0) >> (page & 7)) & 1;
    this.visited[page >> 3]! |= 1 << (page & 7); // past the end of the file it goes nowhere
    return before === 1;
  }
}

function copyOf(span: Span | undefined): Uint8Array | undefined {
  return span === undefined ? undefined : Uint8Array.from(span.bytes.subarray(span.from, span.to));
}

function openFile(file: string): number {
  const stats = fs.statSync(file, { throwIfNoEntry: false });
  if (stats === undefined) throw new UserError('notFound', `no data file "${file}"`);
  if (!stats.isFile()) {
    const sentence = `data file ${file} is ${kindOf(stats)}, expected a plain file`;
    throw new UserError('badConfig', sentence);
  }
  try {
    return fs.openSync(file, 'r');
  } catch (error) {
    throw new UserError('badConfig', `data file ${file} cannot be read: ${String(error)}`);
  }
}

function kindOf(stats: fs.Stats): string {
  if (stats.isDirectory()) return 'a folder';
  if (stats.isFIFO()) return 'a fifo';
  if (stats.isSocket()) return 'a socket';
  return 'a device';
}

/** Of the two meta pages that whose transaction is newer, as LMDB takes it. */
function newestMeta(
  fd: number,
  file: string,
  bytes: number,
  lose: (page: number, what: string) => void,
): Meta {
  const first = readMeta(fd, 0);
  // Where the first is damaged the second is looked for at the usual size of a page.
  const second = readMeta(fd, first?.free.pad ?? 4096);
  if (first === undefined) lose(0, 'it is no meta page');
  if (second === undefined) lose(1, 'it is no meta page');
  const found = [first, second].filter((meta) => meta !== undefined);
  if (found.length === 0) {
    throw new UserError(
      'badFile',
      `${file} is no data file of tallyd: neither of its first two pages (of ${bytes} bytes) ` +
        'has the mark of LMDB; restore it from a backup',
    );
  }
  const newest = found.reduce((one, meta) => (meta.transaction > one.transaction ? meta : one));
  const older = newest === first ? second : first;
  // Each commit writes over the older of the two; a new file and a copy start with one of nothing.
  if (older !== undefined && older.transaction > 1n) {
    const gap = newest.transaction - older.transaction;
    const what = `it is ${gap} transactions from the other meta page, expected 1`;
    if (gap !== 1n) lose(newest === first ? 0 : 1, what);
  }
  return newest;
}

function readMeta(fd: number, at: number): Meta | undefined {
  const page = Buffer.alloc(META_BYTES);
  if (fs.readSync(fd, page, 0, META_BYTES, at) < META_BYTES) return undefined;
  if (page.readUInt16LE(18) !== META) return undefined;
  if (page.readUInt32LE(PAGE_HEADER) !== MAGIC) return undefined;
  if ((page.readUInt32LE(PAGE_HEADER + 4) & 0xffff) !== DATA_VERSION) return undefined;
  const trees = PAGE_HEADER + 24;
  const free = readTree(page, trees);
  const { pad } = free;
  if (pad < 512 || pad > 65536 || (pad & (pad - 1)) !== 0) return undefined;
  return {
    free,
    main: readTree(page, trees + TREE_BYTES),
    lastPage: Number(page.readBigUInt64LE(trees + 2 * TREE_BYTES)),
    transaction: page.readBigUInt64LE(trees + 2 * TREE_BYTES + 8),
  };
}
