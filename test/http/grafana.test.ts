/**
 * A dashboard of Grafana is opened, from "Save & test" to the annotations over its panels, in the
 * order in which Grafana asks; then its backend evaluates the same as alerts.
 */
import { assert, describe } from '../support/suite.ts';
import { NOW, type TestServer } from './client.ts';
import { goldenServer } from './golden-server.ts';
import { type Frame, Grafana, Refused } from './grafana.ts';

const HOUR = { from: NOW - 3600, until: NOW };
const RANGE = `from=${HOUR.from}&until=${HOUR.until}`;
/** Of a panel in pixels: no datapoints of the last hour are folded, so panels can be compared. */
const WIDTH = 400;
const SERVERS = ['db01', 'web01', 'web02', 'web03'];

/** What people draw, with names that hold quotes, commas, brackets, blanks and semicolons. */
const DRAWN: readonly string[] = [
  'servers.*.cpu.user',
  'servers.{web01,web02}.cpu.{user,system}',
  'aliasByNode(servers.*.cpu.user, 1)',
  "alias(sumSeries(servers.*.cpu.user), 'total')",
  'alias(app.ramp, "it\'s (100%), [a] {b}, \\\\1")',
  'alias(app.ramp, "ends in a blank ")',
  "movingAverage(servers.web01.cpu.user, '5min')",
  'asPercent(servers.web01.cpu.user, sumSeries(servers.web01.cpu.*))',
  'perSecond(servers.web01.network.eth0.rx_bytes)',
  'scaleToSeconds(stats.counters.api.requests.*.count, 60)',
  "groupByNode(servers.*.cpu.*, 1, 'sum')",
  'highestAverage(servers.*.cpu.user, 2)',
  "seriesByTag('name=disk.used', 'datacenter=~dc.*')",
  "aliasByTags(seriesByTag('name=http.requests'), 'service', 'status')",
  "groupByTags(seriesByTag('name=cpu.load'), 'max', 'datacenter')",
  "summarize(stats.counters.api.requests.2xx.count, '5min', 'sum', false)",
  'constantLine(50)',
  "timeShift(app.sine, '10min')",
  'sumSeries(fast.*.rps, app.ramp)',
  'app.allnull',
];

async function refuses(work: Promise<unknown>): Promise<Refused> {
  try {
    await work;
  } catch (error) {
    assert.instance(error, Refused);
    return error as Refused;
  }
  throw new Error('was answered');
}

