/**
 * What every request passes before any route sees it, from the first moment of a start on. Node
 * leaves out the headers that are too many and hangs up on some requests; here they get an answer.
 */
import http, { type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

/** Headers of one request: no client sends a tenth of it. */
const HEADERS_MAX = 1000;
/** Methods that some route could have; of the others HTTP says 501. */
export const METHODS: readonly string[] = [
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
  'TRACE',
];

/**
 * No answer is taken for another type than it says. Each of those that answer sets it for itself:
 * headers that Node was given before the others cost all of them twice.
 */
export const NO_SNIFFING = { 'x-content-type-options': 'nosniff' } as const;

/** Who follows each request to its end. */
interface Watch {
  /** The sentence for a request that is not to be answered. */
  asked(request: IncomingMessage, response: ServerResponse): string | undefined;
  /** Its answer is sent, or will not be. */
  answered(request: IncomingMessage, response: ServerResponse): void;
}

/** Puts itself before what answers requests. */
export function installFront(server: http.Server, watch: Watch, answer: RequestListener): void {
  // With a limit Node drops the headers behind it, Origin or Host perhaps, and says nothing.
  server.maxHeadersCount = 0;
  server.on('request', (request, response) => {
    const busy = watch.asked(request, response);
    response.on('close', () => watch.answered(request, response));
    const fault: [number, string] | undefined = busy === undefined ? faultOf(request) : [503, busy];
    if (request.url === '*' && request.method === 'OPTIONS') {
      response.writeHead(204, { ...NO_SNIFFING, allow: METHODS.join(', ') }).end();
    } else if (fault === undefined) answer(request, response);
    else refuse(request, response, ...fault);
  });
  server.on('checkExpectation', (request, response) =>
    refuse(request, response, 417, 'expect: expected 100-continue or none'),
  );
}

/** Status and sentence of a request that no route is to see. */
function faultOf(request: IncomingMessage): [number, string] | undefined {
  const { rawHeaders, method = '', httpVersion } = request;
  const count = rawHeaders.length / 2;
  if (count > HEADERS_MAX) {
    return [431, `${count} headers read, at most ${HEADERS_MAX} are taken`];
  }
  let hosts = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]!; // i < length
    if (name.length === 4 && name.toLowerCase() === 'host') hosts += 1;
  }
  if (hosts > 1) return [400, `${hosts} Host headers read, expected one`];
  if (hosts === 0 && httpVersion === '1.1') return [400, 'no Host header read, expected one'];
  if (!METHODS.includes(method)) {
    return [501, `method ${method}: expected one of ${METHODS.join(', ')}`];
  }
  return undefined;
}

/** Answers with one sentence and ends the connection, whatever is still to come on it. */
function refuse(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  sentence: string,
): void {
  response.writeHead(status, {
    'content-type': 'text/plain; charset=utf-8',
    ...NO_SNIFFING,
    'cache-control': 'no-store',
    'content-length': Buffer.byteLength(sentence) + 1,
    connection: 'close',
    ...(status === 503 ? { 'retry-after': '2' } : {}),
  });
  response.end(`${sentence}\n`);
  request.resume();
}

/** The same where there is no response: on a connection whose bytes are no request. */
export function endWith(socket: Duplex, status: number, sentence: string): void {
  socket.end(
    `HTTP/1.1 ${status} ${http.STATUS_CODES[status] ?? ''}\r\n` +
      'content-type: text/plain; charset=utf-8\r\nx-content-type-options: nosniff\r\n' +
      `content-length: ${Buffer.byteLength(sentence) + 1}\r\nconnection: close\r\n\r\n${sentence}\n`,
  );
}
