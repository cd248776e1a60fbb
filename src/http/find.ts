/**
 * `/metrics/find`, `/metrics/expand`, `/metrics/index.json`: walking the name tree, in the shapes
 * of graphite-web 1.1.10's `metrics/views.py` (read for its facts). `/metrics?query=` is find as
 * well; `/metrics` alone is Prometheus' page.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { badRequest, overLimit } from '../lib/errors.ts';
import { type InSteps, sortInSteps, STEPS_AT_ONCE } from '../lib/in-steps.ts';
import { TextWriter } from '../query/formats/text-writer.ts';
import { MSGPACK } from '../query/formats/msgpack.ts';
import { PICKLE } from '../query/formats/pickle.ts';
import type { FoundNode, SearchInSteps, SeriesReader, StoreReader } from '../storage/roles.ts';
import { checkAnswerLength, sendListBytes, sendListJson } from './list-answer.ts';
import {
  completerEntries,
  nodeInfos,
  nodesAt,
  packedInfos,
  treeBytes,
  treeInSteps,
  type ListedNode,
} from './find-formats.ts';
import { PROMETHEUS_TYPE } from '../health/prometheus.ts';
import { clip, type Params } from './params.ts';
import { prometheusPage } from './self.ts';
import { jsonRoute, requestLimit, requestParams, type HttpContext } from './http-deps.ts';
import type { RequestLimit } from '../query/evaluate/request-limit.ts';
import type { HttpLimits } from './limits.ts';
import { findRange } from './time-range.ts';
import { forbidden, type Visitor, visitorOf } from './visitors.ts';

const METHODS = ['GET', 'POST'];

export function findRoutes(app: FastifyInstance, context: HttpContext): void {
  const find = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> =>
    answerFind(context, request, reply);
  const config = { etag: true };
  app.route({ method: METHODS, url: '/metrics/find', config, handler: find });
  app.route({
    method: METHODS,
    url: '/metrics',
    handler: async (request, reply) => {
      if (requestParams(request).has('query')) return answerFind(context, request, reply);
      const visitor = visitorOf(request);
      if (!visitor.rights.status) throw forbidden('/metrics: expected "status"');
      return reply
        .type(PROMETHEUS_TYPE)
        .send(await prometheusPage(context, visitor, requestLimit(request)));
    },
  });
  jsonRoute(app, '/metrics/expand', async (params, limit, { store }) => ({
    results: await expand(store, context.limits, params, limit),
  }));
  // Graphite's index lists plain names; tagged series are listed by /tags.
  const plainNames = async (
    _params: Params,
    limit: RequestLimit,
    { store }: Visitor,
  ): Promise<string[]> => {
    const names = await limit.run(store.namingPlain());
    return names.filter((name) => !name.includes(';'));
  };
  jsonRoute(app, '/metrics/index.json', plainNames, config);
}

async function answerFind(
  context: HttpContext,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const params = requestParams(request);
  const limit = requestLimit(request);
  const { store } = visitorOf(request);
  const range = findRange(params, { now: context.deps.nowSeconds(), timeZone: context.timeZone });
  const format = params.last('format') ?? 'treejson';
  const query = params.last('query');
  if (query === undefined || query === '') {
    throw badRequest('query: expected a pattern such as servers.*');
  }
  const wildcards = params.integer('wildcards', 0) !== 0;
  const asked =
    format === 'completer'
      ? completion(query, params.integer('automatic_variants', 0) !== 0)
      : query;
  const { findHits, answerBytes } = context.limits;
  let nodes = await sortedByText(await listNodes(store, asked, findHits, limit), limit);
  if (params.integer('leavesOnly', 0) !== 0) nodes = nodes.filter((node) => node.leaf);

  reply.header('pragma', 'no-cache');
  if (format === 'treejson') {
    const base = query.slice(0, query.lastIndexOf('.') + 1);
    return sendListBytes(reply, params, await tree(nodes, base, wildcards, limit, answerBytes));
  }
  if (format === 'completer') {
    const metrics = completerEntries(nodes, wildcards);
    return sendListJson(reply, params, limit, { metrics });
  }
  if (format === 'nodelist') {
    const texts = nodesAt(nodes, params.integer('position', -1));
    return sendListJson(reply, params, limit, { nodes: texts });
  }
  if (format === 'json' || format === 'pickle' || format === 'msgpack') {
    const infos = await limit.run(nodeInfos(store, nodes, range.now));
    if (format === 'json') return sendListJson(reply, params, limit, infos);
    const packing = format === 'pickle' ? PICKLE : MSGPACK;
    const packed = await limit.run(packedInfos(packing, infos, answerBytes));
    return reply.type(packing.contentType).send(packed);
  }
  throw badRequest(
    `format="${clip(format)}": expected treejson, completer, nodelist, json, msgpack or pickle`,
  );
}

async function expand(
  store: StoreReader,
  limits: HttpLimits,
  params: Params,
  limit: RequestLimit,
): Promise<string[] | Record<string, string[]>> {
  const leavesOnly = params.integer('leavesOnly', 0) !== 0;
  const grouped = new Map<string, string[]>();
  let hits = 0;
  for (const query of params.list('query')) {
    if (grouped.has(query)) continue;
    // What Graphite answers: nothing is the name of the root.
    if (query === '') {
      grouped.set(query, ['']);
      continue;
    }
    await limit.pause();
    const nodes = await listNodes(store, query, limits.findHits, limit);
    const paths = nodes.filter((node) => node.leaf || !leavesOnly).map((node) => node.path);
    grouped.set(query, await sortedSet(paths, limit));
    hits += paths.length;
    if (hits > limits.findHits) {
      throw overLimit(
        `${hits} names to answer, at most ${limits.findHits} are allowed in one request ` +
          '(httpLimits.findHits)',
      );
    }
  }
  if (params.integer('groupByExpr', 0) !== 0) return Object.fromEntries(grouped);
  return sortedSet([...grouped.values()].flat(), limit);
}

/**
 * Finds by pattern as Graphite's file finder does, where `a..b` is `a.b` and `a.` is `a` itself.
 */
