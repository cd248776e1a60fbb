import fs from 'node:fs';
import { DEFAULT_CONFIG, loadConfig } from '../../src/config/load.ts';
import type { Option } from '../../src/config/option.ts';
import { OPTIONS } from '../../src/config/options.ts';
import { assert, describe } from '../support/suite.ts';

const text = fs.readFileSync('config/tallyd.json5', 'utf8');

describe('config/tallyd.json5', (it) => {
  it('says exactly what is the default', () => {
    const file = 'config/tallyd.json5';
    const { config, findings } = loadConfig({ file, text, env: {}, flags: {} });
    assert.equal(findings, []);
    assert.equal({ ...config, file: undefined, raw: {} }, { ...DEFAULT_CONFIG, raw: {} });
  });

  it('explains every option, at its default', () => {
    for (const [key, { default: value }] of Object.entries<Option>(OPTIONS)) {
      const name = key.slice(key.indexOf('.') + 1);
      const line = text.split('\n').find((one) => new RegExp(`^ +(// )?${name}: `).test(one));
      assert.ok(line !== undefined, `${key} is not in the file`);
      if (value === undefined || Array.isArray(value)) continue;
      const quoted = typeof value === 'string' ? `'${value}'` : String(value);
      assert.ok(line.includes(`${name}: ${quoted},`), `${key} is not ${quoted}: ${line}`);
    }
  });

  it('has a comment before every option', () => {
    const lines = text.split('\n');
    for (const [i, line] of lines.entries()) {
      if (!/^ {2,4}\w+: /.test(line)) continue;
      const before = lines[i - 1] ?? '';
      assert.ok(/^ +(\/\/|\w+: )/.test(before), `no comment before line ${i + 1}: ${line}`);
    }
  });
});
