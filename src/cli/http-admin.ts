/**
 * StoreAdmin over a running server: every call is one request to its admin routes (http/admin.ts),
 * on connections that are kept open.
 */
import http from 'node:http';
import https from 'node:https';
import { ERROR_CODES, type ErrorCode, UserError } from '../lib/errors.ts';
import { ADMIN_POINTS, type SeriesDetail, type StoreAdmin } from '../storage/admin/store-admin.ts';
import {
  ADMIN_ERROR_HEADER,
  ADMIN_HEADER,
  type AdminCall,
  type Answer,
  type Ask,
  decodeFetched,
  decodePage,
  encodeArchive,
} from '../storage/admin/calls.ts';
import { type PointsPage, joinPages } from '../storage/admin/all-points.ts';
import type { Archive } from '../storage/retention/archives.ts';
import type { Fetched, ImportedArchive, SeriesInfo, VerifiedPart } from '../storage/roles.ts';

/** An import keeps as many files under way as share a block of the store. */
const CONNECTIONS_MAX = 128;
/** Without a byte for so long, the server is taken for dead. A backup takes its time. */
const SILENCE_MS_MAX = 600_000;

interface Reply {
  status: number;
  text: string;
  /** Of the UserError, when the server refused for one. */
  code: string | undefined;
}

export class HttpAdmin implements StoreAdmin {
  readonly place: string;
  private readonly url: URL;
  private readonly agent: http.Agent;

