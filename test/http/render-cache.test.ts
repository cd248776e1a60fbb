import fc from 'fast-check';
import { RenderGate } from '../../src/http/limits.ts';
import { MemoryStore } from '../model/memory-store.ts';
import { DEFAULT_RULES } from '../../src/storage/retention/default-rules.ts';
import { points } from '../support/points.ts';
import { assert, describe, rounds } from '../support/suite.ts';
import { NOW, testServer, type TestServer } from './client.ts';

/** `a.0` and `a.1` at 10 s for an hour, then 60 s for four; `b` at 60 s alone. */
async function filled(): Promise<MemoryStore> {
  const store = new MemoryStore(DEFAULT_RULES);
  const add = async (name: string, steps: [number, number][]): Promise<void> => {
    const archives = steps.map(([step, points]) => ({ step, points }));
    const data = archives.map(({ step, points }) => {
      const newest = NOW - (NOW % step);
      const times = Float64Array.from({ length: points }, (_, i) => newest - step * i).reverse();
      return { step, times, values: times.map((time) => (time / step) % 97) };
    });
    const rules = { aggregationMethod: 'average', xFilesFactor: 0 } as const;
    await store.importSeries({ name, archives, ...rules }, data);
  };
  const fine: [number, number][] = [
    [10, 360],
    [60, 240],
  ];
  await add('a.0', fine);
  await add('a.1', fine);
  await add('b', [[60, 240]]);
  return store;
}

interface Counts {
  hits: number;
  misses: number;
  bytes: number;
}

async function counts(server: TestServer): Promise<Counts> {
  const { text } = await server.ask('/metrics');
  const value = (name: string): number =>
    Number(new RegExp(`^tallyd_http_render_cache_${name} (\\d+)$`, 'm').exec(text)?.[1]);
  return { hits: value('hits_total'), misses: value('misses_total'), bytes: value('bytes') };
}

async function point(store: MemoryStore, name: string, time: number, value: number): Promise<void> {
  await store.append(points([name], [time], [value]), NOW);
}