async function listNodes(
  store: SeriesReader & SearchInSteps,
  query: string,
  most: number,
  limit: RequestLimit,
): Promise<ListedNode[]> {
  const pattern = query.replaceAll('\\', '');
  if (pattern.includes(';')) {
    const series = store.lookup(pattern);
    if (series === undefined) return [];
    const text = series.name.slice(series.name.lastIndexOf('.') + 1);
    return [{ path: series.name, text, leaf: true, id: series.id }];
  }
  const clean = pattern
    .split('.')
    .filter((part) => part !== '')
    .join('.');
  if (clean === '') return [];
  const found = await limit.run(store.finding(clean, { limit: most }));
  if (!pattern.endsWith('.')) return asListed(found);
  // The empty last part names the branch itself, without a text of its own.
  return found
    .filter((node) => node.branch)
    .map((node) => ({ path: `${node.path}.`, text: '', leaf: false, id: -1 }));
}

/** A node that is one thing alone is listed as it was found. */
function asListed(found: FoundNode[]): ListedNode[] {
  if (!found.some((node) => node.leaf && node.branch)) return found;
  const listed: ListedNode[] = [];
  for (const node of found) {
    const { path, text, id, leaf, branch } = node;
    if (leaf && branch) listed.push({ path, text, leaf: false, id: -1 }, { path, text, leaf, id });
    else listed.push(node);
  }
  return listed;
}

/** Nodes sorted by text; most lists are in order, because the tree is sorted. */
async function sortedByText(nodes: ListedNode[], limit: RequestLimit): Promise<ListedNode[]> {
  return areInOrder(nodes) ? nodes : limit.run(sortByText(nodes));
}

function areInOrder(nodes: readonly ListedNode[]): boolean {
  for (let i = 1; i < nodes.length; i++) {
    if (nodes[i - 1]!.text > nodes[i]!.text) return false; // both are there
  }
  return true;
}

/** Nodes of many branches share their texts: those alone are sorted. */
function* sortByText(nodes: readonly ListedNode[]): InSteps<ListedNode[]> {
  const byText = new Map<string, ListedNode[]>();
  for (let i = 0; i < nodes.length; i++) {
    if (i % STEPS_AT_ONCE === STEPS_AT_ONCE - 1) yield STEPS_AT_ONCE;
    const node = nodes[i]!; // i < length
    const same = byText.get(node.text);
    if (same === undefined) byText.set(node.text, [node]);
    else same.push(node);
  }
  const sorted: ListedNode[] = [];
  let paused = 0;
  for (const text of yield* sortInSteps([...byText.keys()], compare)) {
    for (const node of byText.get(text)!) sorted.push(node); // texts are its keys
    if (sorted.length - paused < STEPS_AT_ONCE) continue;
    yield sorted.length - paused;
    paused = sorted.length;
  }
  return sorted;
}

/** treejson; of few nodes at once, as most are. */
async function tree(
  nodes: readonly ListedNode[],
  base: string,
  wildcards: boolean,
  limit: RequestLimit,
  answerBytes: number,
): Promise<Buffer> {
  checkAnswerLength(nodes.length * base.length, answerBytes);
  if (nodes.length <= STEPS_AT_ONCE) return treeBytes(nodes, base, wildcards);
  return limit.run(treeInSteps(new TextWriter(), nodes, base, wildcards));
}

/** The pattern of a half-typed query: `servers.we` is `servers.we*`, `a..b` is `a*.b*`. */
function completion(query: string, variants: boolean): string {
  let text = query.replaceAll('..', '*.');
  if (!text.endsWith('*')) text += '*';
  if (!variants) return text;
  return text
    .split('.')
    .map((part) => (part.includes(',') && !part.includes('{') ? `{${part}}` : part))
    .join('.');
}

async function sortedSet(texts: string[], limit: RequestLimit): Promise<string[]> {
  return limit.run(sortInSteps([...new Set(texts)], compare));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
