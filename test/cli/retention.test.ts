import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { assert, describe } from '../support/suite.ts';
import { runCli } from './run-cli.ts';

describe('retention show', (it) => {
  let dir = '';
  it.before(() => void (dir = fs.mkdtempSync(path.join(os.tmpdir(), 'tallyd-retention-'))));
  it.after(() => fs.rmSync(dir, { recursive: true }));

  it('says what a name gets, and by which line of which file', async () => {
    const schemas = path.join(dir, 's.conf');
    fs.writeFileSync(schemas, '# mine\n\n[web]\npattern = ^web\nretentions = 5s:1h,1m:1d\n');
    const args = ['retention', 'show', 'web.a.count', 'db.x', '--storage-schemas', schemas];
    const { code, stdout, stderr } = await runCli(args, { cwd: dir });
    assert.equal([code, stderr], [0, '']);
    const [head, web, db] = stdout.split('\n').map((line) => line.split(/ {2,}/));
    assert.is(head?.[1], 'archives');
    assert.equal(web?.slice(0, 2), ['web.a.count', '5s:1h,1m:1d']);
    assert.equal(web?.slice(3), ['sum', '0', `[web] ${schemas}:3`, '[count] built in']);
    assert.equal(db?.slice(0, 2), ['db.x', '1m:7d']);
    assert.is(db?.[5], '[carbon default] built in');
  });

  it('shows the rules in order without names, and JSON', async () => {
    const { code, stdout } = await runCli(['retention', 'show', '--json'], { cwd: dir });
    assert.is(code, 0);
    const { schemas, aggregations } = JSON.parse(stdout) as {
      schemas: { retentions: string; bytesMax: number }[];
      aggregations: { section: string }[];
    };
    assert.equal(
      schemas.map(({ retentions }) => retentions),
      ['10s:6h,1m:7d,10m:5y'],
    );
    // 275,040 points: nearly all of it is 8 bytes a point.
    assert.ok(schemas[0]!.bytesMax > 8 * 275_040 && schemas[0]!.bytesMax < 8.7 * 275_040);
    assert.is(aggregations.at(-1)?.section, 'default_average');
  });

  it('says what sketches cost, and where none are kept', async () => {
    const file = path.join(dir, 'k.conf');
    fs.writeFileSync(
      file,
      '[off]\npattern = web\nretentions = none\n[t]\npattern = ^t\nretentions = 10s:1h\n',
    );
    const args = ['retention', 'show', 't.api', 'web.a', 'other', '--sketch-schemas', file];
    const { stdout } = await runCli(args, { cwd: dir });
    const rows = stdout.split('\n').map((line) => line.split(/ {2,}/));
    const [timer, off, none] = rows.slice(rows.findIndex(([first]) => first === 'sketches of') + 1);
    assert.equal(timer!.slice(0, 2), ['t.api', '10s:1h']);
    assert.ok(Number(timer![2]) > 360 * 150 && Number(timer![3]) > Number(timer![2]));
    assert.is(timer!.at(-1), `[t] ${file}:4`);
    assert.equal(off!.slice(0, 3), ['web.a', 'none', '0']);
    assert.equal([none![1], none!.at(-1)], ['none', 'no section matches']);
    const json = await runCli([...args, '--json'], { cwd: dir });
    const found = JSON.parse(json.stdout) as { sketches: { retentions: string } | null }[];
    assert.equal(
      found.map(({ sketches }) => sketches?.retentions),
      ['10s:1h', 'none', undefined],
    );
    const rules = await runCli(['retention', 'show'], { cwd: dir });
    assert.ok(rules.stdout.includes('10s:1h,1m:1d,10m:30d,1h:1y'));
  });

  it('refuses broken files with the place: 2', async () => {
    const schemas = path.join(dir, 'broken.conf');
    fs.writeFileSync(schemas, '[a]\npattern = ^a\nretentions = 5m:1x\n');
    const { code, stdout, stderr } = await runCli(
      ['retention', 'show', 'a', '--storage-schemas', schemas],
      { cwd: dir },
    );
    assert.equal([code, stdout], [2, '']);
    assert.is(
      stderr,
      `${schemas}:3:14: retention "5m:1x": unknown unit "x", expected s m h d w y\n`,
    );
  });
});
