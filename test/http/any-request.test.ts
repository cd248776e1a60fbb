/**
 * Requests at random over all routes: methods, headers, content types and bodies that clients send
 * and that they do not. Each gets an answer with a status that is no 500, and what is refused a
 * sentence.
 */
import net from 'node:net';
import { assert, describe, rounds } from '../support/suite.ts';
import { modelStore } from '../model/model-store.ts';
import { testServer, type TestServer } from './client.ts';

const PATHS = (
  '/ /web/main.js /version /health /metrics /render /metrics/find /nosuch /metrics/expand ' +
  '/metrics/index.json /metrics/get-metadata /metrics/set-metadata /events /events/ /series ' +
  '/events/get_data /events/1 /events/x /functions /functions/sum /tags /tags/a /tags/findSeries ' +
  '/tags/autoComplete/tags /tags/autoComplete/values /tags/tagSeries /tags/tagMultiSeries ' +
  '/tags/delSeries /search /dashboards /dashboards/timer /dashboards/x /dashboards/convert /admin/names /admin/info /admin/delete /admin/verify //render /%00 /%ff'
).split(' ');
const METHODS = 'GET GET POST POST PUT DELETE HEAD OPTIONS PATCH TRACE PURGE'.split(' ');
const NAMES = (
  'target query format from until now tz jsonp pretty maxDataPoints expr path tag tagPrefix limit ' +
  'filter metric key value operations what tags set before noCache cacheTimeout groupByExpr meta ' +
  'leavesOnly wildcards dryRun cursor width height graphType logBase yMax colorList title __proto__ constructor target[] template[x]'
).split(' ');
const VALUES = [
  ...'a a.* ** a;b=c name=~.* json pickle msgpack csv completer -1h 0 -1 1e9 NaN null [] {}'.split(
    ' ',
  ),
  ...'undefined [null] %zz ( { [a- sum( sumSeries(a.*) group(None) __proto__ * ../..'.split(' '),
  ...`<script> 1700000000-1 now midnight Europe/Berlin ${'9'.repeat(40)} ${'x'.repeat(3000)}`.split(
    ' ',
  ),
  '',
  '\0',
  '\ud83d',
  '\r\n',
];
const BODIES: ((pairs: [string, string][]) => [type: string | undefined, body: string])[] = [
  (pairs) => ['application/x-www-form-urlencoded', formOf(pairs)],
  (pairs) => ['application/json', JSON.stringify(Object.fromEntries(pairs))],
  (pairs) => ['application/json; charset=utf-8', JSON.stringify([Object.fromEntries(pairs)])],
  (pairs) => ['application/json', JSON.stringify(pairs).slice(0, -1)],
  (pairs) => ['multipart/form-data; boundary=XX', multipartOf(pairs)],
  (pairs) => ['multipart/form-data; boundary=YY', multipartOf(pairs)],
  (pairs) => ['multipart/form-data', multipartOf(pairs)],
  (pairs) => ['text/plain', formOf(pairs)],
  () => ['application/octet-stream', '\xff\xfe\x00'],
  () => [undefined, ''],
  () => ['nonsense', 'a'],
];
const HEADERS = [
  ...'Origin:http://evil.example Origin:null Sec-Fetch-Site:cross-site X-Forwarded-For:1'.split(
    ' ',
  ),
  ...'X-Tallyd-Admin:1 If-None-Match:* Accept-Encoding:gzip Accept-Encoding:nonsense'.split(' '),
  ...'Content-Encoding:gzip Expect:100-continue Expect:tea Range:bytes=0-1 Cookie:a A'.split(' '),
  ...'Transfer-Encoding:gzip Content-Length:1 Content-Length:x Upgrade:websocket Host:b'.split(' '),
  ...`Connection:upgrade X:${'y'.repeat(140_000)}`.split(' '),
  `${'X: 1\r\n'.repeat(1100)}X: 1`,
];

const CONTINUE = /^HTTP\/1\.1 100 Continue\r\n\r\n/;
/** Plain, or in JSON. */
const SENTENCE = /^[^\n]{8,400}\n?$/;

const pick = <T>(list: readonly T[]): T => list[Math.floor(Math.random() * list.length)]!;
const formOf = (pairs: [string, string][]): string =>
  pairs.map(([name, value]) => `${name}=${Math.random() < 0.5 ? escape(value) : value}`).join('&');
const escape = (text: string): string => encodeURIComponent(Buffer.from(text).toString());
const multipartOf = (pairs: [string, string][]): string =>
  pairs
    .map(
      ([name, value]) =>
        `--XX\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
    )
    .join('') + '--XX--\r\n';
const some = <T>(most: number, make: () => T): T[] =>
  Array.from({ length: Math.floor(Math.random() * (most + 1)) }, make);
const pairs = (): [string, string][] => some(4, () => [pick(NAMES), pick(VALUES)]);

function anyRequest(): string {
  const query = formOf(pairs()).replaceAll(/[^!-~]/g, '');
  const [type, body] = pick(BODIES)(pairs());
  const headers = Math.random() < 0.4 ? some(2, () => pick(HEADERS)) : [];
  const bytes = Buffer.byteLength(body);
  return [
    `${pick(METHODS)} ${pick(PATHS)}?${query} HTTP/1.1`,
    'Host: localhost',
    'Connection: close',
    ...(type === undefined ? [] : [`Content-Type: ${type}`]),
    ...headers,
    `Content-Length: ${bytes}`,
    '',
    body,
  ].join('\r\n');
}

/** What comes back until the connection ends. */
function told(port: number, request: string): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    const socket = net.connect(port, '127.0.0.1');
    socket.setEncoding('latin1').on('data', (piece: string) => (text += piece));
    socket.on('error', () => {}).on('close', () => resolve(text));
    socket.write(request);
    socket.setTimeout(5000, () => socket.end());
  });
}

describe('http: any request', (it) => {
  let server: TestServer;
  it.before(async () => {
    server = await testServer(modelStore({ names: ['a', 'a.b', 'a;b=c'] }));
  });
  it.after(() => server.close());

  it(
    'gets an answer, and a sentence where it is refused',
    async () => {
      const check = async (): Promise<void> => {
        const request = anyRequest();
        const answer = await told(server.port, request);
        const shown = JSON.stringify(request.slice(0, 600));
        const [head = '', body = ''] = answer.replace(CONTINUE, '').split('\r\n\r\n');
        const status = Number(/^HTTP\/1\.1 (\d+) /.exec(head)?.[1]);
        assert.ok(status >= 200 && status !== 500, `${status} ${answer.slice(0, 300)}: ${shown}`);
        assert.match(head, /\r\nx-content-type-options: nosniff/i, shown);
        if (status < 400 || request.startsWith('HEAD')) return;
        // Where a picture was asked for, the sentence is drawn.
        if (/\r\ncontent-type: (?:image|application\/x-pdf)/i.test(head)) return;
        assert.ok(SENTENCE.test(body), `${status} ${body}: ${shown}`);
      };
      const turns = rounds(300, 20_000);
      for (let i = 0; i < turns; i += 20) await Promise.all(Array.from({ length: 20 }, check));
    },
    { timeoutMs: 300_000 },
  );
});
