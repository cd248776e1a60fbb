import { DEFAULT_CONFIG, loadConfig } from '../../src/config/load.ts';
import { camelCase, OPTIONS, type Option } from '../../src/config/options.ts';
import { assert, describe } from '../support/suite.ts';

const EMPTY = { file: undefined, text: undefined, env: {}, flags: {} };

/** A value that is not the default, as a flag spells it and as a file does. */
function another(option: Option): { spelled: string; value: unknown } {
  const choice = option.choices?.find((one) => one !== option.default);
  if (choice !== undefined) return { spelled: choice, value: choice };
  switch (option.kind) {
    case 'integer': {
      const value = ((option.default as number | undefined) ?? 76) + 1;
      return { spelled: String(value), value };
    }
    case 'port':
      return { spelled: '4242', value: 4242 };
    case 'mode':
      return { spelled: '0640', value: '0640' };
    case 'boolean':
      return option.default === true
        ? { spelled: 'false', value: false }
        : { spelled: 'true', value: true };
    case 'namespace':
      return { spelled: 'false', value: false };
    case 'thresholds':
      return { spelled: '50,99.9', value: [50, 99.9] };
    case 'words':
      return option.key === 'adminPeers'
        ? { spelled: '10.0.0.5,10.1.0.0/16', value: ['10.0.0.5', '10.1.0.0/16'] }
        : { spelled: 'console,count', value: ['console', 'count'] };
    case 'duration':
      return { spelled: '40d', value: '40d' };
    default:
      return { spelled: 'another', value: 'another' };
  }
}

/** What other options must say for this one to show in the configuration. */
function context(option: Option): Record<string, unknown> {
  const { key } = option;
  if (key.startsWith('console')) return { backends: ['console'] };
  if (key === 'graphitePicklePort') return { graphiteHost: 'h', graphiteProtocol: 'pickle' };
  if (key === 'graphiteHost') return {};
  if (key.startsWith('graphite') && !key.includes('.')) return { graphiteHost: 'h' };
  if (key.startsWith('repeater')) return { backends: ['repeater'], repeater: [{ port: 1 }] };
  return key.startsWith('socket') ? { server: './servers/tcp' } : {};
}

function fileText(option: Option, value: unknown): string {
  const [outer, inner] = option.key.split('.') as [string, string | undefined];
  const own = inner === undefined ? { [outer]: value } : { [outer]: { [inner]: value } };
  return JSON.stringify({ ...context(option), ...own });
}

describe('options', (it) => {
  for (const option of OPTIONS) {
    if (option.flag === undefined || option.env === undefined) continue;
    const { flag, env } = option;
    it(`${option.key} = --${flag} = ${env}: the three agree and change something`, () => {
      const { spelled, value } = another(option);
      const text = JSON.stringify(context(option));
      const base = { ...EMPTY, file: 'f', text };
      const results = [
        loadConfig({ ...base, flags: { [camelCase(flag)]: spelled } }),
        loadConfig({ ...base, env: { [env]: spelled } }),
        loadConfig({ ...base, text: fileText(option, value) }),
      ];
      const without = JSON.stringify({ ...loadConfig(base).config, raw: 0 });
      const seen = results.map(({ config, findings }) => {
        assert.equal(
          findings.filter(({ severity }) => severity === 'error'),
          [],
        );
        return JSON.stringify({ ...config, raw: 0 });
      });
      assert.is(seen[0], seen[1]);
      assert.is(seen[0], seen[2]);
      if (option.ignored === undefined) assert.is.not(seen[0], without);
    });
  }

  it('flags and variables are spelled by one rule', () => {
    const spelling = (key: string) => {
      const option = OPTIONS.find((one) => one.key === key);
      return [option?.flag, option?.env];
    };
    assert.equal(spelling('flushInterval'), ['flush-interval', 'TALLYD_FLUSH_INTERVAL']);
    assert.equal(spelling('mgmt_port'), ['mgmt-port', 'TALLYD_MGMT_PORT']);
    assert.equal(spelling('gaugesMaxTTL'), ['gauges-max-ttl', 'TALLYD_GAUGES_MAX_TTL']);
    assert.equal(spelling('graphite.prefixSet'), [
      'graphite-prefix-set',
      'TALLYD_GRAPHITE_PREFIX_SET',
    ]);
    assert.equal(spelling('servers'), [undefined, undefined]);
    assert.is(new Set(OPTIONS.map(({ env }) => env ?? Symbol('none'))).size, OPTIONS.length);
  });

  it('a flag without a value is true', () => {
    const { config } = loadConfig({ ...EMPTY, flags: { deleteIdleStats: true } });
    assert.is(config.aggregation.deleteSets, true);
    assert.is(DEFAULT_CONFIG.aggregation.deleteSets, false);
  });
});
