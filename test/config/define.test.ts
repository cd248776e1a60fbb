import { DEFAULT_CONFIG, loadConfig } from '../../src/config/load.ts';
import { assert, describe } from '../support/suite.ts';

const load = (text: string) => loadConfig({ file: 'c', text, env: {}, flags: {} });

describe('config define', (it) => {
  it('keeps templates by name', () => {
    const { config, findings } = load("{ define: { perMinute: 'scale({{.argString}},60)' } }");
    assert.equal(findings, []);
    assert.equal(config.define, { perMinute: 'scale({{.argString}},60)' });
    assert.equal(DEFAULT_CONFIG.define, {});
  });

  it('tells every wrong one with its place and leaves it out', () => {
    const text = "{ define: {\n ok: 'a',\n 'a.b': 'x',\n n: 5,\n t: 'f({{.args}})' } }";
    const { config, findings } = load(text);
    assert.equal(config.define, { ok: 'a' });
    assert.equal(
      findings.map((finding) => finding.text),
      [
        'c:3:9: define: read "a.b", expected a name such as perMinute',
        'c:4:5: define n: read 5, expected a text',
        'c:5:5: define t: {{.args}} read, ' +
          'expected {{.argString}}, {{index .args 0}} or {{index .kwargs "name"}}',
      ],
    );
    const { findings: none } = load("{ define: ['a'] }");
    assert.match(none[0]!.text, /^c:1:11: define: read \["a"\], expected an object of texts/);
  });
});

describe('config of HTTP', (it) => {
  it('reads limits and cache, each on its own', () => {
    const { config, findings } = load(
      '{ httpLimits: { series: 7, requestMs: 100 }, cacheTimeout: 0, cacheBytes: 1024 }',
    );
    assert.equal(findings, []);
    const { httpLimits, renderCache } = config;
    assert.equal(httpLimits, { ...DEFAULT_CONFIG.httpLimits, series: 7, requestMs: 100 });
    assert.equal(renderCache, { timeoutSeconds: 0, bytes: 1024, entries: 10_000 });
  });

  it('corrects names and refuses what is out of range', () => {
    const { findings } = load('{ httpLimits: { serie: 7, targets: 0 } }');
    assert.equal(
      findings.map((finding) => finding.text),
      [
        'c:1:17: unknown key "serie", did you mean "series"?',
        'c:1:36: httpLimits.targets: read 0, expected a whole number of targets from 1 to 1000000',
      ],
    );
  });
});
