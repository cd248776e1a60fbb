/** Options about changing and expiring series: `adminPeers` and `expireIdleSeries`. */
import { loadConfig } from '../../src/config/load.ts';
import { parsePeer } from '../../src/config/peers.ts';
import { assert, describe } from '../support/suite.ts';

function load(text: string, flags: Record<string, string> = {}) {
  const { config, findings } = loadConfig({ file: 'c.js', text, env: {}, flags });
  return { config, texts: findings.map((finding) => finding.text) };
}

describe('expireIdleSeries', (it) => {
  it('is off unless it is a duration', () => {
    assert.is(load('{}').config.expireIdleSeconds, 0);
    const seconds = (value: string): number => {
      const { config, texts } = load(`{ expireIdleSeries: ${value} }`);
      assert.equal(texts, []);
      return config.expireIdleSeconds;
    };
    assert.is(seconds("'off'"), 0);
    assert.is(seconds('false'), 0);
    assert.is(seconds("'30d'"), 30 * 86_400);
    assert.is(seconds("'60min'"), 3600);
    assert.is(seconds("'2weeks'"), 14 * 86_400);
    assert.is(load('{}', { expireIdleSeries: '1y' }).config.expireIdleSeconds, 365 * 86_400);
  });

  it('refuses what is none, or shorter than lastSeen is exact', () => {
    for (const value of ["'59m'", "'30'", '30', "'d'", "'30 days'", "'1month'", 'true', "'-1d'"]) {
      const [text] = load(`{ expireIdleSeries: ${value} }`).texts;
      assert.match(
        String(text),
        /^c\.js:1:21: expireIdleSeries: read .*, expected such as "30d" or "12h", one hour/,
      );
    }
  });
});

describe('httpHosts', (it) => {
  const right = 'graphite.example.com *.example.com tallyd a_b.example 10.0.0.5 fd00::1'.split(' ');
  const wrong = ['http://x/', '*', '*.', 'a..b', 'x:8080', 'a/b', '', ' a', '-a', 'é.example'];

  it('are names, or all below one', () => {
    const { config, texts } = load(JSON.stringify({ httpHosts: right }));
    assert.equal([config.httpHosts, texts], [right, []]);
    for (const name of [...wrong, 'a'.repeat(254)]) {
      const [text] = load(JSON.stringify({ httpHosts: ['ok', name] })).texts;
      assert.match(
        String(text),
        /^c\.js:1:\d+: httpHosts: read ".*, expected a name such as/,
        name,
      );
    }
  });
});

describe('corsOrigins', (it) => {
  it('are what browsers say of a page', () => {
    const right = ['https://grafana.example.com', 'http://localhost:3000', '*'];
    const { config, texts } = load(JSON.stringify({ corsOrigins: right }));
    assert.equal([config.corsOrigins, texts], [right, []]);
    for (const origin of [
      'grafana',
      'https://a.b/',
      'https://A.b',
      'https://a.b:443',
      'null',
      '',
    ]) {
      const [text] = load(JSON.stringify({ corsOrigins: [origin] })).texts;
      assert.match(String(text), /^c\.js:1:\d+: corsOrigins: read ".*, expected an origin/, origin);
    }
  });
});

describe('events', (it) => {
  it('are kept by age and number', () => {
    assert.equal(load('{}').config.events, { seconds: 0, count: 50_000, bytes: 67_108_864 });
    const { config, texts } = load("{ eventRetention: '1y', maxEvents: 9 }");
    assert.equal(texts, []);
    assert.equal(config.events, { seconds: 365 * 86_400, count: 9, bytes: 67_108_864 });
    assert.equal(load('{}', { eventRetention: '30d', maxEvents: '7' }).config.events, {
      seconds: 30 * 86_400,
      count: 7,
      bytes: 67_108_864,
    });
    assert.match(
      load("{ eventRetention: 'x' }").texts.join(),
      /eventRetention: read "x", expected/,
    );
    assert.match(
      load('{ maxEvents: 0 }').texts.join(),
      /maxEvents: read 0, expected a whole number/,
    );
  });
});

describe('adminPeers', (it) => {
  it('are addresses and networks', () => {
    const { config, texts } = load("{ adminPeers: ['10.0.0.5', '10.0.0.0/8', 'fd00::/8'] }");
    assert.equal(texts, []);
    assert.equal(config.adminPeers, ['10.0.0.5', '10.0.0.0/8', 'fd00::/8']);
    assert.equal(load('{}').config.adminPeers, []);
    const flag = load('{}', { adminPeers: '10.0.0.5, ::2' });
    assert.equal(flag.config.adminPeers, ['10.0.0.5', '::2']);
    assert.equal(parsePeer('10.0.0.5'), { address: '10.0.0.5', family: 'ipv4', bits: 32 });
    assert.equal(parsePeer('fd00::/8'), { address: 'fd00::', family: 'ipv6', bits: 8 });
  });

  it('refuses what is neither', () => {
    for (const peer of ['web01', '10.0.0.0/33', '10.0.0.0/', '10.0.0.0/8/8', '10.0.0', '']) {
      assert.is(parsePeer(peer), undefined, peer);
    }
    assert.equal(load("{ adminPeers: ['10.0.0.5', 'web01'] }").texts, [
      'c.js:1:15: adminPeers: read "web01", expected an address such as 10.0.0.5 ' +
        'or a network such as 10.0.0.0/8',
    ]);
  });
});