  /** Throws `badUsage` when the text is no HTTP address. */
  constructor(url: string) {
    const parsed = URL.canParse(url) ? new URL(url) : undefined;
    if (parsed === undefined || !/^https?:$/.test(parsed.protocol)) {
      throw new UserError(
        'badUsage',
        `--url: read "${url}", expected such as http://127.0.0.1:8080`,
      );
    }
    this.url = parsed;
    this.place = parsed.origin;
    const { Agent } = parsed.protocol === 'https:' ? https : http;
    this.agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS_MAX });
  }

  async names(query: string, after?: string): Promise<string[]> {
    const ask = after === undefined ? { query } : { query, after };
    return (await this.ask('names', ask)).names;
  }

  async info(names: string[]): Promise<(SeriesDetail | undefined)[]> {
    const { series } = await this.ask('info', { names });
    return series.map((detail) => detail ?? undefined);
  }

  async kept(names: string[]): Promise<(SeriesInfo | undefined)[]> {
    const { series } = await this.ask('kept', { names });
    return series.map((info) => info ?? undefined);
  }

  async fetch(
    names: string[],
    from: number,
    until: number,
    now: number,
  ): Promise<(Fetched | undefined)[]> {
    const found: (Fetched | undefined)[] = [];
    while (found.length < names.length) {
      const ask = { names: names.slice(found.length), from, until, now };
      const { series } = await this.ask('fetch', ask);
      if (series.length === 0) throw this.ended('an answer without series');
      for (const one of series) found.push(one === null ? undefined : decodeFetched(one));
    }
    return found;
  }

  async archives(name: string): Promise<ImportedArchive[] | undefined> {
    const [detail] = await this.kept([name]);
    if (detail === undefined) return undefined;
    const archives: ImportedArchive[] = [];
    for (let archive = 0; archive < detail.archives.length; archive++) {
      const pages: PointsPage[] = [];
      let after: number | undefined = 0;
      while (after !== undefined) {
        const answer: Answer<'points'> = await this.ask('points', { name, archive, after });
        if (answer.page === null) return undefined;
        const page = decodePage(answer.page);
        pages.push(page);
        after = page.next;
      }
      archives.push(joinPages(pages));
    }
    return archives;
  }

  async put(info: SeriesInfo, archives: ImportedArchive[]): Promise<Archive[] | undefined> {
    const { name, aggregationMethod, xFilesFactor } = info;
    const head = { name, archives: info.archives, aggregationMethod, xFilesFactor };
    let kept: Archive[] | null = null;
    for (const part of parts(archives)) {
      const ask = { info: head, archives: part.map(encodeArchive) };
      ({ kept } = await this.ask('put', ask));
      if (kept === null) return undefined;
    }
    return kept ?? undefined;
  }

  async delete(names: string[]): Promise<number> {
    return (await this.ask('delete', { names })).count;
  }

  async rename(pairs: { from: string; to: string }[]): Promise<number> {
    return (await this.ask('rename', { pairs })).count;
  }

  async retain(changes: SeriesInfo[], { rewrite }: { rewrite: boolean }): Promise<number> {
    return (await this.ask('retain', { changes, rewrite })).count;
  }

  async backup(file: string): Promise<{ bytes: number }> {
    return this.ask('backup', { file });
  }

  async verifyPart(after?: string): Promise<VerifiedPart> {
    return this.ask('verify', after === undefined ? {} : { after });
  }

  async note(key: string): Promise<string | undefined> {
    return (await this.ask('note', { key })).text ?? undefined;
  }

  async putNote(key: string, text: string | undefined): Promise<void> {
    await this.ask('putNote', { key, text: text ?? null });
  }

  async close(): Promise<void> {
    this.agent.destroy();
  }

  private async ask<Call extends AdminCall>(call: Call, ask: Ask<Call>): Promise<Answer<Call>> {
    const { status, text, code } = await this.post(`/admin/${call}`, JSON.stringify(ask));
    let answer: unknown;
    try {
      answer = JSON.parse(text);
    } catch {
      throw this.ended(`${status} and no JSON, so it is no tallyd or an older one`);
    }
    if (status === 200) return answer as Answer<Call>;
    const { error } = answer as { error?: string };
    throw new UserError(codeOf(status, code), `${this.place}: ${error ?? `answered ${status}`}`);
  }

  private post(path: string, body: string): Promise<Reply> {
    const { request: send } = this.url.protocol === 'https:' ? https : http;
    return new Promise((resolve, reject) => {
      const fail = (error: Error): void => reject(this.ended(error.message));
      const headers = {
        [ADMIN_HEADER]: '1',
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
      };
      const options = { method: 'POST', agent: this.agent, headers, timeout: SILENCE_MS_MAX };
      const request = send(new URL(path, this.url), options, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', fail);
        response.on('end', () => {
          const code = response.headers[ADMIN_ERROR_HEADER];
          resolve({
            status: response.statusCode ?? 0,
            text: Buffer.concat(chunks).toString(),
            code: typeof code === 'string' ? code : undefined,
          });
        });
      });
      request.on('timeout', () => request.destroy(new Error('no answer for ten minutes')));
      request.on('error', fail);
      request.end(body);
    });
  }

  private ended(reason: string): UserError {
    return new UserError('storeBusy', `the server at ${this.place} did not answer: ${reason}`);
  }
}

/** Archives in calls of at most ADMIN_POINTS points; one call without points when there are none. */
function* parts(archives: readonly ImportedArchive[]): Generator<ImportedArchive[]> {
  let part: ImportedArchive[] = [];
  let room = ADMIN_POINTS;
  for (const { step, times, values } of archives) {
    for (let from = 0; from < times.length;) {
      const end = Math.min(times.length, from + room);
      part.push({ step, times: times.subarray(from, end), values: values.subarray(from, end) });
      room -= end - from;
      from = end;
      if (room > 0) continue;
      yield part;
      [part, room] = [[], ADMIN_POINTS];
    }
  }
  if (part.length > 0 || room === ADMIN_POINTS) yield part;
}

/** The code that the server gave, or what a status means without one. */
function codeOf(status: number, given: string | undefined): ErrorCode {
  if (given !== undefined && given in ERROR_CODES) return given as ErrorCode;
  if (status === 403) return 'forbidden';
  if (status === 413) return 'tooLarge';
  return status < 500 ? 'badRequest' : 'storeBusy';
}
