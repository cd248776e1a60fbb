import fs from 'node:fs';
import { loadConfig } from '../../src/config/load.ts';
import { assert, describe } from '../support/suite.ts';

/** A file in the manner of StatsD's users, written for this test. */
const STATSD_FILE = `/*
 * Metrics of the shop. Ask ops before changing a port!
 */
{
  graphitePort: 2003
, graphiteHost: "graphite.example.com"   // the old one
, port: 8125
, backends: [ "./backends/graphite", './backends/console' ]
, "flushInterval": 10000,
  percentThreshold: [50, 90, 99.9],
  servers: [
    { server: "./servers/udp", address: "0.0.0.0", port: 8125 },
    { server: './servers/tcp', address: '127.0.0.1', port: 8127, },
  ],
  histogram: [ { metric: 'foo', bins: [] }, { metric: '', bins: [ 10, 100, 'inf' ] } ],
  graphite: { legacyNamespace: false, globalPrefix: "shop" },
  deleteIdleStats: true,
  dumpMessages: false,
  /* keyFlush: { interval: 1000 }, */
}
`;

interface Case {
  id: string;
  config?: Record<string, unknown>;
  steps?: { reload?: Record<string, unknown> }[];
}

describe("StatsD's configuration files", (it) => {
  it('load as they stand', () => {
    const input = { file: 'config.js', text: STATSD_FILE, env: {}, flags: {} };
    const { config, findings } = loadConfig(input);
    assert.equal(findings, []);
    assert.equal(config.graphiteBackend, {
      host: 'graphite.example.com',
      port: 2003,
      protocol: 'text',
      queueBytes: 2 ** 30,
    });
    assert.equal(
      config.servers.map(({ transport, port }) => `${transport} ${port}`),
      ['udp 8125', 'tcp 8127'],
    );
    const { aggregation } = config;
    assert.equal(
      aggregation.percentThresholds.map(({ label }) => label),
      ['50', '90', '99_9'],
    );
    assert.is(aggregation.histograms[1]?.bins[2], Infinity);
    assert.is(aggregation.namespace.globalPrefix, 'shop');
    assert.is(aggregation.deleteGauges, true);
  });

  it('every recorded case loads without an error or an unknown key', () => {
    const lines = fs.readFileSync('test/conformance/statsd/conformance.jsonl', 'utf8').trim();
    let count = 0;
    for (const line of lines.split('\n')) {
      const one = JSON.parse(line) as Case;
      for (const given of [one.config ?? {}, ...(one.steps ?? []).map(({ reload }) => reload)]) {
        if (given === undefined) continue;
        count += 1;
        const ports = { port: 1, mgmt_port: 2, mgmt_address: '127.0.0.1', graphiteHost: '::1' };
        const { findings } = loadConfig({
          file: 'config.js',
          text: JSON.stringify({ ...given, ...ports }, null, 1),
          env: { TALLYD_DIALECT: 'statsd', TALLYD_CARBON_PORT: 'off', TALLYD_HTTP_PORT: '0' },
          flags: { carbonPicklePort: 'off' },
        });
        const bad = findings.filter((one) => one.severity === 'error' || one.unknownKey === true);
        assert.equal(bad, [], one.id);
      }
    }
    assert.ok(count >= 324, `${count} configurations`);
  });

  it('a text for a number is one, as in StatsD', () => {
    const text = '{ flushInterval: "500", port: "9125" }';
    const { config, findings } = loadConfig({ file: 'f', text, env: {}, flags: {} });
    assert.equal(findings, []);
    assert.is(config.aggregation.flushIntervalMs, 500);
    assert.is(config.servers[0]?.port, 9125);
  });
});