describe('render cache', (it) => {
  let store: MemoryStore;
  let server: TestServer;
  let now = NOW;
  it.before(async () => {
    store = await filled();
    server = await testServer(store, { nowSeconds: () => now });
  });
  it.after(() => server.close());

  /** Whether asking this was answered from the cache. */
  const hit = async (query: string): Promise<boolean> => {
    const before = await counts(server);
    assert.is((await server.ask(`/render?format=json&${query}`)).status, 200);
    return (await counts(server)).hits > before.hits;
  };

  it('answers the same question once evaluated, byte for byte and in the same type', async () => {
    for (const format of ['json', 'csv', 'raw', 'dygraph', 'rickshaw', 'pickle', 'msgpack']) {
      const url = `/render?target=a.*&from=-10min&format=${format}`;
      const before = await counts(server);
      const [first, second] = [await server.ask(url), await server.ask(url)];
      assert.equal(second.bytes, first.bytes);
      assert.equal(second.headers['content-type'], first.headers['content-type']);
      const after = await counts(server);
      assert.equal([after.hits - before.hits, after.misses - before.misses], [1, 1]);
      assert.ok(after.bytes > before.bytes);
    }
  });

  it('tells requests apart by all that they ask', async () => {
    const asked = 'target=a.0&from=-5min&tz=UTC';
    assert.is(await hit(asked), false);
    const others = ['maxDataPoints=3', 'noNullPoints=1', 'jsonp=f', 'pretty=1', 'xFilesFactor=0.5'];
    for (const other of [...others, 'template[x]=1', 'tz=Europe/Berlin', 'target=b', 'meta=1']) {
      assert.is(await hit(`${asked}&${other}`), false, other);
      assert.is(await hit(`${asked}&${other}`), true, other);
    }
    assert.is(await hit(asked), true);
  });

  it('forgets at the next write', async () => {
    const url = '/render?target=a.0&from=-1min&format=json';
    const before = await server.ask(url);
    await point(store, 'a.0', NOW, 4242);
    const after = await server.ask(url);
    assert.is(before.text.includes('4242'), false);
    assert.ok(after.text.includes('4242'));
    const events = '/render?format=json&from=-1min&target=events("x")';
    const none = await server.ask(events);
    const event = JSON.stringify({ what: 'deploy', tags: ['x'], when: NOW - 30 });
    await server.ask('/events/', { body: event, headers: { 'content-type': 'application/json' } });
    assert.is.not((await server.ask(events)).text, none.text);
  });

  it('gives an answer for one step to a request that names an age, whatever is written', async () => {
    const asked = `target=a.1&from=${NOW - 600}&until=${NOW}&now=${NOW}`;
    assert.is(await hit(`${asked}&cacheTimeout=60`), false);
    await point(store, 'a.1', NOW - 20, 1);
    now = NOW + 9;
    assert.is(await hit(`${asked}&cacheTimeout=60`), true, 'nine seconds of a step of ten');
    assert.is(await hit(`${asked}&cacheTimeout=5`), false, 'older than asked for');
    await point(store, 'a.1', NOW - 20, 2);
    assert.is(await hit(asked), false, 'the default age is no wish for an old answer');
    await point(store, 'a.1', NOW - 20, 3);
    now = NOW + 19;
    assert.is(await hit(`${asked}&cacheTimeout=60`), false, 'a step has passed');
    // A function of the clock leaves one second.
    const clock = `target=time("t",60)&from=${NOW - 600}&until=${NOW}&cacheTimeout=60`;
    assert.is(await hit(clock), false);
    await point(store, 'a.1', NOW - 20, 4);
    assert.is(await hit(clock), true);
    await point(store, 'a.1', NOW - 20, 5);
    now = NOW + 20;
    assert.is(await hit(clock), false);
    now = NOW;
  });

  it('honours noCache and cacheTimeout', async () => {
    const asked = `target=a.1&from=${NOW - 300}&until=${NOW}&now=${NOW}`;
    assert.is(await hit(`${asked}&noCache=1`), false);
    assert.is(await hit(asked), false, 'noCache keeps nothing');
    assert.is(await hit(asked), true);
    assert.is(await hit(`${asked}&noCache`), false);
    assert.is(await hit(`${asked}&cacheTimeout=0`), false);
    now = NOW + 30;
    assert.is(await hit(`${asked}&cacheTimeout=30`), false, 'as old as allowed');
    now = NOW + 89;
    assert.is(await hit(asked), true, 'the default of a minute after it was made anew');
    now = NOW + 90;
    assert.is(await hit(asked), false);
    assert.is((await server.ask('/render?format=json&cacheTimeout=soon')).status, 400);
    now = NOW;
  });

  it('takes times within one step of the finest archive for the same', async () => {
    const at = (target: string, seconds: number): Promise<boolean> =>
      hit(`target=${target}&from=${NOW - 300 + seconds}&until=${NOW + seconds}&now=${NOW + 9}`);
    assert.is(NOW % 20, 0);
    assert.is(await at('sum(a.*)', 0), false);
    assert.is(await at('sum(a.*)', 7), true);
    assert.is(await at('sum(a.*)', 10), false);
    assert.is(await at('sum(a.*,b)', 0), false);
    assert.is(await at('sum(a.*,b)', 8), true);
    for (const target of ['time("x",1)', 'movingAverage(a.0,3)', 'timeShift(a.0,"1h")']) {
      assert.is(await at(target, 0), false);
      assert.is(await at(target, 7), false, target);
      assert.is(await at(target, 7), true, target);
    }
  });

  it('never answers other than an evaluation would', async () => {
    const targets = [
      'a.*',
      'sum(a.*,b)',
      'none',
      'time("t",7)',
      'identity("t")',
      'randomWalk("w",30)',
      'movingAverage(a.0,5)',
      'timeShift(b,"30min")',
      'summarize(a.1,"5min","sum",true)',
      'hitcount(b,"7min")',
      'delay(a.0,2)',
      'constantLine(3)',
      'threshold(5)',
      'timeSlice(a.0,"-20min","-3min")',
      'timeStack(a.0,"10min",0,2)',
      'aliasSub(a.*,"a","z")',
      'holtWintersForecast(b)',
      'smartSummarize(a.0,"7min")',
      'integralByInterval(a.0,"3min")',
    ];
    const near = fc.integer({ min: 0, max: 9 });
    const three = fc.tuple(near, near, near);
    const windows = fc.record({
      target: fc.constantFrom(...targets),
      length: fc.constantFrom(60, 600, 3600, 7200, 14_400, 20_000),
      steps: fc.tuple(fc.integer({ min: -3, max: 3 }), fc.integer({ min: -3, max: 3 })),
      shifts: fc.tuple(three, three),
    });
    const before = await counts(server);
    const property = fc.asyncProperty(windows, async ({ target, length, steps, shifts }) => {
      // Two windows in the same steps: the second may have the first one's answer.
      const [first, second] = shifts.map(([start, end, clock]) => {
        const [from, until] = [NOW - length + steps[0] * 10 + start, NOW + steps[1] * 10 + end];
        return `target=${target}&from=${from}&until=${until}&now=${NOW + clock}&format=json`;
      });
      await server.ask(`/render?${first}`);
      const kept = await server.ask(`/render?${second}`);
      const made = await server.ask(`/render?${second}&noCache=1`);
      assert.is(made.status, 200, made.text);
      assert.is(kept.text, made.text, second);
    });
    await fc.assert(property, { numRuns: rounds(60, 300), seed: 4 });
    const hits = (await counts(server)).hits - before.hits;
    assert.ok(hits > rounds(1, 20), `${hits} hits`);
  });
});

