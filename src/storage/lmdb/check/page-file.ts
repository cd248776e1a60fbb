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

const PAGE_HEADER = 24;
const TREE_BYTES = 48;
const META_BYTES = PAGE_HEADER + 24 + 2 * TREE_BYTES + 16;
const MAGIC = 0xbeefc0de;
const DATA_VERSION = 2;

const BRANCH = 0x01;
const LEAF = 0x02;
const OVERFLOW = 0x04;
const META = 0x08;

const BIG_DATA = 0x01;
const SUB_TREE = 0x02;

/** What the tree of free pages is called in faults. */
const FREE = 'free pages';
const NO_PAGE = 2n ** 64n - 1n;
/** Deeper than any tree of 2 ** 48 pages. */
const DEPTH_MAX = 32;

interface Tree {
  pageBytes: number;
  flags: number;
  depth: number;
  entries: number;
  /** -1 for an empty tree. */
  root: number;
}

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

interface PageNode {
  key: Buffer;
  flags: number;
  /** Of a branch. */
  child: number;
  /** Of a leaf, as it stands in the page. */
  data: Buffer;
  dataBytes: number;
}

export class PageFile {
  readonly bytes: number;
  private readonly fd: number;
  private readonly meta: Meta;
  private readonly pageBytes: number;
  private readonly trees = new Map<string, Tree>();
  /** A bit a page. */
  private readonly visited: Uint8Array;
  private readonly lost: LostPages[] = [];
  /** By level above the leaves, for walks that keep nothing. */
  private readonly buffers: (Buffer<ArrayBuffer> | undefined)[] = [];

