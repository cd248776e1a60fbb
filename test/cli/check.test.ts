import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { assert, describe } from '../support/suite.ts';
import { runVerb } from './run-here.ts';

const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'tallyd-check-'));

function write(name: string, text: string): string {
  const file = path.join(dir, name);
  fs.writeFileSync(file, text);
  return file;
}

describe('check', (it) => {
  it.after(() => fs.rmSync(dir, { recursive: true }));

  it('the shipped file is fine: 0, and a word on standard output', async () => {
    const ran = await runVerb(['check', '--config', 'config/tallyd.json5']);
    assert.equal([ran.code, ran.stderr], [0, '']);
    assert.ok(ran.stdout.startsWith('ok: config/tallyd.json5'));
  });

  it('a folder without any file has the built-in rules', async () => {
    const ran = await runVerb(['check'], { cwd: dir });
    assert.equal([ran.code, ran.stdout, ran.stderr], [0, 'ok: the defaults\n', '']);
  });

  it('all errors of all files at once, with their places: 2', async () => {
    const schemas = write('s.conf', '[a]\npattern = ^a\nretentions = 10s:1x\n');
    const rules = write('a.conf', '[b]\npattern = (\nxFilesFactor = 7\n');
    const file = write(
      'all.json5',
      `{ port: 70000,\n  flushIntervall: 5,\n  storageSchemas: ${JSON.stringify(schemas)},` +
        ` storageAggregation: ${JSON.stringify(rules)} }`,
    );
    const ran = await runVerb(['check', file, '--log-level', 'loud']);
    assert.is(ran.code, 2);
    assert.is(ran.stdout, '');
    const lines = ran.stderr.trim().split('\n');
    assert.is(lines.length, 7, ran.stderr);
    assert.ok(lines[0]?.startsWith('--log-level: read "loud"'), lines[0]);
    assert.ok(lines[1]?.startsWith(`${file}:1:9: port: read 70000`), lines[1]);
    assert.is(lines[2], `${file}:2:3: unknown key "flushIntervall", did you mean "flushInterval"?`);
    assert.ok(lines[3]?.startsWith(`${schemas}:3:`), lines[3]);
    assert.ok(lines[4]?.startsWith(`${rules}:2:`), lines[4]);
    assert.ok(lines[5]?.startsWith(`${rules}:3:`), lines[5]);
    assert.is(lines[6], '6 errors');
  });

  it('as JSON', async () => {
    const file = write('odd.json5', '{ flushInterval: 30000, prot: 1 }');
    const ran = await runVerb(['check', '--json', '-c', file], { cwd: dir });
    assert.is(ran.code, 2);
    assert.is(ran.stderr, '');
    const { ok, files, errors, warnings } = JSON.parse(ran.stdout);
    assert.equal(
      [ok, files, errors],
      [false, [file], [`${file}:1:25: unknown key "prot", did you mean "port"?`]],
    );
    assert.ok(String(warnings[0]).includes('finest step is 10 s'), warnings[0]);
  });

  it('names of files from the environment, which must exist', async () => {
    const ran = await runVerb(['check'], {
      cwd: dir,
      env: { TALLYD_CONFIG: 'gone.json5', TALLYD_STORAGE_SCHEMAS: 'gone.conf' },
    });
    assert.is(ran.code, 2);
    assert.equal(ran.stderr.trim().split('\n'), [
      'gone.json5: no such file, expected a readable JSON5 file',
      'gone.conf: no such file, expected what storageSchemas names',
      '2 errors',
    ]);
  });

  it('the file of the folder when none is named, and what no file has', async () => {
    const folder = path.join(dir, 'place');
    fs.mkdirSync(path.join(folder, 'config'), { recursive: true });
    fs.writeFileSync(path.join(folder, 'config/tallyd.json5'), '{}');
    fs.writeFileSync(
      path.join(folder, 'config/storage-schemas.conf'),
      '[a]\npattern = ^a\nretentions = 10s:1d\n',
    );
    const ran = await runVerb(['check'], { cwd: folder });
    assert.equal(ran, {
      code: 0,
      stdout:
        'ok: config/tallyd.json5, config/storage-schemas.conf; ' +
        'built in: storageAggregation, sketchSchemas\n',
      stderr: '',
    });
  });

  it('a carbon.conf is told for what it is, and what its keys become', async () => {
    const file = write(
      'carbon.conf',
      '# carbon\n[cache]\nLINE_RECEIVER_PORT = 2103\nWHISPER_AUTOFLUSH = False\n',
    );
    const ran = await runVerb(['check', file]);
    assert.equal([ran.code, ran.stdout], [2, '']);
    const lines = ran.stderr.trim().split('\n');
    assert.ok(
      lines[0]?.startsWith(`${file}:2:1: read [cache] of a carbon.conf, expected`),
      lines[0],
    );
    assert.equal(lines.slice(1), [
      `${file}:3:1: LINE_RECEIVER_PORT = 2103 becomes carbonPort (warning)`,
      `${file}:5:1: 1 other keys of carbon's have no counterpart, nor need one (config/moving.md) (warning)`,
      '1 error',
    ]);
  });

  it('a store of the current folder that a file no longer names', async () => {
    const folder = path.join(dir, 'stray');
    fs.mkdirSync(path.join(folder, 'data'), { recursive: true });
    fs.writeFileSync(path.join(folder, 'data/data.mdb'), '');
    fs.mkdirSync(path.join(folder, 'etc'));
    fs.writeFileSync(path.join(folder, 'etc/t.json5'), "{ dataDir: './data' }");
    const ran = await runVerb(['check', 'etc/t.json5'], { cwd: folder });
    assert.is(ran.code, 2);
    assert.match(ran.stderr, /etc\/t\.json5: dataDir ".\/data" counts from the file's own folder/);
    const other = { cwd: folder, env: { TALLYD_DATA_DIR: './data' } };
    assert.is((await runVerb(['check', 'etc/t.json5'], other)).code, 0);
  });

  it('two different files are wrong use', async () => {
    const ran = await runVerb(['check', 'a', '--config', 'b']);
    assert.equal([ran.code, ran.stderr], [2, 'read two files, "a" and --config "b"\n']);
  });
});
