import net from 'node:net';
import type { HttpLimits } from '../../src/http/limits.ts';
import { RenderGate } from '../../src/http/limits.ts';
import { MemoryStore } from '../model/memory-store.ts';
import { DEFAULT_RULES } from '../../src/storage/retention/default-rules.ts';
import { assert, describe } from '../support/suite.ts';
import { NOW, testServer, type TestServer } from './client.ts';

interface Rendered {
  target: string;
  datapoints: [number | null, number][];
}

/** Series `a.0` … of one datapoint a minute over the last hour. */
async function filled(count: number): Promise<MemoryStore> {
  const store = new MemoryStore(DEFAULT_RULES);
  const times = Float64Array.from({ length: 60 }, (_, i) => NOW - (NOW % 60) - 60 * (59 - i));
  for (let i = 0; i < count; i++) {
    await store.importSeries(
      {
        name: `a.${i}`,
        archives: [{ step: 60, points: 1440 }],
        aggregationMethod: 'average',
        xFilesFactor: 0,
      },
      [{ step: 60, times, values: times.map((_, at) => i * 1000 + at) }],
    );
  }
  return store;
}

function targets(answer: unknown): string[] {
  return (answer as Rendered[]).map(({ target }) => target);
}

describe('http render', (it) => {
  let server: TestServer;
  it.before(async () => {
    server = await testServer(await filled(12));
  });
  it.after(() => server.close());

  it('answers GET, a raw form, and JSON alike', async () => {
    const get = await server.ask('/render?target=a.%7B1,2%7D&from=-5min&format=json');
    assert.is(get.type, 'application/json');
    assert.equal(targets(JSON.parse(get.text)), ['a.1', 'a.2']);
    const form = await server.ask('/render/', { body: 'target=a.{1,2}&from=-5min&format=json' });
    assert.is(form.text, get.text);
    const json = await server.ask('/render?format=json', {
      body: '{"target":["a.{1,2}"],"from":"-5min"}',
      headers: { 'content-type': 'application/json; charset=utf-8' },
    });
    assert.is(json.text, get.text);
  });

  it('reads target[] when there is no target, and templates', async () => {
    const query = 'target[]=a.1&target[]=a.2&format=json';
    assert.equal(targets(await server.json(`/render?${query}`)), ['a.1', 'a.2']);
    assert.equal(targets(await server.json(`/render?${query}&target=a.3`)), ['a.3']);
    const template = `target=${encodeURIComponent('template(a.$n,n="1")')}&template[n]=4`;
    assert.equal(targets(await server.json(`/render?${template}&format=json`)), ['a.4']);
  });

  it('takes parameters that change nothing', async () => {
    const query = '/render?target=a.*&from=-5min&format=json';
    const plain = (await server.ask(query)).text;
    const others =
      'maxStep=60 maxStep=x local=1 graphType=line pieMode=average width=800 tz=Nowhere/Land ' +
      'maxDataPoints= maxDataPoints=-5 maxDataPoints=auto xFilesFactor= jsonp= pretty=0 ' +
      'meta=false cacheTimeout= nosuch[]=1 =';
    for (const other of others.split(' ')) {
      assert.is((await server.ask(`${query}&${other}`)).text, plain, other);
    }
  });

  it('ignores from=undefined, swaps a reversed range, keeps quiet without targets', async () => {
    const last = async (query: string): Promise<number> =>
      ((await server.json(`/render?target=a.1&format=json&${query}`)) as Rendered[])[0]!.datapoints
        .length;
    assert.is(await last('from=undefined&until=undefined'), 1440);
    assert.is(await last(`from=${NOW}&until=${NOW - 300}`), 5);
    assert.is(await last('from=-1h&maxDataPoints=10'), 10);
    assert.is(await last('from=-1h&maxDataPoints=x'), 60);
    assert.equal(await server.json('/render?format=json'), []);
    assert.equal(await server.json('/render?format=json&target=&target=%20'), []);
  });

  it('wraps and indents', async () => {
    const { text, type } = await server.ask('/render?target=none&format=json&jsonp=a.b');
    assert.is(text, 'a.b([])');
    assert.is(type, 'text/javascript');
    const { text: pretty } = await server.ask('/render?target=a.1&format=json&pretty=1&from=-2min');
    assert.ok(pretty.split('\n').length > 5);
    assert.equal(targets(JSON.parse(pretty)), ['a.1']);
  });

  it.slow('streams a long answer, the same as a short one', async () => {
    const many = Array.from({ length: 40 }, () => 'target=a.*').join('&');
    const answer = (await server.json(`/render?${many}&format=json`)) as Rendered[];
    assert.is(answer.length, 480);
    const short = (await server.json('/render?target=a.*&format=json')) as Rendered[];
    assert.equal(answer.slice(12, 24), short);
    const { text } = await server.ask(`/render?${many}&format=json`);
    assert.is((await server.ask(`/render?${many}&format=json&pretty=1`)).text, text);
    const called = await server.ask(`/render?${many}&format=json&jsonp=f`);
    assert.equal([called.text, called.type], [`f(${text})`, 'text/javascript']);
    type Noted = { series: (Rendered & { meta?: unknown })[]; meta: object };
    const noted = (await server.json(`/render?${many}&format=json&meta=1`)) as Noted;
    for (const one of noted.series) delete one.meta;
    assert.equal(noted.series, answer);
    for (const format of ['csv', 'raw']) {
      const long = await server.ask(`/render?${many}&format=${format}`);
      const once = await server.ask(`/render?target=a.*&format=${format}`);
      assert.is(long.text, once.text.repeat(40), format);
      assert.is(long.headers['content-length'], undefined, 'it is a stream');
      assert.ok(once.headers['content-length'] !== undefined);
    }
  });

  it('notes what was rolled up when asked, as Metrictank does', async () => {
    const answer = (await server.json('/render?meta=true', {
      body: 'target=alias(a.1,"x")&target=sumSeries(a.*)&format=json&from=-1h&maxDataPoints=10',
    })) as { series: (Rendered & { meta: Record<string, unknown>[] })[]; meta: { stats: object } };
    assert.equal(targets(answer.series), ['x', 'sumSeries(a.*)']);
    assert.is(answer.series[0]!.datapoints.length, 10);
    const plain = '/render?target=a.1&format=json&from=-1h&maxDataPoints=10';
    const [same] = (await server.json(plain)) as Rendered[];
    assert.equal(answer.series[0]!.datapoints, same!.datapoints);
    assert.equal(answer.series[0]!.meta, [
      {
        'schema-name': 'a.1',
        'schema-retentions': '1min:1d:1:1:true',
        'archive-read': 0,
        'archive-interval': 60,
        'aggnum-norm': 1,
        'consolidator-normfetch': 'AverageConsolidator',
        'aggnum-rc': 6,
        'consolidator-rc': 'AverageConsolidator',
        count: 1,
      },
    ]);
    assert.type((answer.meta.stats as Record<string, unknown>)['executeplan.run.ms'], 'number');
    const none = await server.json('/render?meta=true&target=none&format=json');
    assert.equal((none as { series: unknown[] }).series, []);
  });

  it('says 400 for what it does not know, in one sentence', async () => {
    const refused: [string, number, RegExp][] = [
      ['target=nosuch(a.1)&format=json', 400, /nosuch.* not known/],
      ['target=scale(a.1)&format=json', 400, /scale/],
      ['target=a.1&format=json&from=bogus', 400, /bogus/],
      ['target=a.1&format=json&from=100&until=100', 400, /the same time/],
      ['target=a.1&format=json&xFilesFactor=x', 400, /xFilesFactor="x"/],
      ['target=a.1&format=json&jsonp=alert(1)', 400, /function's name/],
      ['target=a.1&format=json&now=soon', 400, /soon/],
    ];
    for (const [query, status, sentence] of refused) {
      const answer = await server.ask(`/render?${query}`);
      assert.is(answer.status, status, query);
      assert.is(answer.type, 'text/plain', query);
      assert.match(answer.text, sentence);
      assert.match(answer.text, /^[^\n]+\n$/);
    }
    const list = { body: '[]', headers: { 'content-type': 'application/json' } };
    assert.is((await server.ask('/render', list)).status, 400);
  });

  it('finds no page below /render', async () => {
    assert.is((await server.ask('/render/nosuch')).status, 404);
  });
});

describe('http limits', (it) => {
  const refuses = async (
    limits: Partial<HttpLimits>,
    query: string,
    status: number,
    sentence: RegExp,
  ): Promise<void> => {
    const server = await testServer(await filled(12), { limits });
    try {
      const answer = await server.ask(`/${query}`);
      assert.is(answer.status, status, query);
      assert.match(answer.text, sentence);
    } finally {
      await server.close();
    }
  };

  it('bounds targets, nesting, series, datapoints, time and hits', async () => {
    const render = 'render?format=json&target=';
    await refuses({ targets: 1 }, `${render}a.1&target=a.2`, 422, /2 targets.* at most 1/);
    await refuses({ series: 5 }, `${render}a.*`, 422, /5/);
    await refuses({ series: 12 }, `${render}a.*&target=alias(a.1,%22x%22)`, 422, /series/);
    await refuses({ points: 1000 }, `${render}a.1`, 422, /1000 datapoints/);
    await refuses({ answerPoints: 2000 }, `${render}a.1&target=a.1`, 422, /2880 datapoints/);
    const thin = `${render}a.1&target=a.1&maxDataPoints=1001`;
    await refuses({ answerPoints: 2000 }, thin, 422, /2002 datapoints/);
    await refuses({ requestMs: 0 }, `${render}a.1`, 429, /waited/);
    const deep = (calls: number): string => `${'absolute('.repeat(calls)}a.1${')'.repeat(calls)}`;
    const sentence = /^target: over 3 calls inside each other at column \d+\n$/;
    await refuses({ targetDepth: 3 }, `${render}${deep(4)}`, 400, sentence);
    await refuses({ targetDepth: 3 }, `${render}${deep(3)}`, 200, /"target": "absolute\(/);
    await refuses(
      { targetDepth: 3 },
      `${render}applyByNode(a.1,0,%22${deep(4)}%22)`,
      400,
      /over 3/,
    );
    await refuses({}, `${render}${deep(101)}`, 400, /over 100 calls/);
    await refuses({ targetDepth: 1000 }, `${render}${deep(1000)}`, 200, /absolute\(/);
    await refuses({ findHits: 5 }, 'metrics/find?query=a.*', 422, /5/);
    await refuses({ findHits: 5 }, 'metrics/expand?query=a.*', 422, /5/);
  });

  it('lets renders in one after the other, and refuses when too many wait', async () => {
    const store = await filled(1);
    let release = (): void => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    const fetchNow = store.fetch.bind(store);
    let running = 0;
    let most = 0;
    store.fetch = async (...args) => {
      most = Math.max(most, ++running);
      await held;
      running -= 1;
      return fetchNow(...args);
    };
    const server = await testServer(store, { limits: { concurrentRenders: 2, waitingRenders: 3 } });
    try {
      const ask = (): Promise<{ status: number }> => server.ask('/render?target=a.0&format=json');
      const asked = Array.from({ length: 6 }, ask);
      // Two run, three wait; whichever came last is answered while the others are held.
      assert.is((await Promise.race(asked)).status, 429);
      release();
      const statuses = (await Promise.all(asked)).map(({ status }) => status);
      assert.equal(
        statuses.sort((a, b) => a - b),
        [200, 200, 200, 200, 200, 429],
      );
      assert.is(most, 2);
      assert.match((await server.ask('/metrics')).text, /renders_refused_total [1-9]/);
      assert.match((await server.ask('/metrics')).text, /renders_running 0\n/);
    } finally {
      await server.close();
    }
  });

  it('ends a render whose sender has gone', async () => {
    const store = await filled(1);
    const fetch = store.fetch.bind(store);
    let fetches = 0;
    let begun = (): void => {};
    const begins = new Promise<void>((resolve) => (begun = resolve));
    store.fetch = async (...args) => {
      fetches += 1;
      begun();
      const held = performance.now();
      while (performance.now() - held < 6); // longer than a slice, so that others get their turn
      return fetch(...args);
    };
    const server = await testServer(store);
    try {
      const shifts = Array.from({ length: 300 }, (_, i) => `timeShift(a.0,'${i + 1}s')`);
      const socket = net.connect(server.port, '127.0.0.1');
      const url = `/render?target=group(${shifts.join(',')})&format=json`;
      socket.write(`GET ${url} HTTP/1.1\r\nhost: x\r\n\r\n`);
      await begins;
      socket.destroy();
      const running = async (): Promise<boolean> =>
        !(await server.ask('/metrics')).text.includes('renders_running 0\n');
      while (await running());
      assert.match((await server.ask('/metrics')).text, /renders_abandoned_total 1\n/);
      assert.ok(fetches < 300, `${fetches} fetches`);
    } finally {
      await server.close();
    }
  });

  it('lets the event loop go between renders that came together', async () => {
    const gate = new RenderGate({ concurrentRenders: 4, waitingRenders: 5 } as HttpLimits);
    let round = 0;
    const count = (): void => {
      round += 1;
      if (gate.running > 0) setImmediate(count);
    };
    const rounds: number[] = [];
    const works = Array.from({ length: 8 }, () => gate.run(async () => void rounds.push(round)));
    setImmediate(count);
    await Promise.all(works);
    assert.is(rounds.length, 8);
    assert.is(new Set(rounds).size, 8, `rounds ${rounds.join(' ')}`);
  });

  it('gives the place on when a render fails', async () => {
    const gate = new RenderGate({ concurrentRenders: 1, waitingRenders: 5 } as HttpLimits);
    const order: number[] = [];
    const works = [1, 2, 3].map((n) =>
      gate
        .run(async () => {
          await Promise.resolve();
          order.push(n);
          if (n === 1) throw new Error('no');
        })
        .catch(() => order.push(-n)),
    );
    await Promise.all(works);
    assert.equal(order, [1, -1, 2, 3]);
    assert.is(gate.running, 0);
  });
});
