import { DIALECT_NAMES } from '../../src/config/dialects.ts';
import type { Config } from '../../src/config/config.ts';
import { DEFAULT_CONFIG, loadConfig, type LoadInput } from '../../src/config/load.ts';
import { assert, describe } from '../support/suite.ts';

function load(text: string, more: Partial<LoadInput> = {}) {
  return loadConfig({ file: 'c.js', text, env: {}, flags: {}, ...more });
}

/** The configuration of a text that must have nothing wrong in it. */
function accepts(text: string, more: Partial<LoadInput> = {}): Config {
  const { config, findings } = load(text, more);
  assert.equal(findings, []);
  return config;
}

/** Every sentence, in order. */
function sentences(text: string, severity: 'error' | 'warning' = 'error'): string[] {
  return load(text)
    .findings.filter((finding) => finding.severity === severity)
    .map((finding) => finding.text);
}

describe('precedence', (it) => {
  it('flag, then variable, then file, then default', () => {
    const text = '{ port: 3 }';
    const env = { TALLYD_PORT: '2' };
    const port = (config: Config) => config.servers[0]?.port;
    assert.is(port(accepts(text, { env, flags: { port: '1' } })), 1);
    assert.is(port(accepts(text, { env })), 2);
    assert.is(port(accepts(text)), 3);
    assert.is(port(accepts('{}')), 8125);
  });

  it('an empty variable is not given, and a Kubernetes link is none', () => {
    const env = {
      TALLYD_PORT: 'tcp://10.0.0.1:8125',
      TALLYD_DATA_DIR: '',
      TALLYD_SERVICE_HOST: 'x',
    };
    assert.equal(accepts('{}', { env }).servers, DEFAULT_CONFIG.servers);
    assert.is(accepts('{}', { env }).dataDir, './data');
  });

  it('a wrong value is told by the place that won', () => {
    const env = { TALLYD_HTTP_PORT: 'eighty' };
    const { findings } = load('{ httpPort: -1 }', { env });
    assert.equal(
      findings.map(({ text }) => text),
      ['TALLYD_HTTP_PORT: read "eighty", expected a port from 0 (any free one) to 65535, or "off"'],
    );
  });
});

const dialects = DIALECT_NAMES.map((name) => `"${name}"`)
  .join(', ')
  .replace(/, (?=[^,]*$)/, ' or ');

