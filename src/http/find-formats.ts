/**
 * The shapes in which `/metrics/find` lists nodes: treejson (Grafana and Graphite's own tree),
 * completer, nodelist, json and its binary kin, msgpack and pickle.
 */
import { atOnce, type InSteps, STEPS_AT_ONCE } from '../lib/in-steps.ts';
import type { Packing } from '../query/formats/packed.ts';
import { FixedText, TextWriter } from '../query/formats/text-writer.ts';
import type { SeriesReader } from '../storage/roles.ts';
import { checkAnswerLength } from './list-answer.ts';

/** Infos made or written before others run. */
const INFOS_AT_ONCE = 500;
/** What an info has beside its path, about. */
const INFO_BYTES = 50;

const ENTRY = new FixedText('{"text":"');
const LEAF_END = new FixedText('","allowChildren":0,"expandable":0,"leaf":1},');
const BRANCH_END = new FixedText('","allowChildren":1,"expandable":1,"leaf":0},');

/** A node as Graphite lists it: one that is leaf and branch is listed twice. */
export interface ListedNode {
  path: string;
  text: string;
  leaf: boolean;
  /** The series of a leaf, else -1. */
  id: number;
}

/**
 * treejson: one entry a text, branches first; the id is what the user typed before the last dot +
 * text. `nodes` are sorted by text, and of those that share one the first counts.
 *
 *     [{"text":"web01","id":"servers.web01","allowChildren":1,"expandable":1,"leaf":0}, …]
 */
export function treeBytes(nodes: readonly ListedNode[], base: string, wildcards: boolean): Buffer {
  writer.length = 0;
  return atOnce(treeInSteps(writer, nodes, base, wildcards));
}

/** As `treeBytes`, with a writer of its own. */
export function* treeInSteps(
  out: TextWriter,
  nodes: readonly ListedNode[],
  base: string,
  wildcards: boolean,
): InSteps<Buffer> {
  const before = new FixedText(`","id":"${JSON.stringify(base).slice(1, -1)}`);
  out.ascii('[');
  if (wildcards && nodes.length > 1) {
    const allLeaves = nodes.every((node) => node.leaf);
    writeEntry(out, '*', before, allLeaves);
  }
  for (const leaf of [false, true]) {
    for (let from = 0; from < nodes.length; from += STEPS_AT_ONCE) {
      if (from > 0) yield STEPS_AT_ONCE;
      writeEntries(out, nodes, from, before, leaf);
    }
  }
  if (out.length > 1) out.length -= 1; // the last comma
  out.ascii(']');
  return out.take();
}

const writer = new TextWriter();

/** Some of the leaves or branches, of nodes of one text the first. A loop in a generator is slow. */
function writeEntries(
  out: TextWriter,
  nodes: readonly ListedNode[],
  from: number,
  before: FixedText,
  leaf: boolean,
): void {
  const end = Math.min(from + STEPS_AT_ONCE, nodes.length);
  let last = nodes[from - 1]?.text;
  for (let i = from; i < end; i++) {
    const node = nodes[i]!; // i < length
    const { text } = node;
    if (text === last) continue;
    last = text;
    if (node.leaf === leaf) writeEntry(out, text, before, leaf);
  }
}

function writeEntry(out: TextWriter, text: string, before: FixedText, leaf: boolean): void {
  out.fixed(ENTRY);
  out.jsonInside(text);
  out.fixed(before);
  out.jsonInside(text);
  out.fixed(leaf ? LEAF_END : BRANCH_END);
}

export function completerEntries(nodes: ListedNode[], wildcards: boolean): object[] {
  const entries: object[] = nodes.map((node) => ({
    path: node.leaf ? node.path : `${node.path}.`,
    name: node.text,
    is_leaf: node.leaf ? '1' : '0',
  }));
  if (wildcards && entries.length > 1) entries.push({ name: '*' });
  return entries;
}

/** The distinct texts at one position of the paths, negative counting from the end. */
export function nodesAt(nodes: ListedNode[], position: number): string[] {
  const parts = new Set<string>();
  for (const node of nodes) {
    const part = node.path.split('.').at(position);
    if (part !== undefined) parts.add(part);
  }
  return [...parts].sort();
}

interface NodeInfo {
  path: string;
  is_leaf: boolean;
  /** Times that a leaf can hold, epoch seconds. */
  intervals?: { start: number; end: number }[];
}

export function* nodeInfos(
  store: SeriesReader,
  nodes: ListedNode[],
  now: number,
): InSteps<NodeInfo[]> {
  const infos: NodeInfo[] = [];
  for (const { path, leaf, id } of nodes) {
    if (infos.length % INFOS_AT_ONCE === INFOS_AT_ONCE - 1) yield STEPS_AT_ONCE;
    if (!leaf) {
      infos.push({ path, is_leaf: false });
      continue;
    }
    const archives = store.info(id)?.archives ?? [];
    const retention = Math.max(0, ...archives.map((archive) => archive.step * archive.points));
    infos.push({ path, is_leaf: true, intervals: [{ start: now - retention, end: now }] });
  }
  return infos;
}

/** The infos as other Graphite servers read them, with float times. */
export function* packedInfos(
  { writer: open }: Packing,
  infos: readonly NodeInfo[],
  answerBytes: number,
): InSteps<Uint8Array> {
  const out = open();
  out.list(infos.length);
  let length = 0;
  for (const [i, { path, is_leaf, intervals }] of infos.entries()) {
    length += path.length + INFO_BYTES;
    checkAnswerLength(length, answerBytes);
    if (i % INFOS_AT_ONCE === INFOS_AT_ONCE - 1) yield STEPS_AT_ONCE;
    out.map(intervals === undefined ? 2 : 3);
    out.text('path');
    out.text(path);
    out.text('is_leaf');
    out.flag(is_leaf);
    if (intervals !== undefined) {
      out.text('intervals');
      out.list(intervals.length);
      for (const { start, end } of intervals) out.pair(start, end);
      out.endList();
    }
    out.endMap();
  }
  out.endList();
  return out.finish();
}
