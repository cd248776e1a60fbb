/** StatsD's config.js with sections of other backends, and with code (F15). */
import { loadConfig } from '../../../src/config/load.ts';
import { assert, describe } from '../../support/suite.ts';

function findings(text: string): string[] {
  const read = loadConfig({ file: 'config.js', text, env: {}, flags: {} });
  return read.findings.map(
    ({ severity, unknownKey, text: sentence }) =>
      `${unknownKey === true ? 'unknown' : severity} ${sentence.replace('config.js:', '')}`,
  );
}

describe('reports: a config.js with plug-ins and code', (it) => {
  it('sections of backends that tallyd does not have are warnings', () => {
    assert.equal(
      findings(
        "{ backends: ['statsd-cloudwatch-backend'],\n" +
          "cloudwatch: { region: 'us-west-2', dimensions: { InstanceId: 'i-0' } },\n" +
          "influxdb: { host: 'h' }, librato: {}, datadog: [{ key: 1 }],\n" +
          "hostedGraphiteAPIKey: 'k' }",
      ).slice(1),
      [
        'warning 2:1: section "cloudwatch" is of no backend that tallyd has: ignored',
        'warning 3:1: section "influxdb" is of no backend that tallyd has: ignored',
        'warning 3:26: section "librato" is of no backend that tallyd has: ignored',
        'warning 3:39: section "datadog" is of no backend that tallyd has: ignored',
        'warning 4:1: key "hostedGraphiteAPIKey" is of no backend that tallyd has: ignored',
      ],
    );
  });

  it('typing errors stay errors of check', () => {
    assert.equal(findings('{ graphit: { globalPrefix: 1 } }'), [
      'unknown 1:3: unknown key "graphit", did you mean "graphite"?',
    ]);
    assert.equal(findings("{ backends: ['mine'], prot: 1 }").slice(1), [
      'unknown 1:23: unknown key "prot", did you mean "port"?',
    ]);
    assert.equal(findings('{ hostedGraphiteAPIKey: 1 }'), [
      'unknown 1:3: unknown key "hostedGraphiteAPIKey"',
    ]);
    assert.equal(findings('{ graphite: { globalPrefx: "a" } }').length, 1);
  });

  it('code names the variable that takes its place', () => {
    const notCode = 'expected a plain value: code in a configuration is never evaluated';
    const wayOut = (key: string, name: string): string =>
      `; leave "${key}" out and give it by the variable TALLYD_${name.replaceAll('-', '_').toUpperCase()}, or by --${name}`;
    assert.equal(findings("{ port: 8125, graphiteHost: process.env.GRAPHITE || 'localhost' }"), [
      `error 1:29: read "process.env.GRAPHITE", ${notCode}${wayOut('graphiteHost', 'graphite-host')}`,
    ]);
    assert.equal(
      findings(
        "{ a: [{ b: 1 }], /* c: */ graphite: { 'globalSuffix': require('os').hostname() } }",
      ),
      [
        `error 1:55: read "require", ${notCode}` +
          wayOut('graphite.globalSuffix', 'graphite-global-suffix'),
      ],
    );
    assert.equal(findings("{ graphiteHost: 'a' + '.b' }"), [
      `error 1:21: read "+", ${notCode}${wayOut('graphiteHost', 'graphite-host')}`,
    ]);
    // Lists of objects have no variable.
    assert.equal(findings('{ repeater: [{ host: process.env.A }] }'), [
      `error 1:22: read "process.env.A", ${notCode}`,
    ]);
    assert.equal(findings('module.exports = {}'), [`error 1:1: read "module.exports", ${notCode}`]);
  });
});
