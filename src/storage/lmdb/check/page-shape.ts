/**
 * How a page of LMDB's trees must look, to the byte: the list of nodes, the nodes themselves one
 * after the other up to the page's end, keys in order and between those of the branch above. What
 * LMDB writes is always so; it looks at none of it when it reads, so that one bit that is wrong makes
 * it touch other memory, or find another record. Layouts: page-file.ts.
 */
export const PAGE_HEADER = 24;
export const TREE_BYTES = 48;

const BRANCH = 0x01;
const LEAF = 0x02;
export const OVERFLOW = 0x04;
export const META = 0x08;

export const BIG_DATA = 0x01;
const SUB_TREE = 0x02;

/** Flag of a tree: its keys are numbers in the machine's order. */
const INTEGER_KEY = 0x08;
/** Bytes of an overflow record in its leaf. */
const BIG_DATA_BYTES = 24;

const NO_PAGE = 2n ** 64n - 1n;
/** Deeper than any tree of 2 ** 48 pages. */
const DEPTH_MAX = 32;

export type TreeKind = 'free' | 'main' | 'named';

export interface Tree {
  /** Of the tree of free pages: the size of a page; 0 in others. */
  pad: number;
  flags: number;
  depth: number;
  branchPages: number;
  leafPages: number;
  overflowPages: number;
  entries: number;
  /** -1 for an empty tree. */
  root: number;
}

export function readTree(bytes: Uint8Array, at: number): Tree {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset + at, TREE_BYTES);
  const root = view.readBigUInt64LE(40);
  return {
    pad: view.readUInt32LE(0),
    flags: view.readUInt16LE(4),
    depth: view.readUInt16LE(6),
    branchPages: Number(view.readBigUInt64LE(8)),
    leafPages: Number(view.readBigUInt64LE(16)),
    overflowPages: Number(view.readBigUInt64LE(24)),
    entries: Number(view.readBigUInt64LE(32)),
    root: root === NO_PAGE ? -1 : Number(root),
  };
}

/** What keeps a tree from being read as one; the end of a sentence. */
export function treeFault(kind: TreeKind, tree: Tree): string | undefined {
  const { flags, depth, entries, root, pad } = tree;
  const expected = kind === 'free' ? INTEGER_KEY : 0;
  if (flags !== expected) return `its flags are ${flags}, expected ${expected}`;
  if (kind !== 'free' && pad !== 0) return `its keys are said to have ${pad} bytes`;
  if (root < 0) return depth === 0 && entries === 0 ? undefined : 'it is empty and is not';
  return depth < 1 || depth > DEPTH_MAX ? `it is ${depth} levels deep` : undefined;
}

/** A key of a page: its place. */
export interface Span {
  bytes: Buffer;
  from: number;
  to: number;
}

/** Which pages a page must be of, and between which keys. */
export interface Expected {
  kind: TreeKind;
  /** Levels above the leaves, and one. */
  depth: number;
  transaction: bigint;
  from: Span | undefined;
  to: Span | undefined;
}

/** By offset in the page: the length of the node there; of the page that is looked at. */
const lengths = new Uint32Array(65536);

/** What is wrong with a page, the end of a sentence; its number is checked already. */
export function pageFault(page: Buffer, expected: Expected): string | undefined {
  const { depth, transaction } = expected;
  const flags = page.readUInt16LE(18);
  const isBranch = depth > 1;
  if (flags !== (isBranch ? BRANCH : LEAF)) {
    return `it is no ${isBranch ? 'branch' : 'leaf'} page (flags ${flags})`;
  }
  if (page.readBigUInt64LE(8) > transaction) return 'it is of a transaction to come';
  const lower = page.readUInt16LE(20);
  const upper = page.readUInt16LE(22);
  if (lower % 2 !== 0 || lower === 0 || lower > upper || PAGE_HEADER + upper > page.length) {
    return `its nodes lie outside the page (lower ${lower}, upper ${upper})`;
  }
  return nodesFault(page, lower >> 1, upper, expected) ?? keysFault(page, lower >> 1, expected);
}

