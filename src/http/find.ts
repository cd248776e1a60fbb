/**
 * `/metrics/find`, `/metrics/expand`, `/metrics/index.json`: walking the name tree, in the shapes
 * of graphite-web 1.1.10's `metrics/views.py` (read for its facts). `/metrics?query=` is find as
 * well; `/metrics` alone is Prometheus' page.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { badRequest, overLimit } from '../lib/errors.ts';
import { MSGPACK } from '../query/formats/msgpack.ts';
import { PICKLE } from '../query/formats/pickle.ts';
import type { FoundNode, SeriesReader } from '../storage/roles.ts';
import { sendJson, sendJsonBytes } from './answers.ts';
import {
  completerEntries,
  nodeInfos,
  nodesAt,
  packedInfos,
  treeBytes,
  type ListedNode,
} from './find-formats.ts';
import { PROMETHEUS_TYPE } from '../health/prometheus.ts';
import { clip, type Params } from './params.ts';
import { prometheusPage } from './self.ts';
import { jsonRoute, requestLimit, requestParams, type HttpContext } from './http-deps.ts';
import type { RequestLimit } from '../query/evaluate/request-limit.ts';
import { findRange } from './time-range.ts';

const METHODS = ['GET', 'POST'];

export function findRoutes(app: FastifyInstance, context: HttpContext): void {
  const find = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> =>
    answerFind(context, requestParams(request), reply);
  const config = { etag: true };
  app.route({ method: METHODS, url: '/metrics/find', config, handler: find });
  app.route({
    method: METHODS,
    url: '/metrics',
    handler: async (request, reply) => {
      const params = requestParams(request);
      if (params.has('query')) return answerFind(context, params, reply);
      return reply.type(PROMETHEUS_TYPE).send(await prometheusPage(context));
    },
  });
  jsonRoute(app, '/metrics/expand', async (params, request) => ({
    results: await expand(context, params, requestLimit(request)),
  }));
  // Graphite's index lists plain names; tagged series are listed by /tags.
  const plainNames = () => context.deps.store.allNames().filter((name) => !name.includes(';'));
  jsonRoute(app, '/metrics/index.json', plainNames, config);
}

function answerFind(context: HttpContext, params: Params, reply: FastifyReply): FastifyReply {
  const { store } = context.deps;
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
  let nodes = listNodes(store, asked, context.limits.findHits);
  sortByText(nodes);
  if (params.integer('leavesOnly', 0) !== 0) nodes = nodes.filter((node) => node.leaf);

  reply.header('pragma', 'no-cache');
  if (format === 'treejson') {
    const base = query.slice(0, query.lastIndexOf('.') + 1);
    return sendJsonBytes(reply, params, treeBytes(nodes, base, wildcards));
  }
  if (format === 'completer') {
    return sendJson(reply, params, { metrics: completerEntries(nodes, wildcards) });
  }
  if (format === 'nodelist') {
    return sendJson(reply, params, { nodes: nodesAt(nodes, params.integer('position', -1)) });
  }
  if (format === 'json') return sendJson(reply, params, nodeInfos(store, nodes, range.now));
  if (format === 'pickle' || format === 'msgpack') {
    const infos = nodeInfos(store, nodes, range.now);
    const packing = format === 'pickle' ? PICKLE : MSGPACK;
    return reply.type(packing.contentType).send(packedInfos(packing, infos));
  }
  throw badRequest(
    `format="${clip(format)}": expected treejson, completer, nodelist, json, msgpack or pickle`,
  );
}

async function expand(
  { deps, limits }: HttpContext,
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
    const nodes = listNodes(deps.store, query, limits.findHits);
    const paths = nodes.filter((node) => node.leaf || !leavesOnly).map((node) => node.path);
    grouped.set(query, sortedSet(paths));
    hits += paths.length;
    if (hits > limits.findHits) {
      throw overLimit(
        `${hits} names to answer, at most ${limits.findHits} are allowed in one request ` +
          '(httpLimits.findHits)',
      );
    }
  }
  if (params.integer('groupByExpr', 0) !== 0) return Object.fromEntries(grouped);
  return sortedSet([...grouped.values()].flat());
}

/**
 * Finds by pattern as Graphite's file finder does, where `a..b` is `a.b` and `a.` is `a` itself.
 */
function listNodes(store: SeriesReader, query: string, limit: number): ListedNode[] {
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
  const found = store.find(clean, { limit });
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

/** Sorts nodes by text; most lists are in order, because the tree is sorted. */
function sortByText(nodes: ListedNode[]): void {
  for (let i = 1; i < nodes.length; i++) {
    if (nodes[i - 1]!.text <= nodes[i]!.text) continue; // both are there
    nodes.sort((a, b) => compare(a.text, b.text));
    return;
  }
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

function sortedSet(texts: string[]): string[] {
  return [...new Set(texts)].sort(compare);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
