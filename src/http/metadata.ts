/**
 * `/metrics/get-metadata` and `/metrics/set-metadata`: named texts beside a series, carbon's way of
 * reading its aggregation method. `aggregationMethod` and `xFilesFactor` come from the series and
 * cannot be set here; other keys are records of the store: `metadata/<key>/<metric>`.
 */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { badRequest, UserError } from '../lib/errors.ts';
import type { RecordStore, SeriesReader } from '../storage/roles.ts';
import { lookupName, requireName } from '../wire/series-name.ts';
import { sendJson } from './answers.ts';
import { parseForm, parseJsonBody, type Params } from './params.ts';
import { bodyText, isJson, jsonRoute, requestParams, type HttpContext } from './http-deps.ts';

const METADATA_PREFIX = 'metadata/';
/** Bytes of key and metric together: LMDB's own keys are bounded by 1,978. */
const METADATA_KEY_BYTES_MAX = 1000;
/** Characters of a value: far above any use, far below what would hurt. */
const METADATA_VALUE_MAX = 10_000;
const OF_SERIES = ['aggregationMethod', 'xFilesFactor'] as const;

interface Operation {
  metric: string;
  key: string;
  value: string;
}

export function metadataRoutes(app: FastifyInstance, context: HttpContext): void {
  const { store } = context.deps;
  jsonRoute(app, '/metrics/get-metadata', (params) => {
    const key = need(params, 'key');
    const found = params.list('metric').map((metric) => [metric, read(store, metric, key)]);
    return Object.fromEntries(found) as unknown;
  });
  app.route({
    // Graphite takes GET too, which any page can have a browser send, and none of its programs do.
    method: 'POST',
    url: '/metrics/set-metadata',
    config: { changes: true },
    handler: async (request, reply) => {
      const results: [string, unknown][] = [];
      for (const operation of readOperations(request)) {
        results.push([operation.metric, await write(store, operation)]);
      }
      return sendJson(reply, parseForm(''), Object.fromEntries(results));
    },
  });
}

function read(
  store: SeriesReader & RecordStore,
  metric: string,
  key: string,
): { value: unknown } | { error: string } {
  if (key === 'aggregationMethod' || key === 'xFilesFactor') {
    const series = store.lookup(metric);
    const info = series === undefined ? undefined : store.info(series.id);
    return info === undefined ? { error: 'there is no such series' } : { value: info[key] };
  }
  return { value: stored(store, metric, key) };
}

async function write(
  store: RecordStore,
  { metric, key, value }: Operation,
): Promise<{ old_value: string | null; new_value: string } | { error: string }> {
  if (OF_SERIES.some((name) => name === key)) {
    return { error: `${key} is set by the storage rules when the series is created` };
  }
  const name = requireName(metric);
  const old = stored(store, name, key);
  await store.putRecord(recordKey(name, key), JSON.stringify(value));
  return { old_value: old, new_value: value };
}

function stored(store: RecordStore, metric: string, key: string): string | null {
  const wanted = recordKey(metric, key);
  const record = store.listRecords(wanted).find((candidate) => candidate.key === wanted);
  return record === undefined ? null : (JSON.parse(record.text) as string);
}

function recordKey(metric: string, key: string): string {
  const name = `${METADATA_PREFIX}${encodeURIComponent(key)}/${lookupName(metric)}`;
  if (Buffer.byteLength(name) > METADATA_KEY_BYTES_MAX) {
    throw badRequest(`metric and key: at most ${METADATA_KEY_BYTES_MAX} bytes together`);
  }
  return name;
}

/** One operation in the URL or form, or a JSON list of them as body or as `operations`. */
function readOperations(request: FastifyRequest): Operation[] {
  if (isJson(request)) return asOperations(parseJsonBody(bodyText(request)));
  const params = requestParams(request);
  const list = params.last('operations');
  if (list !== undefined) return asOperations(parseJsonBody(list));
  return asOperations([
    { metric: need(params, 'metric'), key: need(params, 'key'), value: need(params, 'value') },
  ]);
}

function asOperations(posted: unknown): Operation[] {
  const list: unknown[] = Array.isArray(posted) ? posted : [posted];
  return list.map((item) => {
    const { metric, key, value } = (item ?? {}) as Record<string, unknown>;
    const texts = [metric, key, value];
    if (!texts.every((text) => typeof text === 'string' && text !== '')) {
      throw badRequest('operation: expected texts metric, key and value');
    }
    if ((value as string).length > METADATA_VALUE_MAX) {
      throw new UserError('tooLarge', `value: at most ${METADATA_VALUE_MAX} characters`);
    }
    return item as Operation;
  });
}

function need(params: Params, name: string): string {
  const value = params.last(name);
  if (value === undefined || value === '') throw badRequest(`${name}: is missing`);
  return value;
}