describe('sentences', (it) => {
  it('all errors at once, in the order of the file', () => {
    assert.equal(
      sentences(
        [
          '{',
          '  flushInterval: -5, port: 70000,',
          "  dialect: 'statd',",
          '  keyNameSanitize: "yes",',
          '  percentThreshold: [90, "many"],',
          '  prefixStats: 5,',
          '  graphite: 7, backends: "console",',
          '}',
        ].join('\n'),
      ),
      [
        'c.js:2:18: flushInterval: read -5, expected a whole number of milliseconds from 1 to 86400000',
        'c.js:2:28: port: read 70000, expected a port from 0 (any free one) to 65535, or "off"',
        `c.js:3:12: dialect: read "statd", expected ${dialects}`,
        'c.js:4:20: keyNameSanitize: read "yes", expected true or false',
        'c.js:5:21: percentThreshold: read "many", expected a percentage such as 90, 99.9 or -10',
        'c.js:6:16: prefixStats: read 5, expected a text',
        'c.js:7:13: graphite: read 7, expected an object with legacyNamespace, globalPrefix,' +
          ' prefixCounter, prefixTimer, prefixGauge, prefixSet, globalSuffix',
        'c.js:7:26: backends: read "console", expected a list of texts',
      ],
    );
  });

  it('an unknown key is a warning with the nearest known one', () => {
    const text =
      "{ flushIntervall: 1, mgmtPort: 2, prot: 3, influxdb: 4, graphite: { prefixs: '' } }";
    assert.equal(sentences(text), []);
    assert.equal(sentences(text, 'warning'), [
      'c.js:1:3: unknown key "flushIntervall", did you mean "flushInterval"?',
      'c.js:1:22: unknown key "mgmtPort", did you mean "mgmt_port"?',
      'c.js:1:35: unknown key "prot", did you mean "port"?',
      'c.js:1:44: unknown key "influxdb"',
      'c.js:1:69: unknown key "prefixs", did you mean "prefixSet"?',
    ]);
    assert.ok(load(text).findings.every(({ unknownKey }) => unknownKey === true));
  });

  it('an unknown variable is a warning too', () => {
    const { findings } = load('{}', { env: { TALLYD_FLUSHINTERVAL: '1', HOME: '/' } });
    assert.equal(findings, [
      {
        severity: 'warning',
        text: 'TALLYD_FLUSHINTERVAL: unknown variable, did you mean "TALLYD_FLUSH_INTERVAL"?',
      },
    ]);
  });

  it('what looks like a misspelt key of who may ask is an error: it would let everybody in', () => {
    assert.equal(sentences("{ acess: 'a', tls_crt: 'b', process: 1, tls: 2 }"), [
      'c.js:1:3: unknown key "acess", did you mean "access"? It keeps nobody out so',
      'c.js:1:15: unknown key "tls_crt", did you mean "tlsCert"? It keeps nobody out so',
    ]);
    const env = { TALLYD_ACESS: 'a', TALLYD_CLASS: 'b', TALLYD_TOKEN: 'c' };
    const errors = load('{}', { env }).findings.filter(({ severity }) => severity === 'error');
    assert.equal(errors, [
      { severity: 'error', text: 'TALLYD_ACESS: unknown variable, did you mean "TALLYD_ACCESS"?' },
    ]);
  });

  it('a key that occurs twice', () => {
    assert.equal(sentences('{ port: 1,\n port: 2 }', 'warning'), [
      'c.js:2:2: key "port" occurs twice, this one counts',
    ]);
    assert.is(load('{ port: 1, port: 2 }').config.servers[0]?.port, 2);
  });

  it('a whole that is no object', () => {
    assert.equal(sentences('[1]'), ['c.js:1:1: read [1], expected an object in braces']);
  });

  it('members of lists have places', () => {
    assert.equal(
      sentences(
        "{ servers: [{ server: './servers/sctp', port: 99999 }, 5],\n" +
          "  histogram: [{ metric: '', bins: [1, 'x'] }, { bins: [1] }],\n" +
          '  repeater: [{ host: 5, port: 0 }], keyFlush: [] }',
      ),
      [
        'c.js:1:23: server: read "./servers/sctp", expected "./servers/udp" or "./servers/tcp"',
        'c.js:1:47: port: read 99999, expected a port from 0 (any free one) to 65535, or "off"',
        'c.js:1:56: servers: read 5, expected {server, address, port}',
        'c.js:2:35: bins: read "x", expected a number or "inf"',
        'c.js:2:47: metric: not given, expected a part of a name, "" for all',
        'c.js:3:22: host: read 5, expected a text',
        'c.js:3:31: port: read 0, expected a whole number from 1 to 65535',
        'c.js:3:47: keyFlush: read [], expected {interval, percent, log}',
      ],
    );
  });

  it('what has no effect says so', () => {
    const text = "{ backends: ['./backends/graphite', 'statsd-influxdb-backend'], log: {} }";
    assert.equal(sentences(text, 'warning'), [
      'c.js:1:13: backend "statsd-influxdb-backend" is left out: tallyd has graphite, console and' +
        ' repeater, and loads no modules',
      'c.js:1:70: log: ignored, the log is JSON on stderr, its level is set by logLevel',
    ]);
  });
});