describe('render cache bounds', (it) => {
  const hits = async (cache: { bytes?: number; entries?: number }): Promise<Counts> => {
    const server = await testServer(await filled(), { cache });
    try {
      for (const series of ['a.0', 'a.1', 'a.0']) {
        await server.ask(`/render?target=${series}&from=-1h&format=json`);
      }
      return await counts(server);
    } finally {
      await server.close();
    }
  };

  it('keeps no more than its bytes and entries', async () => {
    assert.equal(await hits({ bytes: 0 }), { hits: 0, misses: 0, bytes: 0 });
    assert.equal(await hits({ entries: 0 }), { hits: 0, misses: 0, bytes: 0 });
    assert.is((await hits({ entries: 1 })).hits, 0);
    assert.is((await hits({ entries: 2 })).hits, 1);
    // An answer of 360 datapoints is over an eighth of this.
    assert.equal(await hits({ bytes: 20_000 }), { hits: 0, misses: 3, bytes: 0 });
  });

  it('evaluates a burst of the same panel as often as renders run at once', async () => {
    const server = await testServer(await filled(), { limits: { concurrentRenders: 2 } });
    try {
      const url = '/render?target=movingAverage(a.*,5)&format=json';
      const answers = await Promise.all(Array.from({ length: 30 }, () => server.ask(url)));
      assert.is(new Set(answers.map(({ text }) => text)).size, 1);
      const { hits: found, misses } = await counts(server);
      assert.ok(misses <= 2, `${misses} evaluations`);
      assert.is(found + misses, 30);
    } finally {
      await server.close();
    }
  });
});

describe('a client that left', (it) => {
  it('costs no evaluation when its turn comes', async () => {
    const run = RenderGate.prototype.run;
    const store = await filled();
    const server = await testServer(store, { limits: { concurrentRenders: 1 } });
    let release = (): void => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    try {
      // The only place is taken until the client has gone.
      let isFirst = true;
      RenderGate.prototype.run = async function <T>(this: RenderGate, work: () => Promise<T>) {
        return run.call(this, async () => {
          if (isFirst) {
            isFirst = false;
            await held;
          }
          return work();
        }) as Promise<T>;
      };
      const leaving = fetch(`http://127.0.0.1:${server.port}/render?target=a.0&format=json`, {
        signal: AbortSignal.timeout(100),
      }).catch(() => 'left');
      assert.is(await leaving, 'left');
      // Its connection ends before this one begins.
      await server.ask('/version');
      release();
      const { status } = await server.ask('/render?target=a.1&format=json');
      assert.is(status, 200);
      assert.is((await counts(server)).misses, 1);
    } finally {
      RenderGate.prototype.run = run;
      release();
      await server.close();
    }
  });
});
