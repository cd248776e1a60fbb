import { type GoldenCase, goldenCases } from '../support/golden.ts';
import { assert, describe, rounds } from '../support/suite.ts';
import type { TestServer } from './client.ts';
import { goldenServer } from './golden-server.ts';

const REQUESTS = rounds(60, 5_000);
/** Fixed, so that a failure can be seen again; change it to look elsewhere. */
const SEED = 20_231_114;
/** What the server gives a render, milliseconds; beyond it there is an answer all the same. */
const RENDER_MS = 5000;
/** No request may take longer than this: the machine may be busy. */
const SLOWEST_MS = 20_000;

/** Between blanks; what holds one itself is added behind. */
const FRAGMENTS = [
  '( ) (( [ ] { } {,} * ** ? ! \\ | " \' , ; % %00 \ufffd é = =~ !=~ & # . .. - +',
  'inf -inf nan 1e999 -1 0 0.5 99999999999999999999 true None undefined now -1000y 1s',
  '__proto__ constructor (a+)+$ [[:alpha:]] scale( sumSeries( template( seriesByTag("',
  'events("*") timeShift(app.*,"',
]
  .flatMap((line) => line.split(' '))
  .concat(['\u0000', '\n', ' ']);

/** mulberry32: a small seeded generator, uniform enough to pick places and fragments. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

class Mutator {
  private readonly random: () => number;

  constructor(seed: number) {
    this.random = seeded(seed);
  }

  pick<T>(items: readonly T[]): T {
    return items[Math.floor(this.random() * items.length)]!;
  }

  chance(part: number): boolean {
    return this.random() < part;
  }

  text(given: string): string {
    let text = given;
    for (let changes = 1 + Math.floor(this.random() * 3); changes > 0; changes--) {
      const at = Math.floor(this.random() * (text.length + 1));
      const cut = this.chance(0.5) ? Math.floor(this.random() * 4) : 0;
      const put = this.chance(0.7) ? this.pick(FRAGMENTS) : '';
      text = text.slice(0, at) + put + text.slice(at + cut);
    }
    return this.chance(0.02) ? text.repeat(50) : text;
  }

  params(given: readonly [string, string][]): [string, string][] {
    const params = given.map(([name, value]): [string, string] =>
      this.chance(0.6) ? [name, this.text(value)] : [name, value],
    );
    if (this.chance(0.1)) params.splice(Math.floor(this.random() * params.length), 1);
    if (this.chance(0.1) && params.length > 0) params.push([...this.pick(params)]);
    if (this.chance(0.1)) params.push([this.text('format'), this.text('json')]);
    return params;
  }
}

function encoded(params: [string, string][]): string {
  return params
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
    .join('&');
}

async function send(server: TestServer, golden: GoldenCase, mutator: Mutator): Promise<string> {
  const { method, path, params = [], body, headers = {} } = golden.request;
  const changed = mutator.params(params);
  const url = encodeURI(mutator.chance(0.05) ? mutator.text(path) : path);
  const asPath = url.startsWith('/') ? url : `/${url}`;
  const sent =
    body !== undefined
      ? mutator.text(body)
      : method === 'POST'
        ? mutator.chance(0.5)
          ? encoded(changed)
          : changed.map((pair) => pair.join('=')).join('&')
        : undefined;
  const search = sent === undefined && changed.length > 0 ? `?${encoded(changed)}` : '';
  const began = performance.now();
  const answer = await server.ask(asPath + search, {
    method,
    headers,
    ...(sent === undefined ? {} : { body: sent }),
  });
  const tookMs = performance.now() - began;
  const shown = `${method} ${(asPath + search).slice(0, 500)} ${sent?.slice(0, 500) ?? ''}`;
  if (answer.status !== 200 && (answer.status < 400 || answer.status >= 500)) {
    return `${answer.status} ${answer.text.slice(0, 200)}: ${shown}`;
  }
  return tookMs > SLOWEST_MS ? `${Math.round(tookMs)} ms: ${shown}` : '';
}

describe('mutated requests', (it) => {
  let server: TestServer;
  it.before(async () => {
    server = await goldenServer({ limits: { requestMs: RENDER_MS } });
  });
  it.after(() => server.close());

  it(
    `${REQUESTS} of them are answered 200 or 4xx, in time`,
    async () => {
      const mutator = new Mutator(SEED);
      const cases = goldenCases();
      const wrong: string[] = [];
      for (let i = 0; i < REQUESTS; i++) {
        const what = await send(server, mutator.pick(cases), mutator);
        if (what !== '') wrong.push(what);
      }
      assert.is(
        wrong.length,
        0,
        `${wrong.length} of ${REQUESTS}:\n${wrong.slice(0, 20).join('\n')}`,
      );
      assert.is((await server.ask('/health')).status, 200);
    },
    { timeoutMs: 300_000 },
  );
});
