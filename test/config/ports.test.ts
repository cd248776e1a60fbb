/** Ports that two listeners are to have, and targets that lead back. */
import { loadConfig } from '../../src/config/load.ts';
import { assert, describe } from '../support/suite.ts';

const HERE = ['box', '10.0.0.7', 'fe80::1'];

function load(text: string) {
  const { config, findings } = loadConfig({ file: 'c.js', text, env: {}, flags: {}, here: HERE });
  return { config, texts: findings.map((one) => `${one.severity} ${one.text}`) };
}

const clashes = (text: string): string[] => load(text).texts;

describe('config: ports', (it) => {
  it('that two listeners are to have are errors, by their keys', () => {
    assert.equal(clashes('{ mgmt_port: 9000, httpPort: 9000 }'), [
      'error c.js:1:30: httpPort: read 9000, which is mgmt_port too (TCP), expected a port of its own',
    ]);
    assert.equal(clashes('{ carbonPort: 2004 }'), [
      'error c.js:1:15: carbonPicklePort: read 2004, which is carbonPort too (TCP), expected a port of its own',
    ]);
    assert.equal(clashes('{ port: 2003 }'), [
      'error c.js:1:9: carbonPort: read 2003, which is port too (UDP), expected a port of its own',
    ]);
    assert.equal(
      clashes("{ servers: [{ server: './servers/udp' }, { server: './servers/udp' }] }"),
      ['error c.js:1:12: read two listeners on UDP port 8125, expected one'],
    );
    assert.equal(
      clashes("{ server: './servers/tcp', port: 1, mgmt_port: 1, httpPort: 1 }").length,
      3,
    );
    assert.equal(clashes("{ mgmt_address: '::', mgmt_port: 8080 }").length, 1);
    assert.equal(clashes("{ mgmt_address: 'localhost', mgmt_port: 8080 }").length, 1);
  });

  it('of one number are fine on other protocols and other addresses, and where they are free', () => {
    for (const text of [
      '{ port: 9000, httpPort: 9000 }',
      '{ mgmt_port: 0, httpPort: 0, carbonPort: 0, carbonPicklePort: 0 }',
      "{ carbonPort: 'off', port: 2003 }",
      "{ httpAddress: '10.0.0.7', httpPort: 9000, mgmt_port: 9000 }",
      "{ httpAddress: '::1', httpPort: 9000, mgmt_port: 9000 }",
      "{ servers: [{ server: './servers/udp' }, { server: './servers/tcp' }] }",
    ]) {
      assert.equal(clashes(text), [], text);
    }
  });

  it('to which Graphite is sent are not those of tallyd itself', () => {
    for (const host of ['127.0.0.1', 'localhost', '::1', '0.0.0.0', '10.0.0.7', 'BOX']) {
      const { config, texts } = load(`{ graphiteHost: '${host}' }`);
      assert.is(config.graphiteBackend, undefined, host);
      assert.equal(texts, [
        `error c.js:1:17: graphiteHost: ${host} port 2003 is carbonPort of this tallyd, which would ` +
          'send each flush to itself; it stores them anyway: leave graphiteHost out, or name ' +
          'another server',
      ]);
    }
    for (const text of [
      "{ graphiteHost: '127.0.0.1', graphitePort: 2103 }",
      "{ graphiteHost: '127.0.0.1', carbonPort: 'off' }",
      "{ graphiteHost: '127.0.0.1', carbonAddress: '10.0.0.7' }",
      "{ graphiteHost: '10.0.0.8' }",
    ]) {
      const { config, texts } = load(text);
      assert.equal([config.graphiteBackend === undefined, texts], [false, []], text);
    }
    const pickle = load("{ graphiteHost: 'localhost', graphiteProtocol: 'pickle' }");
    assert.match(pickle.texts[0]!, /port 2004 is carbonPicklePort/);
  });

  it('to which the repeater sends are not those of tallyd itself', () => {
    const { config, texts } = load(
      "{ backends: ['repeater'], repeater: [{ host: '127.0.0.1', port: 8125 }, { host: '10.0.0.8', port: 8125 }] }",
    );
    assert.equal(config.repeater?.targets, [{ host: '10.0.0.8', port: 8125 }]);
    assert.match(texts[0]!, /repeater: 127\.0\.0\.1 port 8125 is port of this tallyd.*left out$/);
    const only = load("{ backends: ['repeater'], repeater: [{ port: 8125 }] }");
    assert.is(only.config.repeater, undefined);
    const tcp = "{ backends: ['repeater'], repeaterProtocol: 'tcp', repeater: [{ port: 8125 }] }";
    assert.is(load(tcp).config.repeater?.targets.length, 1);
  });
});
