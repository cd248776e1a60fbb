/**
 * `/metrics/get-metadata` and `/metrics/set-metadata`: named texts beside a series, carbon's way of
 * reading its aggregation method. `aggregationMethod` and `xFilesFactor` come from the series and
 * cannot be set here; other keys are records of the store (`metadata-records.ts`).
 */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { badRequest, overLimit, UserError } from '../lib/errors.ts';
import { lookupName, requireName } from '../wire/series-name.ts';
import { sendJson } from './answers.ts';
import type { MetadataRecords } from './metadata-records.ts';
import { parseForm, parseJsonBody, type Params } from './params.ts';
import { bodyText, isJson, jsonRoute, requestParams, type HttpContext } from './http-deps.ts';
import { requireWrite, type Visitor, visitorOf } from './visitors.ts';

/** Characters of a value: far above any use, far below what would hurt. */
const METADATA_VALUE_MAX = 10_000;
/** Metrics of one question, and operations of one request. */
const LIST_MAX = 1000;
const OF_SERIES = ['aggregationMethod', 'xFilesFactor'] as const;

interface Operation {
  metric: string;
  key: string;
  value: string;
}

export function metadataRoutes(app: FastifyInstance, context: HttpContext): void {
  const { metadata } = context;
  jsonRoute(app, '/metrics/get-metadata', (params, _limit, visitor) => {
    const key = need(params, 'key');
    const metrics = params.list('metric');
    checkLength('metrics', metrics.length);
    const found = metrics.map((metric) => [metric, read(visitor, metadata, metric, key)]);
    return Object.fromEntries(found) as unknown;
  });
  app.route({
    // Graphite takes GET too, which any page can have a browser send, and none of its programs do.
    method: 'POST',
    url: '/metrics/set-metadata',
    config: { changes: true },
    handler: async (request, reply) => {
      const visitor = visitorOf(request);
      const operations = readOperations(request);
      requireWrite(
        visitor,
        operations.map(({ metric }) => lookupName(metric)),
      );
      // Together, so that one commit takes them all.
      const results = operations.map(async (operation) => {
        return [operation.metric, await write(visitor, metadata, operation)] as const;
      });
      return sendJson(reply, parseForm(''), Object.fromEntries(await Promise.all(results)));
    },
  });
}

function read(
  { store, rights }: Visitor,
  metadata: MetadataRecords,
  metric: string,
  key: string,
): { value: unknown } | { error: string } {
  if (key === 'aggregationMethod' || key === 'xFilesFactor') {
    const series = store.lookup(metric);
    const info = series === undefined ? undefined : store.info(series.id);
    return info === undefined ? { error: 'there is no such series' } : { value: info[key] };
  }
  // Whoever may not read a name is told what is told of one that has none.
  return { value: rights.read.has(lookupName(metric)) ? metadata.get(metric, key) : null };
}

async function write(
  { rights }: Visitor,
  metadata: MetadataRecords,
  { metric, key, value }: Operation,
): Promise<{ old_value: string | null; new_value: string } | { error: string }> {
  if (OF_SERIES.some((name) => name === key)) {
    return { error: `${key} is set by the storage rules when the series is created` };
  }
  try {
    const before = await metadata.set(metric, key, value);
    return { old_value: rights.read.has(lookupName(metric)) ? before : null, new_value: value };
  } catch (error) {
    // The other operations of the request go on.
    if (error instanceof UserError && error.code === 'overLimit') return { error: error.message };
    throw error;
  }
}

/** One operation in the URL or form, or a JSON list of them as body or as `operations`. */
function readOperations(request: FastifyRequest): Operation[] {
  if (isJson(request)) return asOperations(parseJsonBody(bodyText(request)));
  const params = requestParams(request);
  const list = params.last('operations');
  if (list !== undefined) return asOperations(parseJsonBody(list));
  return asOperations([
    { metric: need(params, 'metric'), key: need(params, 'key'), value: params.last('value') },
  ]);
}

function asOperations(posted: unknown): Operation[] {
  const list: unknown[] = Array.isArray(posted) ? posted : [posted];
  checkLength('operations', list.length);
  return list.map((item) => {
    const { metric, key, value } = (item ?? {}) as Record<string, unknown>;
    const texts = [metric, key, value];
    if (!texts.every((text) => typeof text === 'string') || metric === '' || key === '') {
      throw badRequest('operation: expected texts metric, key and value');
    }
    requireName(metric as string);
    if ((value as string).length > METADATA_VALUE_MAX) {
      throw new UserError('tooLarge', `value: at most ${METADATA_VALUE_MAX} characters`);
    }
    return item as Operation;
  });
}

function checkLength(what: string, length: number): void {
  if (length > LIST_MAX) {
    throw overLimit(`${length} ${what} read, at most ${LIST_MAX} are allowed in one request`);
  }
}

function need(params: Params, name: string): string {
  const value = params.last(name);
  if (value === undefined || value === '') throw badRequest(`${name}: is missing`);
  return value;
}
