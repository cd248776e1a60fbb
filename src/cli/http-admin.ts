/**
 * The admin calls of a running server: each is one request to `POST /admin/<call>` (http/admin.ts),
 * on connections that are kept open.
 */
import http from 'node:http';
import https from 'node:https';
import { badUsage, ERROR_CODES, type ErrorCode, UserError } from '../lib/errors.ts';
import { withHint } from './graphite-server.ts';
import { adminCalls, type CallName, type StoreAdmin } from '../storage/admin/calls.ts';
import { ADMIN_ERROR_HEADER, ADMIN_HEADER, OWNER_HEADER } from '../storage/admin/headers.ts';

/** An import puts as many files at once as share a block of the store. */
const CONNECTIONS_MAX = 128;
/** A server that sends no byte for so long has failed. A backup takes its time. */
const SILENCE_MS_MAX = 600_000;

interface Reply {
  status: number;
  text: string;
  /** Code of the UserError with which the server rejected the call. */
  code: string | undefined;
}

/**
 * `token`: of the folder by which the server was found; one that has another folder refuses then.
 * Throws `badUsage` when the text is no HTTP address.
 */
export function httpAdmin(url: string, token?: string): StoreAdmin {
  const server = new Server(readUrl(url), token);
  return {
    location: server.location,
    ...adminCalls(async (name, call, ask) =>
      call.answer.decode(await server.ask(name, call.ask.encode(ask))),
    ),
    close: async () => server.close(),
  };
}

/** Throws `badUsage` when the text is no HTTP address. */
export function readUrl(text: string, name = '--url'): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url !== undefined && /^https?:$/.test(url.protocol)) return url;
  throw badUsage(`${name}: read "${text}", expected such as http://127.0.0.1:8080`);
}

class Server {
  readonly location: string;
  private readonly url: URL;
  private readonly agent: http.Agent;
  private readonly token: string | undefined;

  constructor(url: URL, token: string | undefined) {
    this.url = url;
    this.token = token;
    this.location = url.origin;
    const { Agent } = url.protocol === 'https:' ? https : http;
    // A server that its folder names is on this machine; its certificate has another name.
    const isKnown = token !== undefined;
    const options = { keepAlive: true, maxSockets: CONNECTIONS_MAX, rejectUnauthorized: !isKnown };
    this.agent = new Agent(options);
  }

  close(): void {
    this.agent.destroy();
  }

  async ask(name: CallName, ask: unknown): Promise<unknown> {
    const { status, text, code } = await this.post(`/admin/${name}`, JSON.stringify(ask));
    let answer: unknown;
    try {
      answer = JSON.parse(text);
    } catch {
      throw this.ended(`${status} and no JSON, so it is no tallyd or an older one`);
    }
    if (status === 200) return answer;
    const { error } = answer as { error?: string };
    throw new UserError(codeOf(status, code), `${this.location}: ${error ?? `answered ${status}`}`);
  }

  private post(path: string, body: string): Promise<Reply> {
    const { request: send } = this.url.protocol === 'https:' ? https : http;
    return new Promise((resolve, reject) => {
      const fail = (error: Error): void => reject(this.ended(withHint(error.message)));
      const headers = {
        [ADMIN_HEADER]: '1',
        ...(this.token === undefined ? {} : { [OWNER_HEADER]: this.token }),
        ...accessHeaders(),
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
    // Its address stands in the data folder, as it is where the server runs.
    const where = this.token === undefined ? '' : '; where it runs in a container, ask there';
    const sentence = `the server at ${this.location} did not answer: ${reason}${where}`;
    return new UserError('storeBusy', sentence);
  }
}

/** For a server that has rights: the token by which verbs ask it. For no server of others. */
export function accessHeaders(): { authorization?: string } {
  const token = process.env['TALLYD_TOKEN'];
  return token === undefined || token === '' ? {} : { authorization: `Bearer ${token}` };
}

/** The code that the server gave, or what a status means without one. */
function codeOf(status: number, code: string | undefined): ErrorCode {
  if (code !== undefined && code in ERROR_CODES) return code as ErrorCode;
  if (status === 401) return 'unauthorized';
  if (status === 403) return 'forbidden';
  if (status === 413) return 'tooLarge';
  return status < 500 ? 'badRequest' : 'storeBusy';
}
