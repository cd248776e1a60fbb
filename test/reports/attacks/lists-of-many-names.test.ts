/** Listings of many names let others run, and end where they become too long. */
import { RenderGate, type HttpLimits } from '../../../src/http/limits.ts';
import { assert, describe, rounds } from '../../support/suite.ts';
import { modelStore } from '../../model/model-store.ts';
import { testServer, type TestServer } from '../../http/client.ts';

const COUNT = rounds(5000, 20_000);
const LISTINGS = [
  '/metrics/find?query=big.*.*',
  '/metrics/find?query=big.*.*&format=json',
  '/metrics/find?query=big.*.*&format=pickle',
  '/metrics/find?query=big.*.*&format=msgpack',
  '/metrics/find?query=big.*.*&format=completer',
  '/metrics/find?query=big.*.*&format=nodelist&position=1',
  '/metrics/find?query=**',
  '/metrics/expand?query=big.*.*',
  '/metrics/expand?query=big.*.*&groupByExpr=1',
  '/metrics/index.json',
  '/tags/findSeries?expr=name=t',
  '/tags/findSeries?expr=host=~h.*7$',
  '/tags/host',
  '/tags/host?filter=.*7',
  '/tags/autoComplete/values?tag=host&limit=0',
];

function names(): string[] {
  const made: string[] = [];
  for (let i = 0; i < COUNT; i++) made.push(`big.a${i % 5000}.b${i}`, `t;host=h${i}`);
  return made;
}

describe('lists of many names', (it) => {
  it('are whole, and others are answered between', async () => {
    const server = await testServer(modelStore({ names: names() }));
    try {
      const turns: number[] = [];
      let last = performance.now();
      const timer = setInterval(() => {
        turns.push(performance.now() - last);
        last = performance.now();
      }, 1);
      for (const path of LISTINGS) assert.is((await server.ask(path)).status, 200, path);
      clearInterval(timer);
      assert.ok(turns.length > LISTINGS.length);
      const index = (await server.json('/metrics/index.json')) as string[];
      assert.is(index.length, COUNT);
      assert.is(((await server.json('/tags/host')) as { values: [] }).values.length, COUNT);
      const called = (await server.ask('/metrics/index.json?jsonp=f&pretty=1')).text;
      assert.match(called, /^f\(\[/);
      assert.match(called, /\]\)$/);
    } finally {
      await server.close();
    }
  });

  it('end where they are over httpLimits.answerBytes', async () => {
    const server = await testServer(modelStore({ names: names() }), {
      limits: { answerBytes: 5000 },
    });
    const refused = async (path: string): Promise<void> => {
      const { status, text } = await server.ask(path);
      assert.is(status, 422, path);
      assert.match(text, /over 5000 characters \(httpLimits\.answerBytes\)/);
    };
    try {
      for (const path of LISTINGS) await refused(path);
      // What was typed before the last dot stands before each name.
      const typed = `{${'a,'.repeat(3000)}big}`;
      await refused(`/metrics/find?query=${encodeURIComponent(typed)}.*`);
      assert.is((await server.ask('/metrics/find?query=big.a7.*')).status, 200);
    } finally {
      await server.close();
    }
  });

  it('end after httpLimits.steps', async () => {
    const server: TestServer = await testServer(modelStore({ names: names() }), {
      limits: { steps: 10_000 },
    });
    try {
      for (const path of LISTINGS.slice(0, 3)) {
        const { status, text } = await server.ask(path);
        assert.is(status, 422, path);
        assert.match(text, /over 10000 steps of work in one request \(httpLimits\.steps\)/);
      }
    } finally {
      await server.close();
    }
  });
});

describe('renders that wait', (it) => {
  it('are refused by their characters: one long one may wait, a second may not', async () => {
    const limits = { concurrentRenders: 1, waitingRenders: 5, waitingBytes: 1000 } as HttpLimits;
    const gate = new RenderGate(limits);
    let end = (): void => {};
    const first = gate.run(() => new Promise<void>((resolve) => (end = resolve)), 5000);
    const second = gate.run(async () => {}, 5000);
    let refused: unknown;
    await gate.run(async () => {}, 10).catch((error: unknown) => (refused = error));
    const { status, message } = refused as { status: number; message: string };
    assert.is(status, 429);
    assert.match(
      message,
      /of 5000 characters .* at most 1000 may wait \(httpLimits.waitingBytes\)/,
    );
    assert.is(gate.rejected, 1);
    while (gate.running === 0) await new Promise(setImmediate);
    await new Promise(setImmediate);
    end();
    await Promise.all([first, second]);
    // Nothing waits any more.
    await gate.run(async () => {}, 10);
    assert.is(gate.running, 0);
  });
});