/** Nodes must fill the page from `upper` to its end, none over another. */
function nodesFault(
  page: Buffer,
  count: number,
  upper: number,
  { kind, depth }: Expected,
): string | undefined {
  const end = page.length - PAGE_HEADER;
  lengths.fill(0, 0, end);
  for (let i = 0; i < count; i++) {
    const offset = page.readUInt16LE(PAGE_HEADER + i * 2);
    const length = nodeLength(page, PAGE_HEADER + offset, depth > 1, kind);
    if (typeof length === 'string') return length;
    if (offset < upper || offset + length > end) return 'its nodes lie outside the page';
    lengths[offset] = length;
  }
  let found = 0;
  for (let at = upper; at < end; found++) {
    if (lengths[at] === 0) return 'its nodes are not one after the other';
    at += lengths[at]!; // of this page
  }
  return found === count ? undefined : `it lists ${count} nodes and has ${found}`;
}

function nodeLength(page: Buffer, at: number, isBranch: boolean, kind: TreeKind): number | string {
  if (at + 8 > page.length) return 'its nodes lie outside the page';
  const keyBytes = page.readUInt16LE(at + 6);
  if (isBranch) return even(8 + keyBytes);
  const flags = page.readUInt16LE(at + 4);
  const expected = kind === 'main' ? SUB_TREE : 0;
  if ((flags & ~BIG_DATA) !== expected) return `a node of it has flags ${flags}`;
  const dataBytes = page.readUInt32LE(at);
  if (kind === 'main' && dataBytes !== TREE_BYTES) return `a tree of it has ${dataBytes} bytes`;
  if (kind === 'free' && keyBytes !== 8) return `a key of it has ${keyBytes} bytes`;
  return even(8 + keyBytes + ((flags & BIG_DATA) !== 0 ? BIG_DATA_BYTES : dataBytes));
}

function even(bytes: number): number {
  return bytes + (bytes & 1);
}

/** Keys must be in order, from that of the branch on and below the next one's. */
function keysFault(
  page: Buffer,
  count: number,
  { kind, depth, from, to }: Expected,
): string | undefined {
  // A branch's first key is empty: its first page takes what is below the second.
  const first = depth > 1 ? 1 : 0;
  if (first === 1 && page.readUInt16LE(nodeAt(page, 0) + 6) !== 0) return 'its first key is none';
  let before = from;
  const key: Span = { bytes: page, from: 0, to: 0 };
  const last: Span = { bytes: page, from: 0, to: 0 };
  for (let i = first; i < count; i++) {
    const at = nodeAt(page, i);
    key.from = at + 8;
    key.to = key.from + page.readUInt16LE(at + 6);
    const isOwn = i > first;
    const order = before === undefined ? -1 : compareKeys(kind, before, key);
    if (isOwn ? order >= 0 : order > 0) return 'its keys are out of order';
    last.from = key.from;
    last.to = key.to;
    before = last;
  }
  if (to === undefined || count <= first) return undefined;
  return compareKeys(kind, key, to) < 0 ? undefined : 'its keys are out of order';
}

function compareKeys(kind: TreeKind, a: Span, b: Span): number {
  if (kind === 'free') {
    const [left, right] = [a.bytes.readBigUInt64LE(a.from), b.bytes.readBigUInt64LE(b.from)];
    return left < right ? -1 : left > right ? 1 : 0;
  }
  return a.bytes.compare(b.bytes, b.from, b.to, a.from, a.to);
}

export function countOf(page: Buffer): number {
  return page.readUInt16LE(20) >> 1;
}

/** Position of a node of a page that is sound. */
export function nodeAt(page: Buffer, index: number): number {
  return page.readUInt16LE(PAGE_HEADER + index * 2) + PAGE_HEADER;
}

export function keyOf(page: Buffer, at: number): Span {
  return { bytes: page, from: at + 8, to: at + 8 + page.readUInt16LE(at + 6) };
}

export function childOf(page: Buffer, at: number): number {
  return page.readUInt32LE(at) + page.readUInt16LE(at + 4) * 2 ** 32;
}
