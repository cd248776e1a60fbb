/**
 * How answers leave: JSON in Graphite's content types, `jsonp` and `pretty`, and errors as one
 * plain sentence (text, or `{"error": …}` where Graphite answers JSON). Details of our own mistakes
 * go to the log, never to the client.
 */
import { type Duplex, Readable } from 'node:stream';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { badRequest, UserError } from '../lib/errors.ts';
import { endWith, NO_SNIFFING } from './front.ts';
import { clip, type Params } from './params.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Errors of this route are `{"error": "…"}`, as Graphite answers them. */
    jsonErrors?: boolean;
  }
}

/** Stands for Infinity while JSON is written; no metric name holds a NUL. */
const INFINITY_MARK = '\u0000Infinity';

/** JavaScript names a callback may have, dotted: anything else would be script injection. */
const CALLBACK = /^[A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*)*$/;

/** Sends a value as JSON; `pretty` sorts keys and indents, as Graphite does. */
export function sendJson(reply: FastifyReply, params: Params, value: unknown): FastifyReply {
  return sendJsonText(reply, params, toJson(value, isOn(params.last('pretty'))));
}

/** JSON text; Infinity, which JSON lacks, is 1e9999: a number that reads back as infinity. */
export function toJson(value: unknown, pretty: boolean): string {
  const shown = pretty ? sortKeys(value) : value;
  const indent = pretty ? 2 : undefined;
  // A replacer makes a long list ten times as slow, and hardly any answer needs one.
  if (!holdsInfinity(shown)) return JSON.stringify(shown, undefined, indent);
  const mark = (_key: string, inner: unknown): unknown =>
    inner === Infinity ? INFINITY_MARK : inner;
  return JSON.stringify(shown, mark, indent).replaceAll(JSON.stringify(INFINITY_MARK), '1e9999');
}

function holdsInfinity(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return value === Infinity;
  if (Array.isArray(value)) return value.some(holdsInfinity);
  for (const key in value) if (holdsInfinity((value as Record<string, unknown>)[key])) return true;
  return false;
}

/** As `sendJsonText`, for JSON that is bytes already and hardly ever needs another shape. */
export function sendJsonBytes(reply: FastifyReply, params: Params, bytes: Buffer): FastifyReply {
  if (isOn(params.last('pretty'))) return sendJson(reply, params, JSON.parse(bytes.toString()));
  if (params.has('jsonp')) return sendJsonText(reply, params, bytes.toString());
  return reply.type('application/json').send(bytes);
}

/** As `sendJson`, for text that is JSON already; wraps it when `jsonp` asks for a callback. */
export function sendJsonText(reply: FastifyReply, params: Params, text: string): FastifyReply {
  const callback = params.last('jsonp');
  if (callback === undefined || callback === '') return reply.type('application/json').send(text);
  checkCallback(callback);
  return reply.type('text/javascript').send(`${callback}(${text})`);
}

export function checkCallback(callback: string): void {
  if (CALLBACK.test(callback) && callback.length <= 128) return;
  throw badRequest(`jsonp="${clip(callback)}": expected a function's name`);
}

/** Graphite's switches: absent, empty, `0` and `false` are off, everything else is on. */
export function isOn(text: string | undefined): boolean {
  return text !== undefined && !['', '0', 'false'].includes(text.trim().toLowerCase());
}

/**
 * Answers are of the type that they say; one type of JSON, whoever sent it. A stream that fails when
 * some of it is sent already can only be told to the log.
 */
export function answerAsSaid(app: FastifyInstance, logger: Logger): void {
  app.addHook('onSend', (request, reply, payload, done) => {
    reply.headers(NO_SNIFFING);
    // JSON is UTF-8 and has no charset; fastify names one with some answers.
    const type = reply.getHeader('content-type');
    if (typeof type === 'string' && type.startsWith('application/json;')) {
      reply.header('content-type', 'application/json');
    }
    if (payload instanceof Readable) {
      payload.once('error', (error) => tellFailure(logger, request, error));
    }
    done(null, payload);
  });
}

/** Installs the one place where errors become answers. */
export function answerErrors(app: FastifyInstance, logger: Logger): void {
  app.setErrorHandler((error, request, reply) => answerError(error, request, reply, logger));
  app.setNotFoundHandler((request, reply) =>
    sendError(request, reply, 404, `${clip(path(request))}: there is nothing here`),
  );
}

export function answerError(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  logger: Logger,
): FastifyReply {
  if (error instanceof UserError) return sendError(request, reply, error.status, error.message);
  const status = (error as FastifyError).statusCode ?? 500;
  if (status >= 400 && status < 500) {
    return sendError(request, reply, status, ownSentence(status, request));
  }
  tellFailure(logger, request, error);
  const sentence = `internal error: the log has the details under request ${request.id}`;
  return sendError(request, reply, 500, sentence);
}

function tellFailure(logger: Logger, { id, url }: FastifyRequest, error: unknown): void {
  logger.error({ reqId: id, err: error, url: clip(url) }, 'request failed');
}

/**
 * Bytes that are no HTTP request get an answer before the connection ends; its status, undefined
 * when nobody is there to read it.
 */
export function answerBroken(error: NodeJS.ErrnoException, socket: Duplex): number | undefined {
  // Before there is TLS nothing can be said.
  const isHandshake = /^ERR_(?:SSL|TLS)_/.test(error.code ?? '');
  if (error.code === 'ECONNRESET' || isHandshake || !socket.writable) {
    socket.destroy();
    return undefined;
  }
  const [status, sentence] = BROKEN[error.code ?? ''] ?? [400, 'request: expected HTTP/1.1'];
  endWith(socket, status, sentence);
  return status;
}

/** By Node's code of the error. */
const BROKEN: Record<string, [number, string] | undefined> = {
  HPE_HEADER_OVERFLOW: [431, 'URL and headers: longer than this server accepts'],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: [413, 'chunk extensions: longer than this server accepts'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'request: the rest of it did not come in time'],
};

export function sendError(
  request: FastifyRequest,
  reply: FastifyReply,
  status: number,
  sentence: string,
): FastifyReply {
  const asJson = request.routeOptions.config.jsonErrors === true;
  // Some requests fail before any hook.
  reply.code(status).headers(NO_SNIFFING).header('cache-control', 'no-store');
  return asJson
    ? reply.type('application/json').send(JSON.stringify({ error: sentence }))
    : reply.type('text/plain; charset=utf-8').send(`${sentence}\n`);
}

function ownSentence(status: number, request: FastifyRequest): string {
  if (status === 413) return 'body: larger than this server accepts';
  if (status === 414) return 'URL: longer than this server accepts';
  if (status === 415) return 'content-type: expected a form or JSON';
  return `${request.method} ${clip(path(request))}: the request could not be read`;
}

function path(request: FastifyRequest): string {
  return request.url.split('?', 1)[0]!; // split always gives one part
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sortKeys(inner)]),
  );
}
