/**
 * A server that speaks Graphite's HTTP, asked by a verb: tallyd, graphite-web, carbonapi. Its address may
 * have a path before Graphite's own, and a user and a password, which go as basic authentication.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { asObject, type Given } from '../lib/given.ts';
import { UserError } from '../lib/errors.ts';

/** A server that sends nothing for so long has failed: /render of tallyd takes 30 s at most. */
const ANSWER_MS_MAX = 60_000;
/** Of one answer; the names of some two million series. */
const ANSWER_BYTES_MAX = 256 * 1024 * 1024;
const SENTENCE_LENGTH_MAX = 300;
/** What it says is looked for in so many of its bytes. */
const SAID_BYTES_MAX = 64 * 1024;
/** Statuses of a server, or of the proxy before it, that starts or has too much to do. */
const BUSY = [502, 503, 504];
const TRIES = 10;
const TRY_AGAIN_MS = 500;

export interface GraphiteSeries {
  target: string;
  /** Value and epoch seconds, in order of time. */
  datapoints: [value: number | null, time: number][];
}

interface Answer {
  status: number;
  headers: Headers;
  bytes: Buffer;
}

export class GraphiteServer {
  /** Without the password. */
  readonly location: string;
  private readonly base: URL;
  private readonly headers: Record<string, string>;

  /** A name and password in the URL go before `headers`. */
  constructor(url: URL, headers: Record<string, string> = {}) {
    this.headers = { ...headers };
    this.base = new URL(url);
    const { username, password } = url;
    if (username !== '' || password !== '') {
      const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
      this.headers['authorization'] = `Basic ${Buffer.from(pair).toString('base64')}`;
      this.base.username = '';
      this.base.password = '';
    }
    this.base.search = '';
    this.base.hash = '';
    if (!this.base.pathname.endsWith('/')) this.base.pathname += '/';
    this.location = this.base.href.replace(/\/$/, '');
  }

  /**
   * Posts the form, or gets without one; throws what the server said (`badTarget`), or that it did not. One
   * that is busy is asked again for a while.
   */
  async ask(path: string, form?: URLSearchParams): Promise<Buffer> {
    const request = form === undefined ? {} : { method: 'POST', body: form };
    for (let tries = 1; ; tries++) {
      const { status, bytes } = await this.send(path, request);
      if (status === 200) return bytes;
      const said = saidBy(bytes, status);
      if (!BUSY.includes(status)) throw new UserError('badTarget', said);
      if (tries === TRIES) throw new UserError('storeBusy', `${this.location}: ${said}`);
      await delay(TRY_AGAIN_MS);
    }
  }

  async render(form: URLSearchParams): Promise<GraphiteSeries[]> {
    return parse(await this.ask('render', form), areSeries);
  }

  async json(path: string): Promise<unknown> {
    return parse(await this.ask(path), (value): value is unknown => value !== undefined);
  }

  /** As `json`; throws `badTarget` where it is no list of objects. */
  async objects(path: string): Promise<Given[]> {
    return parse(await this.ask(path), areObjects);
  }

  /** One request and its answer, whatever its status; throws `storeBusy` when none comes. */
  async send(path: string, request: RequestInit): Promise<Answer> {
    try {
      const { status, body, headers } = await fetch(new URL(path, this.base), {
        ...request,
        headers: { ...(request.headers as Record<string, string>), ...this.headers },
        signal: AbortSignal.timeout(ANSWER_MS_MAX),
      });
      const chunks: Uint8Array[] = [];
      let length = 0;
      for await (const chunk of body ?? []) {
        length += chunk.length;
        if (length > ANSWER_BYTES_MAX) throw new Error(`more than ${ANSWER_BYTES_MAX} bytes`);
        chunks.push(chunk);
      }
      return { status, headers, bytes: Buffer.concat(chunks) };
    } catch (error) {
      const { cause, message } = error as Error;
      const reason = withHint(cause instanceof Error ? cause.message || cause.name : message);
      const sentence = `the server at ${this.location} did not answer ${path}: ${reason}`;
      throw new UserError('storeBusy', sentence);
    }
  }
}

/** Why there was no answer, and where its certificate is the reason, what to do. */
export function withHint(reason: string): string {
  if (!/certificate/i.test(reason)) return reason;
  return `${reason}; NODE_EXTRA_CA_CERTS names a file (PEM) of authorities to trust as well`;
}

/** JSON of an answer; throws `badTarget` where it is none, or not as expected. */
export function parse<T>(bytes: Buffer, isExpected: (value: unknown) => value is T): T {
  try {
    const value: unknown = JSON.parse(bytes.toString());
    if (isExpected(value)) return value;
  } catch {
    // Told below.
  }
  const start = sentenceOf(startOf(bytes)).slice(0, 60);
  throw new UserError('badTarget', `read "${start}", expected JSON as Graphite answers it`);
}

export function areObjects(value: unknown): value is Given[] {
  return Array.isArray(value) && value.every((one) => asObject(one) !== undefined);
}

function areSeries(value: unknown): value is GraphiteSeries[] {
  const isPoint = (point: unknown): boolean =>
    Array.isArray(point) &&
    (point[0] === null || typeof point[0] === 'number') &&
    typeof point[1] === 'number';
  return (
    areObjects(value) &&
    value.every(({ target, datapoints }) => {
      return typeof target === 'string' && Array.isArray(datapoints) && datapoints.every(isPoint);
    })
  );
}

function startOf(bytes: Buffer): string {
  return bytes.toString('utf8', 0, SAID_BYTES_MAX);
}

/** What a page of an error says, without its marks: of Django's, its title. */
function sentenceOf(text: string): string {
  const title = /<title>([^<]*)<\/title>/i.exec(text)?.[1];
  return onOneLine(title ?? text.replace(/<[^<>]*>/g, ' '));
}

/** Without what moves the cursor of a terminal, or turns its text around. */
function onOneLine(text: string): string {
  return text
    .replace(/[\s\p{Cc}\p{Cf}]+/gu, ' ')
    .trim()
    .slice(0, SENTENCE_LENGTH_MAX);
}

/** The `error` of a JSON answer, or what the page says. */
export function saidBy(bytes: Buffer, status: number): string {
  const text = startOf(bytes);
  const inner = /^\{"error": ?"((?:[^"\\]|\\.)*)"/.exec(text)?.[1];
  return (inner === undefined ? sentenceOf(text) : onOneLine(inner)) || `answered ${status}`;
}
