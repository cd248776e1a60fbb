import { Command } from 'commander';
import { addConfigFlags, splitFlags } from '../../src/cli/config-flags.ts';
import { DEFAULT_CONFIG, loadConfig, type LoadInput, readOptions } from '../../src/config/load.ts';
import {
  camelCase,
  flagOf,
  type Option,
  option,
  section,
  type Table,
  variableOf,
} from '../../src/config/option.ts';
import { OPTIONS } from '../../src/config/options.ts';
import { assert, describe } from '../support/suite.ts';

const TABLE: Table = OPTIONS;
const EMPTY = { file: undefined, text: undefined, env: {}, flags: {} };

/** A value that is not the default, as a flag spells it and as a file does. */
function another(key: string, option: Option): { spelled: string; value: unknown } {
  const choice = option.choices?.find((one) => one !== option.default);
  if (choice !== undefined) return { spelled: choice, value: choice };
  if (key === 'server') return { spelled: './servers/tcp', value: './servers/tcp' };
  if (key === 'timeZone') return { spelled: 'Asia/Tokyo', value: 'Asia/Tokyo' };
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
      if (key === 'corsOrigins') return { spelled: 'https://a.b,*', value: ['https://a.b', '*'] };
      return key === 'adminPeers'
        ? { spelled: '10.0.0.5,10.1.0.0/16', value: ['10.0.0.5', '10.1.0.0/16'] }
        : { spelled: 'console,count', value: ['console', 'count'] };
    case 'duration':
      return { spelled: '40d', value: '40d' };
    default:
      return { spelled: 'another', value: 'another' };
  }
}

/** What other options must say for this one to show in the configuration. */
function context(key: string): Record<string, unknown> {
  if (key.startsWith('console')) return { backends: ['console'] };
  if (key === 'graphitePicklePort') return { graphiteHost: 'h', graphiteProtocol: 'pickle' };
  if (key === 'graphiteHost') return {};
  if (key.startsWith('graphite') && !key.includes('.')) return { graphiteHost: 'h' };
  if (key.startsWith('repeater')) return { backends: ['repeater'], repeater: [{ port: 1 }] };
  return key.startsWith('socket') ? { server: './servers/tcp' } : {};
}

function fileText(key: string, value: unknown): string {
  const [outer, inner] = key.split('.') as [string, string | undefined];
  const own = inner === undefined ? { [outer]: value } : { [outer]: { [inner]: value } };
  return JSON.stringify({ ...context(key), ...own });
}

describe('options', (it) => {
  for (const [key, option] of Object.entries(TABLE)) {
    const flag = flagOf(key, option);
    if (flag === undefined) continue;
    const env = variableOf(flag);
    it(`${key} = --${flag} = ${env}: the three agree and change something`, () => {
      const { spelled, value } = another(key, option);
      const text = JSON.stringify(context(key));
      const base = { ...EMPTY, file: 'f', text };
      const results = [
        loadConfig({ ...base, flags: { [camelCase(flag)]: spelled } }),
        loadConfig({ ...base, env: { [env]: spelled } }),
        loadConfig({ ...base, text: fileText(key, value) }),
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
      const flag = flagOf(key, TABLE[key]!);
      return flag === undefined ? [] : [flag, variableOf(flag)];
    };
    assert.equal(spelling('flushInterval'), ['flush-interval', 'TALLYD_FLUSH_INTERVAL']);
    assert.equal(spelling('mgmt_port'), ['mgmt-port', 'TALLYD_MGMT_PORT']);
    assert.equal(spelling('gaugesMaxTTL'), ['gauges-max-ttl', 'TALLYD_GAUGES_MAX_TTL']);
    assert.equal(spelling('graphite.prefixSet'), [
      'graphite-prefix-set',
      'TALLYD_GRAPHITE_PREFIX_SET',
    ]);
    assert.equal(spelling('servers'), []);
    const flags = Object.entries(TABLE).flatMap(([key, one]) => flagOf(key, one) ?? []);
    assert.is(new Set(flags).size, flags.length);
  });

  it('a flag without a value is true', () => {
    const { config } = loadConfig({ ...EMPTY, flags: { deleteIdleStats: true } });
    assert.is(config.aggregation.deleteSets, true);
    assert.is(DEFAULT_CONFIG.aggregation.deleteSets, false);
  });

  it('every default is a value that the option takes, and no two options share a setting', () => {
    const paths = Object.entries(TABLE).map(([key, { to = key }]) => to);
    assert.is(new Set(paths).size, paths.length);
    for (const [key, { default: value }] of Object.entries(TABLE)) {
      if (value === undefined) continue;
      const { findings } = loadConfig({ ...EMPTY, text: fileText(key, value) });
      assert.not.ok(
        findings.find(({ severity }) => severity === 'error'),
        key,
      );
    }
  });
});

describe('an option that is added to the table', (it) => {
  const table = {
    ...OPTIONS,
    ...section('Made up', {
      pondDepth: option('integer', 'How deep the pond is.', {
        unit: 'fathoms',
        default: 5,
        range: [0, 9],
      }),
    }),
  };
  const read = (more: Partial<LoadInput>) => {
    const { settings, context } = readOptions(table, { ...EMPTY, ...more });
    const depth: number = settings.pondDepth;
    return [depth, ...context.findings.list.map(({ text }) => text)];
  };

  it('has a flag, a variable and a key, and is checked', () => {
    assert.equal(read({}), [5]);
    assert.equal(read({ flags: { pondDepth: '7' } }), [7]);
    assert.equal(read({ env: { TALLYD_POND_DEPTH: '8' } }), [8]);
    assert.equal(read({ file: 'f', text: '{ pondDepth: 9 }' }), [9]);
    const sentence = 'pondDepth: read 10, expected a whole number of fathoms from 0 to 9';
    assert.equal(read({ file: 'f', text: '{ pondDepth: 10 }' }), [5, `f:1:14: ${sentence}`]);
    const unknown = 'f:1:3: unknown key "pondDeph", did you mean "pondDepth"?';
    assert.equal(read({ file: 'f', text: '{ pondDeph: 1 }' }), [5, unknown]);
  });

  it('is in the help, and the command line hands it over', () => {
    const command = new Command('start').exitOverride();
    addConfigFlags(command, table);
    assert.match(
      command.helpInformation(),
      /Made up:\n +--pond-depth <fathoms> +How deep .* \[5\]/,
    );
    command.parse(['--pond-depth', '3'], { from: 'user' });
    assert.equal(read({ flags: splitFlags(command.opts()).flags }), [3]);
  });
});
