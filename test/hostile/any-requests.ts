/**
 * The door for HTTP: requests at random over all routes, with methods, headers, content types and bodies
 * that clients send and that they do not. A round is a request. Each gets an answer with a status that
 * is no 500, and what is refused a sentence. What costs much is requests.ts.
 */
import net from 'node:net';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { testServer } from '../http/client.ts';
import { modelStore } from '../model/model-store.ts';
import { Complaints, Dice, type Kind, unaccounted } from './kind.ts';
import { residentMb, StallWatch } from './stall.ts';

/** Requests that are under way at once. */
const TOGETHER = 20;
const STALL_MS_MAX = 1000;
/** The first picture waits for what draws it. */
const SILENT_MS_MAX = 20_000;
const RSS_MB_MAX = 1000;

const PATHS = (
  '/ /web/main.js /version /health /metrics /render /metrics/find /nosuch /metrics/expand ' +
  '/metrics/index.json /metrics/get-metadata /metrics/set-metadata /events /events/ /series ' +
  '/events/get_data /events/1 /events/x /functions /functions/sum /tags /tags/a /tags/findSeries ' +
  '/tags/autoComplete/tags /tags/autoComplete/values /tags/tagSeries /tags/tagMultiSeries ' +
  '/tags/delSeries /search /overview /explore /dashboards /dashboards/timer /dashboards/x /dashboards/convert ' +
  '/admin/names /admin/info /admin/delete /admin/verify /admin/renders /admin/top //render /%00 /%ff'
).split(' ');
const METHODS = 'GET GET POST POST PUT DELETE HEAD OPTIONS PATCH TRACE PURGE'.split(' ');
const NAMES = (
  'target query format from until now tz jsonp pretty maxDataPoints expr path tag tagPrefix limit ' +
  'filter metric key value operations what tags set before noCache cacheTimeout groupByExpr meta ' +
  'leavesOnly wildcards dryRun id cursor width height graphType logBase yMax colorList title ' +
  '__proto__ constructor target[] template[x]'
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
type Pairs = [string, string][];

const BODIES: ((pairs: Pairs, dice: Dice) => [type: string | undefined, body: string])[] = [
  (pairs, dice) => ['application/x-www-form-urlencoded', formOf(pairs, dice)],
  (pairs) => ['application/json', JSON.stringify(Object.fromEntries(pairs))],
  (pairs) => ['application/json; charset=utf-8', JSON.stringify([Object.fromEntries(pairs)])],
  (pairs) => ['application/json', JSON.stringify(pairs).slice(0, -1)],
  (pairs) => ['multipart/form-data; boundary=XX', multipartOf(pairs)],
  (pairs) => ['multipart/form-data; boundary=YY', multipartOf(pairs)],
  (pairs) => ['multipart/form-data', multipartOf(pairs)],
  (pairs, dice) => ['text/plain', formOf(pairs, dice)],
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

const formOf = (pairs: Pairs, dice: Dice): string =>
  pairs.map(([name, value]) => `${name}=${dice.chance(0.5) ? escape(value) : value}`).join('&');
const escape = (text: string): string => encodeURIComponent(Buffer.from(text).toString());
const multipartOf = (pairs: Pairs): string =>
  pairs
    .map(
      ([name, value]) =>
        `--XX\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
    )
    .join('') + '--XX--\r\n';
const pairsOf = (dice: Dice): Pairs => dice.some(4, () => [dice.pick(NAMES), dice.pick(VALUES)]);

export const anyRequests: Kind = {
  name: 'http',
  rounds: 1_000_000,
  short: 0,
  async run(rounds, seed, print) {
    const complaints = new Complaints();
    const statuses = new Map<number, number>();
    const server = await testServer(modelStore({ names: ['a', 'a.b', 'a;b=c'] }));
    const delay = monitorEventLoopDelay({ resolution: 10 });
    delay.enable();
    const one = async (i: number): Promise<void> => {
      const request = anyRequest(new Dice(seed + i));
      const answer = await told(server.port, request);
      const { status, fault } = judge(request, answer);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      if (fault === undefined) return;
      const shown = JSON.stringify(request.slice(0, 600));
      complaints.add(`${fault}: ${shown}`, `--seed ${seed + i} --rounds 1`);
    };
    for (let i = 0; i < rounds; i += TOGETHER) {
      const count = Math.min(TOGETHER, rounds - i);
      await Promise.all(Array.from({ length: count }, (_, k) => one(i + k)));
      if (residentMb() > RSS_MB_MAX) complaints.add(`memory of ${RSS_MB_MAX} MB`, `round ${i}`);
    }
    delay.disable();
    await server.close();
    const longestMs = Math.max(0, delay.max / 1e6);
    if (longestMs > STALL_MS_MAX * StallWatch.patience)
      complaints.add(`${Math.round(longestMs)} ms held up`, 'all');
    print(JSON.stringify(Object.fromEntries([...statuses].sort(([a], [b]) => a - b))));
    const sum = (isTaken: (status: number) => boolean): number =>
      [...statuses].reduce((all, [status, count]) => all + (isTaken(status) ? count : 0), 0);
    const figures = {
      what: 'requests',
      received: rounds,
      kept: sum((status) => status >= 200 && status < 400),
      counted: sum((status) => status >= 400 && status !== 500),
      longestMs,
    };
    return { wrong: [...complaints.list, ...unaccounted(figures)], ...figures };
  },
};

function judge(request: string, answer: string): { status: number; fault?: string } {
  const [head = '', body = ''] = answer.replace(CONTINUE, '').split('\r\n\r\n');
  const status = Number(/^HTTP\/1\.1 (\d+) /.exec(head)?.[1] ?? 0);
  if (status < 200 || status === 500) return { status, fault: `${status} ${answer.slice(0, 300)}` };
  if (!/\r\nx-content-type-options: nosniff/i.test(head)) return { status, fault: 'no nosniff' };
  if (status < 400 || request.startsWith('HEAD') || SENTENCE.test(body)) return { status };
  // Where a picture was asked for, the sentence is drawn.
  if (/\r\ncontent-type: (?:image|application\/x-pdf)/i.test(head) && body !== '')
    return { status };
  return { status, fault: `${status} ${body.slice(0, 300)}` };
}

function anyRequest(dice: Dice): string {
  const query = formOf(pairsOf(dice), dice).replaceAll(/[^!-~]/g, '');
  const [type, body] = dice.pick(BODIES)(pairsOf(dice), dice);
  const headers = dice.chance(0.4) ? dice.some(2, () => dice.pick(HEADERS)) : [];
  const bytes = Buffer.byteLength(body);
  return [
    `${dice.pick(METHODS)} ${dice.pick(PATHS)}?${query} HTTP/1.1`,
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
    socket.setTimeout(SILENT_MS_MAX, () => socket.end());
  });
}