describe('listeners', (it) => {
  const server = (text: string) => accepts(text).servers[0];

  it('off and 0', () => {
    const config = accepts("{ port: 'off', carbonPort: 'off', httpPort: 0, mgmt_port: 'off' }");
    assert.equal(config.servers, []);
    assert.is(config.carbon, undefined);
    assert.is(config.management, undefined);
    assert.equal(config.http, { address: '0.0.0.0', port: 0 });
  });

  it('address holds for all but the console', () => {
    const config = accepts("{ address: '10.0.0.1', httpAddress: '127.0.0.1' }");
    assert.is(config.servers[0]?.address, '10.0.0.1');
    assert.is(config.carbon?.address, '10.0.0.1');
    assert.is(config.http?.address, '127.0.0.1');
    assert.is(config.management?.address, '127.0.0.1');
  });

  it('IPv6 by key or by the address', () => {
    assert.equal([server('{ address_ipv6: true }')].map(short), ['udp :: true']);
    assert.equal([server("{ address: '::1' }")].map(short), ['udp ::1 true']);
    assert.equal([server("{ address: '127.0.0.1' }")].map(short), ['udp 127.0.0.1 false']);
  });
  const short = (one: ReturnType<typeof server>) =>
    `${one?.transport} ${one?.address} ${one?.ipv6}`;

  it('TCP and unix sockets', () => {
    const unix = server("{ server: 'tcp', socket: '/tmp/s', socket_mod: '0770' }");
    assert.equal([unix?.transport, unix?.socketPath, unix?.socketMode], ['tcp', '/tmp/s', 0o770]);
    assert.is(
      server("{ server: './servers/tcp', socket: '/s', socket_mod: 511 }")?.socketMode,
      0o777,
    );
    assert.equal(sentences("{ socket_mod: '99' }"), [
      'c.js:1:15: socket_mod: read "99", expected octal permissions in quotes such as "0770"',
    ]);
  });

  it('a unix socket needs TCP', () => {
    assert.equal(sentences("{ socket: '/s', servers: [{ socket: '/t' }] }", 'warning'), [
      'c.js:1:37: socket: only "./servers/tcp" listens on a unix stream socket ' +
        '("datagramSocket" is for datagrams): ignored',
    ]);
    assert.equal(sentences("{ socket: '/s' }", 'warning'), [
      'c.js:1:11: only "./servers/tcp" listens on a unix stream socket ' +
        '("datagramSocket" is for datagrams): ignored',
    ]);
  });

  it('unix datagram sockets: beside the port, alone, or in the list', () => {
    const show = (text: string) =>
      accepts(text).servers.map(
        ({ transport, port, socketPath, socketMode, dialect }) =>
          `${transport} ${socketPath ?? port} ${socketMode ?? '-'} ${dialect}`,
      );
    const beside = "{ datagramSocket: '/d', socket_mod: '0622', dialect: 'dogstatsd' }";
    assert.equal(show(beside), ['udp 8125 402 dogstatsd', 'udp /d 402 dogstatsd']);
    assert.equal(show("{ port: 'off', datagramSocket: '/d' }"), ['udp /d - extended']);
    assert.equal(show("{ server: 'tcp', socket: '/s', datagramSocket: '/d' }"), [
      'tcp /s - extended',
      'udp /d - extended',
    ]);
    const listed = "{ servers: [{ datagramSocket: '/d', dialect: 'dogstatsd' }, { port: 1 }] }";
    assert.equal(show(listed), ['udp /d - dogstatsd', 'udp 1 - extended']);
    const odd = "{ servers: [{ server: 'tcp', datagramSocket: '/d' }] }";
    assert.equal(sentences(odd, 'warning'), [
      'c.js:1:46: datagramSocket: only "./servers/udp" listens on a unix datagram socket: ignored',
    ]);
    assert.equal(sentences('{ servers: [{ datagramSocket: 5 }] }').length, 1);
  });

  it("servers replaces the keys at the top, with StatsD's defaults and a dialect each", () => {
    const { servers } = accepts(
      "{ port: 1, address: '1.1.1.1', dialect: 'statsd', servers: [{}," +
        " { server: './servers/tcp', port: 0, address: '::1', dialect: 'dogstatsd' }] }",
    );
    assert.equal(
      servers.map(({ transport, address, port, dialect }) => [transport, address, port, dialect]),
      [
        ['udp', '0.0.0.0', 8125, 'statsd'],
        ['tcp', '::1', 0, 'dogstatsd'],
      ],
    );
    const { findings } = load('{ servers: [] }', { flags: { port: '1' } });
    assert.equal(
      findings[0]?.text,
      '--port: no effect on StatsD listeners, the file lists "servers"',
    );
  });
});