  /** Throws `badFile` with one sentence where the file's head cannot be made sense of. */
  constructor(file: string) {
    this.fd = openFile(file);
    try {
      this.bytes = fs.fstatSync(this.fd).size;
      this.meta = newestMeta(this.fd, file, this.bytes, (page) => {
        const what = 'it is no meta page';
        this.lost.push({ database: 'the head', page, what, from: undefined, to: undefined });
      });
      this.pageBytes = this.meta.free.pageBytes;
      this.visited = new Uint8Array((Math.ceil(this.bytes / this.pageBytes) >> 3) + 1);
      for (const { key, value } of this.walkTree('the list of databases', this.meta.main, true)) {
        if (value.length === TREE_BYTES) this.trees.set(nameOf(key), readTree(value, 0));
      }
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
    if (tree !== undefined) yield* this.walkTree(database, tree, false);
  }

  /** Walks the tree of free pages, whose records say nothing to anybody but LMDB. */
  walkFree(): void {
    this.checkTree(FREE, this.meta.free.root, this.meta.free.depth);
  }

  /** Walks the pages of all trees without a look at their records: what LMDB relies on. */
  walkTrees(): void {
    this.walkFree();
    for (const [database, { root, depth }] of this.trees) this.checkTree(database, root, depth);
  }

  private checkTree(database: string, page: number, depth: number): void {
    if (page < 0) return;
    const lose = (what: string): undefined => {
      this.lost.push({ database, page, what, from: undefined, to: undefined });
    };
    const bytes = this.readPage(page, lose, (this.buffers[depth] ??= Buffer.alloc(this.pageBytes)));
    if (bytes === undefined) return;
    const isBranch = depth > 1;
    const count = nodeCount(bytes, depth);
    if (typeof count === 'string') return lose(count);
    for (let i = 0; i < count; i++) {
      const at = nodeAt(bytes, i, isBranch);
      if (at < 0) return lose('its nodes lie outside the page');
      if (isBranch) this.checkTree(database, childOf(bytes, at), depth - 1);
      else if ((bytes.readUInt16LE(at + 4) & BIG_DATA) !== 0) {
        const data = at + 8 + bytes.readUInt16LE(at + 6);
        const end = Number(bytes.readBigUInt64LE(data)) * this.pageBytes + bytes.readUInt32LE(at);
        if (end > this.bytes) lose(`a record of it ends after the file, at ${end} bytes`);
      }
    }
  }

  private *walkTree(
    database: string,
    tree: Tree,
    subTrees: boolean,
  ): Generator<{ key: Uint8Array; value: Uint8Array }> {
    if (tree.root < 0) return;
    let last: Buffer | undefined;
    for (const { node, page } of this.leaves(database, tree.root, tree.depth)) {
      if (last !== undefined && Buffer.compare(last, node.key) >= 0) {
        const what = 'its keys are out of order';
        this.lost.push({ database, page, what, from: node.key, to: node.key });
        continue;
      }
      last = node.key;
      if (((node.flags & SUB_TREE) !== 0) !== subTrees) continue;
      if ((node.flags & BIG_DATA) === 0) {
        yield { key: node.key, value: node.data };
        continue;
      }
      const value = this.readOverflow(database, node);
      if (value !== undefined) yield { key: node.key, value };
    }
  }

  private *leaves(
    database: string,
    page: number,
    depth: number,
    from?: Uint8Array,
    to?: Uint8Array,
  ): Generator<{ node: PageNode; page: number }> {
    const lose = (what: string): undefined => {
      this.lost.push({ database, page, what, from, to });
    };
    const bytes = this.readPage(page, lose);
    if (bytes === undefined) return;
    const isBranch = depth > 1;
    const count = nodeCount(bytes, depth);
    if (typeof count === 'string') return lose(count);
    const nodes = readNodes(bytes, count, isBranch);
    if (nodes === undefined) return lose('its nodes lie outside the page');
    for (const [i, node] of nodes.entries()) {
      if (!isBranch) yield { node, page };
      else {
        const childFrom = i === 0 ? from : node.key; // a branch's first key is empty
        yield* this.leaves(database, node.child, depth - 1, childFrom, nodes[i + 1]?.key ?? to);
      }
    }
  }

  /** The page, checked to be itself and to be in one place only. */
  private readPage(
    page: number,
    lose: (what: string) => undefined,
    bytes = Buffer.alloc(this.pageBytes),
  ): Buffer | undefined {
    if (page < 2 || page > this.meta.lastPage) {
      return lose(`it is outside the file's ${this.meta.lastPage + 1} pages`);
    }
    if (this.visit(page)) return lose('it is in two places at once');
    const got = fs.readSync(this.fd, bytes, 0, this.pageBytes, page * this.pageBytes);
    if (got < this.pageBytes) return lose(`the file ends before it, at ${this.bytes} bytes`);
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

  private readOverflow(database: string, { key, data, dataBytes }: PageNode): Buffer | undefined {
    const page = Number(data.readBigUInt64LE(0));
    const lose = (what: string): undefined => {
      this.lost.push({ database, page, what, from: key, to: key });
    };
    const first = this.readPage(page, lose);
    if (first === undefined) return undefined;
    const pages = first.readUInt32LE(20);
    const needed = Math.ceil((PAGE_HEADER + dataBytes) / this.pageBytes);
    if ((first.readUInt16LE(18) & OVERFLOW) === 0) return lose('it is no overflow page');
    if (pages < needed) return lose(`it has ${pages} pages, expected ${needed}`);
    for (let next = page + 1; next < page + needed; next++) this.visit(next);
    const value = Buffer.alloc(dataBytes);
    const at = page * this.pageBytes + PAGE_HEADER;
    if (fs.readSync(this.fd, value, 0, dataBytes, at) < dataBytes) {
      return lose(`the file ends within it, at ${this.bytes} bytes`);
    }
    return value;
  }
}

function openFile(file: string): number {
  try {
    return fs.openSync(file, 'r');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw new UserError('notFound', `no data file "${file}"`);
    throw new UserError('badFile', `data file ${file} cannot be read: ${String(error)}`);
  }
}

/** Of the two meta pages that whose transaction is newer, as LMDB takes it. */
function newestMeta(
  fd: number,
  file: string,
  bytes: number,
  onDamaged: (page: number) => void,
): Meta {
  const first = readMeta(fd, 0);
  // Where the first is damaged the second is looked for at the usual size of a page.
  const second = readMeta(fd, first?.free.pageBytes ?? 4096);
  if (first === undefined) onDamaged(0);
  if (second === undefined) onDamaged(1);
  const found = [first, second].filter((meta) => meta !== undefined);
  if (found.length === 0) {
    throw new UserError(
      'badFile',
      `${file} is no data file of tallyd: neither of its first two pages (of ${bytes} bytes) ` +
        'has the mark of LMDB; restore it from a backup',
    );
  }
  return found.reduce((newest, meta) => (meta.transaction > newest.transaction ? meta : newest));
}

function readMeta(fd: number, at: number): Meta | undefined {
  const page = Buffer.alloc(META_BYTES);
  if (fs.readSync(fd, page, 0, META_BYTES, at) < META_BYTES) return undefined;
  if ((page.readUInt16LE(18) & META) === 0) return undefined;
  if (page.readUInt32LE(PAGE_HEADER) !== MAGIC) return undefined;
  if ((page.readUInt32LE(PAGE_HEADER + 4) & 0xffff) !== DATA_VERSION) return undefined;
  const trees = PAGE_HEADER + 24;
  const free = readTree(page, trees);
  const { pageBytes } = free;
  if (pageBytes < 512 || pageBytes > 65536 || (pageBytes & (pageBytes - 1)) !== 0) return undefined;
  return {
    free,
    main: readTree(page, trees + TREE_BYTES),
    lastPage: Number(page.readBigUInt64LE(trees + 2 * TREE_BYTES)),
    transaction: page.readBigUInt64LE(trees + 2 * TREE_BYTES + 8),
  };
}

function readTree(bytes: Uint8Array, at: number): Tree {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset + at, TREE_BYTES);
  const root = view.readBigUInt64LE(40);
  return {
    pageBytes: view.readUInt32LE(0),
    flags: view.readUInt16LE(4),
    depth: view.readUInt16LE(6),
    entries: Number(view.readBigUInt64LE(32)),
    root: root === NO_PAGE ? -1 : Number(root),
  };
}

/** Nodes of a page `depth` levels above the leaves; what is wrong where it is no such page. */
function nodeCount(page: Buffer, depth: number): number | string {
  if (depth < 1 || depth > DEPTH_MAX) return `it is ${depth} levels above the leaves`;
  const flags = page.readUInt16LE(18);
  const isBranch = depth > 1;
  if ((flags & (BRANCH | LEAF | OVERFLOW | META)) !== (isBranch ? BRANCH : LEAF)) {
    return `it is no ${isBranch ? 'branch' : 'leaf'} page (flags ${flags})`;
  }
  const lower = page.readUInt16LE(20);
  return PAGE_HEADER + lower > page.length ? 'its nodes lie outside the page' : lower >> 1;
}

/** Position of a node, -1 where it does not lie within the page. */
function nodeAt(page: Buffer, index: number, isBranch: boolean): number {
  const at = page.readUInt16LE(PAGE_HEADER + index * 2) + PAGE_HEADER;
  if (at + 8 > page.length) return -1;
  const flags = page.readUInt16LE(at + 4);
  const keyEnd = at + 8 + page.readUInt16LE(at + 6);
  const inPage = isBranch ? 0 : (flags & BIG_DATA) !== 0 ? 24 : page.readUInt32LE(at);
  return keyEnd + inPage > page.length ? -1 : at;
}

function childOf(page: Buffer, at: number): number {
  return page.readUInt32LE(at) + page.readUInt16LE(at + 4) * 2 ** 32;
}

/** Undefined where a node does not lie within the page. */
function readNodes(page: Buffer, count: number, isBranch: boolean): PageNode[] | undefined {
  const nodes: PageNode[] = [];
  for (let i = 0; i < count; i++) {
    const at = nodeAt(page, i, isBranch);
    if (at < 0) return undefined;
    const dataBytes = page.readUInt32LE(at);
    const flags = page.readUInt16LE(at + 4);
    const keyEnd = at + 8 + page.readUInt16LE(at + 6);
    const inPage = isBranch ? 0 : (flags & BIG_DATA) !== 0 ? 24 : dataBytes;
    nodes.push({
      key: page.subarray(at + 8, keyEnd),
      flags,
      child: childOf(page, at),
      data: page.subarray(keyEnd, keyEnd + inPage),
      dataBytes,
    });
  }
  return nodes;
}

function nameOf(key: Uint8Array): string {
  return Buffer.from(key).toString('utf8').replace(/\0$/, '');
}
