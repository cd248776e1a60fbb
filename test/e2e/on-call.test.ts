/** What whoever is woken at night asks of a running server, after traffic. */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Reason } from '../../src/health/reasons.ts';
import type { TopAnswer } from '../../src/http/top.ts';
import { sendLines } from '../support/send-lines.ts';
import { Server } from '../support/server.ts';
import { assert, describe } from '../support/suite.ts';

/** Figures that alerts and dashboards ask for, beside those of counters.test.ts. */
const ASKED = [
  /^tallyd_build_info\{version="[^"]+",node="v/m,
  /^process_start_time_seconds 1\d{9}/m,
  /^process_resident_memory_bytes [1-9]/m,
  /^tallyd_store_state\{state="ok"\} 1$/m,
  /^tallyd_store_state\{state="failing"\} 0$/m,
  /^tallyd_store_last_durable_flush_timestamp_seconds [1-9]/m,
  /^tallyd_store_disk_free_bytes [1-9]/m,
  /^tallyd_store_disk_headroom_bytes [1-9]/m,
  /^tallyd_flush_interval_seconds 1$/m,
  /^tallyd_flush_duration_seconds_bucket\{le="\+Inf"\} [1-9]/m,
  /^tallyd_flush_durable_duration_seconds_count [1-9]/m,
  /^tallyd_http_render_duration_seconds_count [1-9]/m,
  /^tallyd_clock_steps_total\{direction="back"\} 0$/m,
  /^tallyd_store_prefix_series\{prefix="[^"]+"\} [1-9]/m,
  /^tallyd_graphite_up 0$/m,
];

describe('on call', (it) => {
  let server: Server | undefined;
  let page = '';

  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tallyd-on-call-'));

  it.before(async () => {
    const file = path.join(folder, 'tallyd.json5');
    // Nobody listens on port 1: Graphite is away.
    const graphite = { graphiteHost: '127.0.0.1', graphitePort: 1 };
    const repeater = { backends: ['graphite', 'repeater'], repeater: [{ host: '::1', port: 9 }] };
    const limits = { maxSeriesPerPrefix: 3, slowRenderMs: 1 };
    fs.writeFileSync(file, JSON.stringify({ ...graphite, ...repeater, ...limits }));
    server = await Server.start(['--config', file]);
    const running = server;
    await sendLines(running.port('statsd udp'), [
      'shop.pay:12|ms',
      'shop."a"\\b:1|c',
      'bad line',
      'a.{b}:1|g',
    ]);
    const arrived = async (): Promise<boolean> => {
      const points = await running.render('stats.timers.shop.pay.count');
      page = await (await running.get('/metrics')).text();
      return points.size > 0 && /^tallyd_graphite_up 0$/m.test(page);
    };
    await running.until(arrived, 'a flush, and Graphite to be away');
  });

  it.after(async () => {
    await server?.remove();
    fs.rmSync(folder, { recursive: true });
  });

  it("Prometheus' page has what is asked for", () => {
    assert.equal(ASKED.filter((pattern) => !pattern.test(page)).map(String), []);
  });

  it('what alerts ask for is on the page, and what dashboards draw is stored', async () => {
    const rules = fs.readFileSync('config/prometheus/alerts.yml', 'utf8');
    const metrics = new Set(rules.match(/\btallyd_\w+/g));
    assert.ok(metrics.size > 15);
    assert.equal(
      [...metrics].filter((name) => !new RegExp(`^${name}[{ ]`, 'm').test(page)),
      [],
    );
    const dashboard = fs.readFileSync('config/grafana/dashboards/on-call.json', 'utf8');
    const paths = new Set(dashboard.match(/\btallyd(\.[\w*{},]*[\w*}])+/g));
    assert.ok(paths.size > 20);
    for (const one of paths) {
      const query = new URLSearchParams({ query: one });
      const found = await server!.json<unknown[]>(`/metrics/find?${query.toString()}`);
      assert.ok(found.length > 0, one);
    }
  });

  it('names refused, slow renders and Graphite away are in /health at once, and in the log', async () => {
    const running = server!; // it was started
    const names = Array.from({ length: 9 }, (_, i) => `shop.cart.user${i}:1|c`);
    await sendLines(running.port('statsd udp'), names);
    const expected = ['TallydGraphiteAway', 'TallydNamesRefused', 'TallydSlowRenders'];
    let reasons: Reason[] = [];
    const areThere = async (): Promise<boolean> => {
      await running.render('sumSeries(randomWalk("a",1),randomWalk("b",1))', '-5d');
      ({ reasons = [] } = await running.json<{ reasons?: Reason[] }>('/health'));
      return expected.every((alert) => reasons.some((one) => one.alert === alert));
    };
    await running.until(areThere, `${expected.join(' and ')} in /health`);
    page = await (await running.get('/metrics')).text();
    assert.match(page, /^tallyd_series_refused_total\{reason="prefix"\} [1-9]/m);
    assert.match(page, /^tallyd_http_renders_slow_total [1-9]/m);
    const told = (pattern: RegExp): number => running.stderr.match(pattern)?.length ?? 0;
    assert.ok(told(/slow render: /g) > 0);
    assert.is(told(/Graphite at 127\.0\.0\.1:1 is away/g), 1);
  });

  it('top names what was sent', async () => {
    const port = server!.port('statsd udp'); // it was started
    await server!.until(async () => {
      await sendLines(port, ['shop.pay:7|ms']);
      const top = await server!.json<TopAnswer>('/admin/top');
      return top.names.some(({ name }) => name === 'shop.pay') && top.newNames.perMinute > 0;
    }, 'shop.pay among the busiest');
  });

  const clean = "promtool finds no fault with Prometheus' page";
  if (spawnSync('promtool', ['--version']).status !== 0) {
    it.skipAloud(clean, 'promtool is missing (Debian package prometheus)');
  } else {
    it(clean, () => {
      const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], {
        input: page,
        encoding: 'utf8',
      });
      assert.equal([status, stdout + stderr], [0, '']);
    });
  }
});
