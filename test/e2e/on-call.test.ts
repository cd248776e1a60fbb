/** What whoever is woken at night asks of a running server, after traffic. */
import { spawnSync } from 'node:child_process';
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

  it.before(async () => {
    // Nobody listens on port 1: Graphite is away.
    server = await Server.start(['--graphite-host', '127.0.0.1', '--graphite-port', '1']);
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

  it.after(async () => server?.remove());

  it("Prometheus' page has what is asked for", () => {
    assert.equal(ASKED.filter((pattern) => !pattern.test(page)).map(String), []);
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