describe("StatsD's rules", (it) => {
  const aggregation = (text: string) => accepts(text).aggregation;
  const labels = (text: string) =>
    load(text).config.aggregation.percentThresholds.map(({ label }) => label);

  it('thresholds: numbers, digits in quotes, and what counts as not given', () => {
    assert.equal(labels('{ percentThreshold: [90, -10, 99.9, -99.9, 1e-7, "75"] }'), [
      '90',
      'top10',
      '99_9',
      'top99_9',
      '1etop7',
      '75',
    ]);
    for (const unset of ['0', 'null', "''", 'false']) {
      assert.equal(labels(`{ percentThreshold: ${unset} }`), ['90'], unset);
    }
    assert.equal(labels('{ percentThreshold: [] }'), []);
    assert.equal(labels('{ percentThreshold: [0] }'), ['0']);
    for (const beyond of [100.5, -100]) {
      const text = `{ percentThreshold: [90, ${beyond}], dialect: 'statsd' }`;
      assert.match(sentences(text, 'warning').join(), `read ${beyond}: StatsD's statistics`);
      assert.equal(sentences(text, 'error'), []);
      const sentence = sentences(text.replace("'statsd'", "'dogstatsd'"), 'error').join();
      assert.match(sentence, `percentThreshold: read ${beyond}, expected up to 100`);
    }
  });

  it('deleteIdleStats is the default of the four, each wins on its own', () => {
    const { deleteCounters, deleteTimers, deleteSets, deleteGauges } = aggregation(
      '{ deleteIdleStats: true, deleteCounters: false }',
    );
    assert.equal(
      [deleteCounters, deleteTimers, deleteSets, deleteGauges],
      [false, true, true, true],
    );
  });

  it('gaugesMaxTTL: a whole number above 1, else 1; a text is 1', () => {
    const ttl = (value: string) =>
      load(`{ gaugesMaxTTL: ${value} }`).config.aggregation.gaugesMaxTTL;
    assert.equal(['2', '0', '"3"', '2.5', '-1'].map(ttl), [2, 1, 1, 1, 1]);
    assert.is(
      loadConfig({
        file: undefined,
        text: undefined,
        env: { TALLYD_GAUGES_MAX_TTL: '3' },
        flags: {},
      }).config.aggregation.gaugesMaxTTL,
      3,
    );
  });

  it('legacyNamespace has three states', () => {
    const state = (value: string) =>
      load(`{ graphite: { legacyNamespace: ${value} } }`).config.aggregation.namespace.legacy;
    assert.equal(['true', 'false', '"false"', '0', 'null', '"mixed"'].map(state), [
      true,
      false,
      'mixed',
      'mixed',
      'mixed',
      'mixed',
    ]);
    const flag = loadConfig({
      file: undefined,
      text: undefined,
      env: {},
      flags: { graphiteLegacyNamespace: 'false' },
    });
    assert.is(flag.config.aggregation.namespace.legacy, false);
  });

  it('an empty prefix or suffix is one', () => {
    const { namespace } = aggregation("{ graphite: { globalPrefix: '', globalSuffix: '' } }");
    assert.is(namespace.globalPrefix, '');
    assert.is(namespace.globalSuffix, '');
    assert.is(DEFAULT_CONFIG.aggregation.namespace.globalSuffix, undefined);
  });

  it('histograms keep order and spelling', () => {
    const [first] = aggregation(
      "{ histogram: [{ metric: 'a', bins: [0.01, 10, 'inf'] }] }",
    ).histograms;
    assert.equal(first, { metric: 'a', bins: [0.01, 10, Infinity], labels: ['0_01', '10', 'inf'] });
    assert.is(sentences("{ histogram: [{ metric: '', bins: [5, 1] }] }", 'warning').length, 1);
  });

  it('calculatedTimerMetrics: empty and what is no list keep everything', () => {
    assert.is(aggregation('{ calculatedTimerMetrics: [] }').calculatedTimerMetrics, undefined);
    assert.equal(aggregation('{ calculatedTimerMetrics: ["upper"] }').calculatedTimerMetrics, [
      'upper',
    ]);
    assert.is(sentences('{ calculatedTimerMetrics: "upper" }', 'warning').length, 1);
  });

  it('backends: graphite when it has a host, the others by name', () => {
    assert.is(accepts('{}').graphiteBackend, undefined);
    assert.equal(accepts("{ graphiteHost: 'h' }").graphiteBackend, {
      host: 'h',
      port: 2003,
      protocol: 'text',
      queueBytes: 2 ** 30,
    });
    const pickle = "{ graphiteHost: 'h', graphiteProtocol: 'pickle', graphitePicklePort: 7 }";
    assert.is(accepts(pickle).graphiteBackend?.port, 7);
    const config = accepts(
      "{ graphiteHost: 'h', backends: ['console', './backends/repeater.js'], repeaterProtocol:" +
        " 'tcp', repeater: [{ host: 'r', port: 5 }] }",
    );
    assert.is(config.graphiteBackend, undefined);
    assert.equal(config.consoleBackend, { prettyprint: false });
    assert.equal(config.repeater, { protocol: 'tcp', targets: [{ host: 'r', port: 5 }] });
    assert.is(accepts("{ repeater: [{ host: 'r', port: 5 }] }").repeater, undefined);
  });

  it('dialect statsd keeps timers exactly, unless told otherwise', () => {
    assert.is(aggregation('{}').exactTimerValues, 32);
    assert.is(aggregation("{ dialect: 'statsd' }").exactTimerValues, 10_000);
    assert.is(aggregation("{ dialect: 'statsd', exactTimerValues: 5 }").exactTimerValues, 5);
    assert.is(aggregation("{ dialect: 'statsd' }").flushAlign, true);
  });

  it('the console sees what was given, and what StatsD fills in', () => {
    const config = accepts('{ port: 5, deleteIdleStats: true, graphite: { prefixSet: "s" } }', {
      flags: { graphitePrefixTimer: 't', dataDir: 'elsewhere' },
      env: { TALLYD_DELETE_SETS: 'false' },
    });
    assert.equal(config.raw, {
      port: 5,
      deleteIdleStats: true,
      graphite: { prefixSet: 's', prefixTimer: 't' },
      deleteSets: 'false',
      gaugesMaxTTL: 1,
      deleteCounters: true,
      deleteTimers: true,
      deleteGauges: true,
    });
    assert.equal(accepts('{}').raw, { gaugesMaxTTL: 1, deleteIdleStats: false });
  });

  it('debug lowers the log level unless one is given', () => {
    assert.is(accepts('{ debug: true }').logLevel, 'debug');
    assert.is(accepts("{ debug: true, logLevel: 'warn' }").logLevel, 'warn');
  });

  it('paths of a file count from its folder, others from the current one', () => {
    const text = "{ dataDir: 'd', carbonWhitelist: '/w', servers: [{ datagramSocket: 's' }] }";
    const { config } = loadConfig({ file: '/etc/t/c.json5', text, env: {}, flags: {} });
    assert.equal(
      [config.dataDir, config.carbonRules.whitelist, config.servers[0]?.socketPath],
      ['/etc/t/d', '/w', '/etc/t/s'],
    );
    assert.is(config.storageSchemas, '/etc/t/storage-schemas.conf');
    const flags = { dataDir: 'd', storageSchemas: 's.conf' };
    const told = loadConfig({ file: '/etc/t/c.json5', text, env: {}, flags }).config;
    assert.equal([told.dataDir, told.storageSchemas], ['d', 's.conf']);
    assert.is(
      loadConfig({ file: undefined, text: undefined, env: {}, flags: {} }).config.dataDir,
      './data',
    );
  });
});
