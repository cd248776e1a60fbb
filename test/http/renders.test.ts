/** Renders under way: shown, ended, and told to the log when they were slow. */
import { Renders } from '../../src/http/renders.ts';
import { overLimit } from '../../src/lib/errors.ts';
import { makeSeries } from '../../src/query/series/series.ts';
import { assert, describe } from '../support/suite.ts';
import { modelStore } from '../model/model-store.ts';
import { NOW, testServer } from './client.ts';

const asked = { targets: ['sum(a.*)', 'b'], from: 0, until: 60, reader: '' };
const asker = { client: '10.0.0.5', isWaiting: () => true };

function recorded(slowMs: number) {
  const clock = { ms: 1000 };
  const told: [string, Record<string, unknown>][] = [];
  const renders = new Renders({
    slowMs,
    log: (level, message, fields = {}) => told.push([`${level} ${message}`, fields]),
    nowSeconds: () => NOW,
    monotonicMs: () => clock.ms,
  });
  const value = (name: string) => renders.metrics().find((one) => one.name.endsWith(name))?.value;
  const pass = (ms: number): void => void (clock.ms += ms);
  return { renders, told, value, pass };
}

describe('renders', (it) => {
  it('that were slow are told with target, size and client, counted, and recalled', async () => {
    const { renders, told, value, pass } = recorded(5000);
    await renders.run(asked, asker, async () => pass(4999));
    assert.is(renders.slowLately(), undefined);
    await renders.run(asked, asker, async (render) => {
      const values = new Float64Array(6);
      const series = makeSeries({ name: 'x', start: 0, step: 10, values });
      render.answers([series, series]);
      pass(6000);
    });
    assert.is(told.length, 1);
    const [line, fields] = told[0]!; // it is there
    const what =
      /sum\(a\.\*\) and 1 more, 6\.0 s for 2 series and 12 points, asked by 10\.0\.0\.5$/;
    assert.match(line, /^warn slow render: /);
    assert.match(line, what);
    assert.equal([fields['targets'], fields['points']], [['sum(a.*)', 'b'], 12]);
    assert.match(renders.slowLately()!, /^renders were slow \(once, the last: sum/);
    assert.is(value('renders_slow_total'), 1);
    assert.equal(
      renders.slowest.list(NOW, '').map(({ ms }) => ms),
      [6000],
    );
    pass(600_001);
    assert.is(renders.slowLately(), undefined);
  });

  it('that are refused are told with why, those that are wrong are not noted', async () => {
    const { renders, told, pass } = recorded(5000);
    const failing = async (error: Error): Promise<string> => {
      const run = renders.run(asked, asker, async () => {
        pass(6000);
        throw error;
      });
      return run.then(String, (thrown: Error) => thrown.message);
    };
    assert.is(await failing(overLimit('too much')), 'too much');
    assert.is(told[0]![1]['failed'], 'too much');
    assert.is(renders.slowest.list(NOW, '')[0]!.refused, 'too much');
    assert.is(await failing(new Error('a mistake of ours')), 'a mistake of ours');
    assert.equal([told.length, renders.slowest.list(NOW, '')[0]!.refused], [2, 'too much']);
    assert.equal(renders.list(), []);
  });

  it('are shown while they run, and end when they are told to', async () => {
    let read = (): void => {};
    const reading = new Promise<void>((resolve) => (read = resolve));
    const store = modelStore({ names: ['a'] });
    const fetch = store.fetch.bind(store);
    const held = modelStore({
      names: ['a'],
      fetch: async (...args) => {
        await reading;
        return fetch(...args);
      },
    });
    const server = await testServer(held);
    try {
      const target = 'scale(a,2)';
      const answer = server.ask('/render', { body: `target=${target}&format=json` });
      let shown: { running: { id: number; targets: string[]; client: string }[] } = { running: [] };
      while (shown.running.length === 0) {
        shown = (await server.json('/admin/renders')) as typeof shown;
      }
      const [{ id, targets, client }] = shown.running as [(typeof shown.running)[0]];
      assert.equal([targets[0], client], [target, '127.0.0.1']);
      const end = (query: string) => server.ask(`/admin/renders${query}`, { method: 'DELETE' });
      assert.equal((await end(`?id=${id}`)).text, JSON.stringify({ ended: id }));
      read();
      const { status, text } = await answer;
      assert.is(status, 503);
      assert.match(text, /the render was ended by whoever runs this server/);
      assert.equal([(await end(`?id=${id}`)).status, (await end('?id=x')).status], [404, 400]);
      assert.match(
        (await end('')).text,
        /id: read .*, expected a number that GET \/admin\/renders shows/,
      );
      const page = (await server.ask('/metrics')).text;
      assert.match(page, /^tallyd_http_renders_ended_total 1$/m);
    } finally {
      await server.close();
    }
  });

  it('are for programs of this machine', async () => {
    const server = await testServer(modelStore());
    try {
      for (const method of ['GET', 'DELETE']) {
        const headers = { origin: 'http://elsewhere' };
        assert.is((await server.ask('/admin/renders?id=1', { method, headers })).status, 403);
      }
    } finally {
      await server.close();
    }
  });
});
