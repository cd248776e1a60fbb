/** Times of requests that name no zone are meant in the server's. */
import { loadConfig } from '../../../src/config/load.ts';
import { testServer, type TestServer } from '../../http/client.ts';
import { columnStore } from '../../query/support/column-store.ts';
import { assert, describe } from '../../support/suite.ts';

const MIDNIGHT_IN_BERLIN = Date.UTC(2026, 10, 29, 23) / 1000;
const HOUR = 3600;

describe('the zone of the server', (it) => {
  let server: TestServer;
  it.before(async () => {
    const values = (step: number): { step: number; values: null[] } => ({ step, values: [] });
    const store = columnStore({ x: values(60), hourly: values(HOUR) });
    store.fetch = async (ids, from, until) =>
      ids.map((id) => {
        const step = id === 0 ? HOUR : 60;
        const start = from - (from % step) + step;
        const end = until - (until % step) + step;
        const hours = Float64Array.from(
          { length: (end - start) / step },
          (_, i) => (start + i * step) / HOUR,
        );
        return { start, end, step, values: hours, archiveIndex: 0 };
      });
    server = await testServer(store, {
      timeZone: 'Europe/Berlin',
      nowSeconds: () => MIDNIGHT_IN_BERLIN + HOUR,
    });
  });
  it.after(() => server.close());

  async function csv(query: string): Promise<string[]> {
    const { text } = await server.ask(`/render?format=csv&target=x&${query}`);
    return text.trim().split('\r\n');
  }

  it('is that of from and until, and of the times of csv', async () => {
    const hour = MIDNIGHT_IN_BERLIN / HOUR;
    const line = (time: string, minutes: number): string =>
      `x,2026-11-30 ${time},${hour + minutes / 60}`;
    for (const from of ['00:00_20261130', 'midnight']) {
      const lines = await csv(`from=${from}&until=00:02_20261130`);
      assert.is(lines.length, 2, from);
      assert.ok(lines[0]!.startsWith(line('00:01:00', 1).slice(0, 24)), lines[0]);
    }
  });

  it('gives way to the zone of a request', async () => {
    const lines = await csv('from=00:00_20261130&until=00:02_20261130&tz=Asia/Tokyo');
    assert.match(lines[0]!, /^x,2026-11-30 00:01:00/);
    const [first] = await csv('from=00:00_20261130&until=00:02_20261130&tz=Mars/Olympus');
    assert.match(first!, /^x,2026-11-30 00:01:00,49888\d/);
  });

  it('is where timeShift finds the change of clocks', async () => {
    // A week before the 29th of October, clocks were an hour ahead.
    const day = 'from=00:00_20261029&until=02:00_20261029&format=json';
    const target = 'timeShift(hourly,"7d",true,true)';
    const [berlin, utc] = await Promise.all(
      ['', '&tz=UTC'].map(async (tz) => {
        const answer = await server.json(
          `/render?${day}&target=${encodeURIComponent(target)}${tz}`,
        );
        const [series] = answer as { datapoints: [number, number][] }[];
        const [value, time] = series!.datapoints[0]!;
        return time / HOUR - value;
      }),
    );
    assert.equal([berlin, utc], [7 * 24 + 1, 7 * 24]);
  });

  it('is where days begin', async () => {
    for (const target of [
      'smartSummarize(hourly,"1d","min","days")',
      'hitcount(hourly,"1d",true)',
    ]) {
      const path = `/render?format=json&from=20:00_20261128&until=20:00_20261129`;
      const answer = await server.json(`${path}&target=${encodeURIComponent(target)}`);
      const [series] = answer as { datapoints: [number, number][] }[];
      // The first datapoint of a day is the one after midnight, as whisper reads.
      assert.is(series!.datapoints[0]![1] % (24 * HOUR), 0, target);
    }
  });

  it('is that of events', async () => {
    await server.ask('/events/', {
      body: JSON.stringify({ what: 'late', tags: 'late', when: MIDNIGHT_IN_BERLIN + 60 }),
    });
    const found = async (from: string): Promise<number> =>
      ((await server.json(`/events/get_data?from=${from}`)) as unknown[]).length;
    assert.equal([await found('00:00_20261130'), await found('00:02_20261130')], [1, 0]);
  });
});

describe('timeZone', (it) => {
  const load = (env: Record<string, string>, text?: string): ReturnType<typeof loadConfig> =>
    loadConfig({ file: 'c.json5', text, env, flags: {} });

  it('is the option, else TZ, else UTC', () => {
    const file = '{ timeZone: "Asia/Tokyo" }';
    for (const [env, text, expected] of [
      [{}, undefined, 'UTC'],
      [{ TZ: 'Europe/Berlin' }, undefined, 'Europe/Berlin'],
      [{ TZ: ':Europe/Berlin' }, undefined, 'Europe/Berlin'],
      [{ TZ: ':/usr/share/zoneinfo/Europe/Berlin' }, undefined, 'Europe/Berlin'],
      [{ TZ: '' }, undefined, 'UTC'],
      [{ TZ: 'Europe/Berlin' }, file, 'Asia/Tokyo'],
      [{ TZ: 'Europe/Berlin', TALLYD_TIME_ZONE: 'America/Lima' }, file, 'America/Lima'],
    ] as const) {
      const { config, findings } = load(env, text);
      assert.is(config.timeZone, expected);
      assert.equal(findings, []);
    }
  });

  it('is refused when it is none; a TZ of the system that is none is told', () => {
    const wrong = load({}, '{ timeZone: "Mars/Olympus" }').findings;
    assert.equal(
      wrong.map(({ severity, text }) => [severity, text]),
      [
        [
          'error',
          'c.json5:1:13: timeZone: read "Mars/Olympus", expected a zone such as Europe/Berlin',
        ],
      ],
    );
    const { config, findings } = load({ TZ: 'CET-1CEST,M3.5.0,M10.5.0/3' });
    assert.is(config.timeZone, 'UTC');
    assert.equal(
      findings.map(({ severity, text }) => [severity, text]),
      [
        [
          'warning',
          'TZ: read "CET-1CEST,M3.5.0,M10.5.0/3", expected a zone such as Europe/Berlin: UTC is used',
        ],
      ],
    );
  });
});
