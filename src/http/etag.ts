/**
 * Conditional requests: routes with `etag: true` label their answers with a hash of what they say,
 * and a client that has it already gets 304 without a body. The label is weak, because compression
 * changes bytes and not the answer; streams have none. Nothing promises how long an answer holds,
 * since the next flush may change it: `cache-control: no-cache` means keep it and ask again. Who asks
 * by `cacheTimeout` or `noCache` is answered as Graphite does (`sayHowLong`).
 *
 * @fastify/etag 6 answers otherwise: it takes `If-None-Match` for one label, where a list and `*`
 * count too; it labels every route, and POST and errors with it; its 304 keeps the content-type.
 */
import { crc32 } from 'node:zlib';
import type { FastifyInstance, FastifyReply, FastifyRequest, onSendHookHandler } from 'fastify';
import type { Params } from './params.ts';

/** A year; what is longer means no more. */
const CACHE_SECONDS_MAX = 365 * 86_400;

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Answers of this route carry an ETag. */
    etag?: boolean;
  }
}

/** What caches between may do, by the parameters of `/render`; `now` in epoch seconds. */
export function sayHowLong(reply: FastifyReply, params: Params, now: number): FastifyReply {
  const timeout = params.integer('cacheTimeout', -1);
  const isNever = params.has('noCache');
  if (!isNever && timeout < 0) return reply;
  const seconds = isNever ? 0 : Math.min(timeout, CACHE_SECONDS_MAX);
  const never = 'max-age=0, no-cache, no-store, must-revalidate, private';
  return reply
    .header('expires', new Date((now + seconds) * 1000).toUTCString())
    .header('cache-control', isNever ? never : `max-age=${seconds}`);
}

/** Install it before compression, which then leaves the empty body of a 304 alone. */
export function answerConditionally(app: FastifyInstance): void {
  app.addHook('onRoute', (route) => {
    if (route.config?.etag !== true) return;
    const label: onSendHookHandler = (request, reply, payload, done) => {
      done(null, reply.statusCode === 200 ? labelled(request, reply, payload) : payload);
    };
    route.onSend = [label, route.onSend ?? []].flat();
  });
}

/** What is to be sent of an answer. */
function labelled(request: FastifyRequest, reply: FastifyReply, payload: unknown): unknown {
  if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-cache');
  if (request.method !== 'GET' && request.method !== 'HEAD') return payload;
  if (typeof payload !== 'string' && !Buffer.isBuffer(payload)) return payload;
  const hash = hashOf(typeof payload === 'string' ? Buffer.from(payload) : payload);
  reply.header('etag', `W/"${hash}"`);
  if (!labelMatches(request.headers['if-none-match'], hash)) return payload;
  reply.code(304).removeHeader('content-type').removeHeader('content-length');
  // fastify's answer to HEAD measures it.
  return request.method === 'HEAD' ? '' : null;
}

/**
 * CRC-32 of each half: 64 bits for a third of a cryptographic hash. No label guards against
 * forgery.
 */
function hashOf(bytes: Buffer): string {
  const middle = bytes.length >> 1;
  const halves = [bytes.subarray(0, middle), bytes.subarray(middle)];
  return [bytes.length, ...halves.map((half) => crc32(half))]
    .map((number) => number.toString(36))
    .join('-');
}

/** Whether `If-None-Match` or `If-Match` lists the hash, weak or strong, or is `*` (RFC 9110, 13.1.2). */
export function labelMatches(header: string | undefined, hash: string): boolean {
  if (header === undefined) return false;
  return header
    .split(',')
    .map((label) => label.trim().replace(/^W\//, ''))
    .some((label) => label === '*' || label === `"${hash}"`);
}
