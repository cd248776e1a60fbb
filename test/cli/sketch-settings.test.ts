/** How sketch schemas and their options reach the store: what `start` and `check` read. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { readSettings } from '../../src/cli/settings.ts';
import { DEFAULT_SKETCHES } from '../../src/storage/retention/sketch-rules.ts';
import { assert, describe } from '../support/suite.ts';

describe('settings of sketches', (it) => {
  it('are the shipped rules unless told otherwise', () => {
    const { sketches, findings } = readSettings(undefined, {}, {});
    assert.equal(findings, []);
    assert.equal(
      sketches.schemas.map(({ archives }) => archives),
      DEFAULT_SKETCHES.schemas.map(({ archives }) => archives),
    );
    assert.is(sketches.averagedTimers, false);
  });

  it('may be turned off, and rollups be averaged', () => {
    const off = readSettings(undefined, { TALLYD_SKETCHES: 'false' }, {}).sketches;
    assert.equal(off.schemas, []);
    const env = { TALLYD_AVERAGED_TIMERS: 'true' };
    assert.is(readSettings(undefined, env, {}).sketches.averagedTimers, true);
  });

  it('come from a file that must be there and right', () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tallyd-sketches-'));
    try {
      const file = path.join(folder, 'k.conf');
      fs.writeFileSync(file, '[a]\npattern = x\nretentions = never\n');
      const broken = readSettings(undefined, {}, { sketchSchemas: file });
      assert.ok(broken.files.includes(file));
      assert.equal(
        broken.findings.map(({ severity, text }) => `${severity} ${text}`),
        [`error ${file}:3:14: retention "never": expected step:duration, such as 10s:6h`],
      );
      fs.writeFileSync(file, `[a]\npattern = ${'['.repeat(5000)}\nretentions = 10s:1h\n`);
      const [long] = readSettings(undefined, {}, { sketchSchemas: file }).findings;
      assert.ok(long!.text.startsWith(`${file}:2:`) && long!.text.length < 700, long!.text);
      const missing = readSettings(undefined, {}, { sketchSchemas: `${file}.gone` });
      assert.is(missing.findings.length, 1);
      assert.ok(missing.findings[0]!.text.endsWith('expected what sketchSchemas names'));
    } finally {
      fs.rmSync(folder, { recursive: true });
    }
  });
});
