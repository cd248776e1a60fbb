/** Functions over timers as Grafana meets them: `/functions`, `/render`, its notes and its errors. */
import { STAT_EDGE_P } from '../../src/wire/statistics.ts';
import { sketchStore } from '../query/support/sketch-store.ts';
import { assert, describe } from '../support/suite.ts';
import { testServer, type TestServer } from './client.ts';
import { modelStore } from '../model/model-store.ts';

const T = 'stats.timers.web1.latency';
const WINDOW = 'from=0&until=240&now=240';
const slots = [[], [1, 2], [3, 40], [5], [6, 7, 8]];

interface Described {
  name: string;
  group: string;
  params: { name: string; type: string; multiple?: boolean }[];
}

interface Rendered {
  target: string;
  tags: Record<string, string>;
  datapoints: [number | null, number][];
  meta?: { notice?: string }[];
}

describe('http: functions over timers', (it) => {
  let server: TestServer;
  it.before(async () => {
    const statistics = { [`${T}.upper_90`]: { name: T, stat: STAT_EDGE_P, argument: 90 } };
    const column = { step: 60, values: [null, 2, 40, 5, 8] };
    const timers = {
      [T]: { step: 60, slots },
      'stats.timers.old.latency': { step: 60, slots, keptFrom: 6000 },
    };
    const columns = { [`${T}.upper_90`]: column, 'stats.timers.old.latency.upper_90': column };
    server = await testServer(sketchStore(timers, columns, statistics));
  });
  it.after(() => server.close());

  const render = async (target: string, more = ''): Promise<Rendered[]> =>
    (await server.json(
      `/render?${WINDOW}&format=json${more}&target=${encodeURIComponent(target)}`,
    )) as Rendered[];

  it('are listed where there is a timer', async () => {
    const all = (await server.json('/functions')) as Record<string, Described>;
    assert.is(all['scale']!.group, 'Transform');
    const found = all['timerPercentile']!;
    assert.is(found.group, 'Timers');
    // Grafana takes the first parameter off only when it is a series list.
    assert.is(found.params[0]!.type, 'seriesList');
    assert.equal(all['timerMergeByNode']!.params[1]!.multiple, true);
    const names = Object.keys((await server.json('/functions?group=Timers')) as object);
    assert.equal(names, [
      'setUnion',
      'timerApdex',
      'timerCdf',
      'timerHistogram',
      'timerMerge',
      'timerMergeByNode',
      'timerPercentile',
      'timerPercentiles',
      'timerStat',
    ]);
  });

  it("leave graphite-web's list alone where there is none, but are found by name", async () => {
    const without = await testServer(modelStore({ names: ['a.b'] }));
    try {
      assert.not('timerPercentile' in ((await without.json('/functions')) as object));
      assert.ok('timerPercentile' in ((await without.json('/functions?group=Timers')) as object));
      assert.is(
        ((await without.json('/functions/timerPercentile')) as Described).name,
        'timerPercentile',
      );
    } finally {
      await without.close();
    }
  });

  it('render, folded off merged sketches with maxDataPoints', async () => {
    const target = `aliasSub(timerPercentile(${T}, 50), "(^.*$)", "\\1 A")`;
    const [whole] = await render(target);
    assert.is(whole!.target, `timerPercentile(${T},50) A`);
    assert.equal(
      whole!.datapoints,
      [1, 3, 5, 7].map((value, i) => [value, 60 + i * 60]),
    );
    const [folded] = await render(target, '&maxDataPoints=2');
    // 3, 40 and 5: the second of them; then 6, 7 and 8.
    assert.equal(folded!.datapoints, [
      [5, 120],
      [7, 240],
    ]);
    const [statistic] = await render(`${T}.upper_90`, '&maxDataPoints=2');
    assert.equal(statistic!.datapoints, [
      [40, 120],
      [8, 240],
    ]);
  });

  it('formats that have no maxDataPoints get every slot', async () => {
    const { text } = await server.ask(
      `/render?${WINDOW}&format=csv&maxDataPoints=2&target=timerStat(${T},"max")`,
    );
    assert.is(text.trim().split('\n').length, 4);
  });

  it('say in meta when statistics answered instead of sketches', async () => {
    const answer = (await server.json(
      `/render?${WINDOW}&format=json&meta=true&target=timerPercentile(stats.timers.*.latency,90)`,
    )) as { series: Rendered[] };
    const notices = Object.fromEntries(
      answer.series.map(({ target, meta }) => [target, meta![0]!.notice]),
    );
    assert.is(notices[`timerPercentile(${T},90)`], undefined);
    assert.match(
      notices['timerPercentile(stats.timers.old.latency,90)'] ?? '',
      /no sketches are kept of this range: averages of upper_90/,
    );
  });

  it('refuse with 400 and a sentence', async () => {
    const { status, text } = await server.ask(
      `/render?${WINDOW}&format=json&target=timerStat(${T},"p99")`,
    );
    assert.is(status, 400);
    assert.match(text, /timerStat: statistic "p99" read, expected one of count rate sum/);
  });
});