describe('a dashboard of Grafana', (it) => {
  let server: TestServer;
  let grafana: Grafana;
  it.before(async () => {
    server = await goldenServer();
    grafana = new Grafana(server.port);
  });
  it.after(async () => {
    grafana.close();
    await server.close();
  });

  it('1. saves and tests the data source', async () => {
    const range = { from: '-1h', until: 'now', maxDataPoints: 300 };
    const [line, ...others] = await grafana.panel({ A: 'constantLine(100)' }, range);
    assert.equal(others, []);
    assert.equal(line!.values, [100, 100, 100]);
    assert.is(line!.refId, 'A');
    const [checked] = await grafana.query('constantLine(100)', { ...HOUR, maxDataPoints: 100 });
    assert.equal(checked!.times, [NOW - 3600, NOW - 1800, NOW]);
  });

  it('2. asks for version and functions', async () => {
    const [major, minor] = await grafana.version();
    assert.ok(major > 1 || minor >= 1, 'tags and /functions would be off');
    const functions = await grafana.functions();
    assert.ok(functions.size > 140, `${functions.size} functions`);
    assert.equal(functions.get('scale'), ['factor']);
    assert.equal(functions.get('sumSeries'), ['seriesLists']);
    assert.equal(functions.get('movingAverage'), ['windowSize', 'xFilesFactor']);
    assert.is(functions.get('color'), undefined, 'a Graph function, which Grafana leaves out');
  });

  it('3. fills its variables', async () => {
    const names = async (pattern: string, search = RANGE): Promise<string[]> =>
      (await grafana.find(pattern, search)).map(({ text }) => text);
    assert.equal(await names('servers.*'), SERVERS);
    assert.equal(await names('servers.{web01,web02}.*'), ['cpu', 'disk', 'memory', 'network']);
    assert.equal(await grafana.expand('servers.{web01,web02}.cpu', RANGE), [
      'servers.web01.cpu',
      'servers.web02.cpu',
    ]);
    const values = 'expr=name=disk.used&expr=datacenter=dc1&tag=server&limit=10000';
    assert.equal(await grafana.complete('values', values), ['web01', 'web02']);
    assert.equal(await grafana.complete('tags', 'expr=name=disk.used&limit=10000'), [
      'datacenter',
      'rack',
      'server',
    ]);
    // Query types "Metric Name" and "Value".
    const last = { from: '-6h', until: 'now', maxDataPoints: 1000 };
    const grouped = await grafana.panel({ A: "groupByNode(servers.*.cpu.user, 1, 'sum')" }, last);
    assert.equal(
      grouped.map(({ name }) => name),
      SERVERS,
    );
    assert.ok(grouped[0]!.values.some((value) => typeof value === 'number'));
  });

  it('4. draws forty panels at once, and stays alive meanwhile', async () => {
    const plain = new Map<string, Frame[]>();
    for (const target of DRAWN) {
      plain.set(target, await grafana.query(target, { ...HOUR, maxDataPoints: WIDTH }));
    }
    const panels = Array.from({ length: 40 }, (_, i) => ({
      A: DRAWN[i % DRAWN.length]!,
      B: DRAWN[(i * 7 + 3) % DRAWN.length]!,
      ...(i % 3 === 0 ? { C: 'app.nosuch' } : {}),
    }));
    let drawn = 0;
    const burst = panels.map(async (targets, i) => {
      const more = i % 4 === 0 ? '&cacheTimeout=60' : '';
      const frames = await grafana.panel(targets, { ...HOUR, maxDataPoints: WIDTH, more }, i + 1);
      drawn += 1;
      return frames;
    });
    const alive = await grafana.send({ path: '/health' });
    assert.is((JSON.parse(alive) as { status: string }).status, 'ok');
    const answers = await Promise.all(burst);
    assert.is(drawn, 40);
    for (const [i, targets] of panels.entries()) {
      for (const [refId, target] of Object.entries(targets)) {
        const mine = answers[i]!.filter((frame) => frame.refId === refId);
        const expected = plain.get(target) ?? [];
        const shown = ({ name, times, values }: Frame) => ({ name, times, values });
        assert.equal(mine.map(shown), expected.map(shown), target);
        for (const { times } of mine) {
          assert.ok(times.length <= WIDTH);
          assert.ok(times.every((time, at) => at === 0 || time > times[at - 1]!));
        }
      }
    }
    const disks = answers[12]!.filter(({ refId }) => refId === 'A');
    assert.equal(
      disks.map(({ labels }) => [labels['server'], labels['datacenter'], labels['name']]),
      [
        ['web01', 'dc1', 'disk.used'],
        ['web02', 'dc1', 'disk.used'],
        ['web03', 'dc2', 'disk.used'],
        ['db01', 'dc2', 'disk.used'],
      ],
    );
    // The same dashboard for another viewer.
    const again = await Promise.all(
      panels.map((targets, i) => grafana.panel(targets, { ...HOUR, maxDataPoints: WIDTH }, i + 1)),
    );
    assert.equal(again, answers);
  });

  it('5. puts annotations over them', async () => {
    const range = { ...HOUR, maxDataPoints: 100 };
    const [flag] = await grafana.panel({ Anno: 'app.flag' }, range);
    assert.is(flag!.refId, 'Anno');
    const marks = flag!.times.filter((_, i) => flag!.values[i] !== null && flag!.values[i] !== 0);
    assert.ok(marks.length > 0 && marks.length < flag!.times.length);
    const what = async (search: string): Promise<string[]> =>
      (await grafana.events(`from=${NOW - 20_000}&until=${NOW}${search}`)).map((one) => one.what);
    assert.equal(await what('&tags=deploy'), ['deploy web v7', 'deploy api v1.2']);
    assert.equal(await what('&tags=deploy api'.replace(' ', '%20')), ['deploy api v1.2']);
    assert.equal(await what('&tags=deploy+api'), ['deploy api v1.2']);
    assert.ok((await what('')).length > 3);
  });

  it('6. edits a query', async () => {
    const found = (pattern: string): Promise<unknown> => grafana.find(pattern, RANGE);
    assert.equal(await found('servers.*web0[12]*'), [
      { text: 'web01', expandable: true },
      { text: 'web02', expandable: true },
    ]);
    assert.equal(await found('servers.web01.cpu.user'), [{ text: 'user', expandable: false }]);
    assert.equal(await found('servers.web01.cpu.user.*'), []);
    assert.ok((await grafana.find('*', RANGE)).some(({ text }) => text === 'servers'));
    const tags = 'expr=name=disk.used&tagPrefix=s&';
    assert.equal(await grafana.complete('tags', tags + RANGE), ['server']);
    const values = 'expr=datacenter=~%5E(dc1%7Cdc9)%24&tag=server&valuePrefix=web&';
    assert.equal(await grafana.complete('values', values + RANGE), ['web01', 'web02']);
    const range = { ...HOUR, maxDataPoints: 60 };
    for (const [target, sentence] of [
      ['nosuchFunction(app.ramp)', /nosuchFunction/],
      ['scale(app.ramp)', /^scale: .*factor/],
      ['sumSeries(', /column/],
    ] as const) {
      const { status, message } = await refuses(grafana.panel({ A: target }, range));
      assert.is(status, 400, target);
      assert.match(message, sentence);
      assert.match(message, /^[^<\n]{1,200}\n?$/, 'one line that the panel can show');
    }
  });

  it('7. is asked by the backend, oddities and all', async () => {
    const [alert] = await grafana.query('averageSeries(servers.*.cpu.user)', {
      ...HOUR,
      maxDataPoints: 43_200,
    });
    assert.is(alert!.times.length, 60);
    assert.equal(alert!.labels, {
      name: 'averageSeries(servers.*.cpu.user)',
      aggregatedBy: 'average',
    });
    const tagged = await grafana.query("seriesByTag('name=disk.used', 'server=db01')", {
      ...HOUR,
      maxDataPoints: 100,
    });
    assert.equal(
      tagged.map(({ labels }) => labels),
      [{ name: 'disk.used', datacenter: 'dc2', rack: 'b2', server: 'db01' }],
    );
    const empty = await grafana.query('app.nosuch', { ...HOUR, maxDataPoints: 100 });
    assert.equal(empty, []);
    // No range: the word undefined, and a limit of none.
    const found = await grafana.find('servers.*', 'from=undefined&until=undefined');
    assert.equal(
      found.map(({ text }) => text),
      SERVERS,
    );
    const tags = await grafana.complete(
      'tags',
      `from=${HOUR.from}&limit=0&tagPrefix=&until=${NOW}`,
    );
    assert.ok(tags.includes('datacenter') && tags.includes('name'), String(tags));
  });

  it('8. shows what is rolled up, as it does with Metrictank', async () => {
    const day = { from: NOW - 86_400, until: NOW, maxDataPoints: 1440 };
    const [coarse] = await grafana.query('multi.max', day, true);
    assert.is(coarse!.notice, 'Data is rolled up, aggregated over 1min using maximum function');
    const [fine] = await grafana.panel(
      { A: 'multi.max' },
      { ...HOUR, maxDataPoints: 60, more: '&meta=true' },
    );
    assert.is(
      fine!.notice,
      'Data is runtime consolidated, 6 datapoints combined using average function',
    );
    const [raw] = await grafana.query('multi.max', { ...HOUR, maxDataPoints: 1440 }, true);
    assert.is(raw!.notice, undefined);
    assert.is(raw!.refId, '');
  });
});
