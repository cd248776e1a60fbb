import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { assert, assertValues, describe } from '../support/suite.ts';
import { NO_SKETCHES } from '../../src/storage/retention/sketch-rules.ts';
import { testServer } from '../http/client.ts';
import { MemoryStore } from '../model/memory-store.ts';
import { openIn } from '../storage/lmdb/open.ts';
import { rulesOf } from '../storage/rules-of.ts';
import { values } from '../storage/store-maker.ts';
import { points } from '../support/points.ts';
import { runVerb } from './run-here.ts';
import { runHere } from './run-here.ts';

describe('retention show', (it) => {
  let dir = '';
  it.before(() => void (dir = fs.mkdtempSync(path.join(os.tmpdir(), 'tallyd-retention-'))));
  it.after(() => fs.rmSync(dir, { recursive: true }));

  it('says what a name gets, and by which line of which file', async () => {
    const schemas = path.join(dir, 's.conf');
    fs.writeFileSync(schemas, '# mine\n\n[web]\npattern = ^web\nretentions = 5s:1h,1m:1d\n');
    const args = ['retention', 'show', 'web.a.count', 'db.x', '--storage-schemas', schemas];
    const { code, stdout, stderr } = await runVerb(args, { cwd: dir });
    assert.equal([code, stderr], [0, '']);
    const [head, web, db] = stdout.split('\n').map((line) => line.split(/ {2,}/));
    assert.is(head?.[1], 'archives');
    assert.equal(web?.slice(0, 2), ['web.a.count', '5s:1h,1m:1d']);
    assert.equal(web?.slice(3), ['sum', '0', `[web] ${schemas}:3`, '[count] built in']);
    assert.equal(db?.slice(0, 2), ['db.x', '1m:7d']);
    assert.is(db?.[5], '[carbon default] built in');
  });

  it('shows the rules in order without names, and JSON', async () => {
    const { code, stdout } = await runVerb(['retention', 'show', '--json'], { cwd: dir });
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
    const { stdout } = await runVerb(args, { cwd: dir });
    const rows = stdout.split('\n').map((line) => line.split(/ {2,}/));
    const [timer, off, none] = rows.slice(rows.findIndex(([first]) => first === 'sketches of') + 1);
    assert.equal(timer!.slice(0, 2), ['t.api', '10s:1h']);
    assert.ok(Number(timer![2]) > 360 * 150 && Number(timer![3]) > Number(timer![2]));
    assert.is(timer!.at(-1), `[t] ${file}:4`);
    assert.equal(off!.slice(0, 3), ['web.a', 'none', '0']);
    assert.equal([none![1], none!.at(-1)], ['none', 'no section matches']);
    const json = await runVerb([...args, '--json'], { cwd: dir });
    const found = JSON.parse(json.stdout) as { sketches: { retentions: string } | null }[];
    assert.equal(
      found.map(({ sketches }) => sketches?.retentions),
      ['10s:1h', 'none', undefined],
    );
    const rules = await runVerb(['retention', 'show'], { cwd: dir });
    assert.ok(rules.stdout.includes('10s:1h,1m:1d,10m:30d,1h:1y'));
  });

  it('of a running server: its rules and not those of the folder, unless a file is named', async () => {
    const rules = rulesOf({ '^web': '6s:1h' });
    const store = new MemoryStore(rules);
    const inForce = () => ({ ...rules.toData(), sketches: NO_SKETCHES });
    const server = await testServer(store, { rules: inForce });
    try {
      fs.mkdirSync(path.join(dir, 'config'), { recursive: true });
      fs.writeFileSync(path.join(dir, 'config/tallyd.json5'), '{ broken');
      const url = `http://127.0.0.1:${server.port}`;
      const args = ['retention', 'show', 'web.a', '--json', '--url', url];
      const ran = await runVerb(args, { cwd: dir });
      assert.equal([ran.code, ran.stderr], [0, `rules of the server at ${url}\n`]);
      assert.is((JSON.parse(ran.stdout) as { retentions: string }[])[0]!.retentions, '6s:1h');
      fs.writeFileSync(path.join(dir, 'config/tallyd.json5'), '{}');
      const file = path.join(dir, 'mine.conf');
      fs.writeFileSync(file, '[web]\npattern = ^web\nretentions = 9s:1h\n');
      const named = await runVerb([...args, '--storage-schemas', file], { cwd: dir });
      assert.is((JSON.parse(named.stdout) as { retentions: string }[])[0]!.retentions, '9s:1h');
    } finally {
      await server.close();
      await store.close();
      fs.rmSync(path.join(dir, 'config'), { recursive: true });
    }
  });

  it('refuses broken files with the place: 2', async () => {
    const schemas = path.join(dir, 'broken.conf');
    fs.writeFileSync(schemas, '[a]\npattern = ^a\nretentions = 5m:1x\n');
    const { code, stdout, stderr } = await runVerb(
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

describe('retention plan and apply', (it) => {
  let dir = '';
  const schemas = (retentions: string): string => {
    const file = path.join(dir, 'schemas.conf');
    fs.writeFileSync(file, `[web]\npattern = ^web\nretentions = ${retentions}\n`);
    return file;
  };
  /** Asks for the plan or applies it, by the file of schemas. */
  const ask = (args: string[], retentions: string) => {
    const flags = ['--data-dir', `${dir}/d`, '--storage-schemas', schemas(retentions)];
    return runHere(['retention', ...args, ...flags]);
  };
  const now = Math.floor(Date.now() / 1000);

  it.before(async () => {
    dir = fs.mkdtempSync(path.join(os.tmpdir(), 'tallyd-retention-'));
    const rules = rulesOf({ '^web': '10s:1h,1m:1d', '': '1m:7d' }, 0.3);
    const store = await openIn(`${dir}/d`, rules);
    const names = ['web.a', 'web.b', 'web.c;dc=1', 'db.x'];
    for (let age = 600; age > 0; age -= 10) {
      const times = names.map(() => now - age);
      await store.append(
        points(
          names,
          times,
          names.map(() => age),
        ),
        now - age,
      );
    }
    await store.close();
  });
  it.after(() => fs.rmSync(dir, { recursive: true }));

  it('says what a changed file would do, and by which line', async () => {
    const { code, stdout, stderr } = await ask(['plan', 'web.*'], '10s:30m,5m:7d');
    assert.equal([code, stderr], [0, '']);
    const expected = [
      /^2 of 2 series would be kept otherwise; at most .* become /m,
      /^2 series, such as web\.a$/m,
      /from +10s:1h,1m:1d average 0\.3 /,
      /to +10s:30m,5m:7d average 0\.3 /,
      /\[web\] .*schemas\.conf:1, \[default_average\]/,
      /coarser: points 30m to 1h old, 10s become 5m/,
      /coarser: points 1h to 1d old, 1m become 5m/,
      /kept longer: points 1d to 7d old, one every 5m/,
      /up to 3120 points become coarser/,
    ];
    for (const pattern of expected) assert.match(stdout, pattern);
  });

  it('counts the same for programs', async () => {
    const { code, stdout } = await ask(['plan', '--json'], '10s:30m');
    assert.is(code, 0);
    const plan = JSON.parse(stdout) as {
      series: number;
      changes: number;
      groups: { series: number; pointsLost: number; effects: unknown[]; to: { schema: unknown } }[];
    };
    assert.equal([plan.series, plan.changes], [4, 3]);
    assert.is(plan.groups[0]!.pointsLost, 3 * (180 + 1380));
    assert.equal(plan.groups[0]!.effects, [
      { kind: 'lost', fromAge: 1800, toAge: 3600, fromStep: 10 },
      { kind: 'lost', fromAge: 3600, toAge: 86_400, fromStep: 60 },
    ]);
    const file = path.join(dir, 'schemas.conf');
    const schema = { file, line: 1, section: 'web', pattern: '^web' };
    assert.equal(plan.groups[0]!.to.schema, schema);
  });

  it('changes what a query selects, once, and nothing in a dry run', async () => {
    const list = '10s:2h,1m:2d';
    const dry = await ask(['apply', '--dry-run'], list);
    assert.match(dry.stdout, /^3 of 4 series would be kept otherwise/);
    const first = await ask(['apply', 'web.*'], list);
    assert.equal([first.code, first.stdout], [0, '2 of 2 series changed\n']);
    const rest = await ask(['apply', '--json'], list);
    const { changed, series } = JSON.parse(rest.stdout) as { changed: number; series: number };
    assert.equal([changed, series], [1, 4]);
    assert.is((await ask(['apply'], list)).stdout, '0 of 4 series changed\n');
    assert.is((await ask(['plan'], list)).stdout, 'All 4 series are kept as the rules say.\n');
    const rewritten = await ask(['apply', '--rewrite'], list);
    assert.is(rewritten.stdout, '3 of 4 series changed or copied\n');
    assert.is(
      (await ask(['apply', '--rewrite'], list)).stdout,
      '0 of 4 series changed or copied\n',
    );
    const store = await openIn(`${dir}/d`, rulesOf({}));
    for (const name of ['web.a', 'web.c;dc=1']) {
      const found = await values(store, name, now - 620, now, now);
      const known = found.filter((value) => value === value);
      assertValues(
        known,
        Array.from({ length: 60 }, (_, i) => 600 - 10 * i),
      );
    }
    await store.close();
  });

  it('shows what series that are there may cost', async () => {
    const { code, stdout } = await runHere([
      'retention',
      'show',
      '--stored',
      '--data-dir',
      `${dir}/d`,
    ]);
    assert.is(code, 0);
    const rows = stdout.split('\n').map((line) => line.split(/ {2,}/));
    assert.equal(rows[0], ['archives', 'series', 'bytes max']);
    assert.equal(rows[1]!.slice(0, 2), ['10s:2h,1m:2d', '3']);
    assert.equal(rows[2]!.slice(0, 2), ['1m:7d', '1']);
    assert.equal(rows[3]!.slice(0, 2), ['all', '4']);
    // Pages that are not full come on top of what the series take.
    assert.ok(Number(rows[3]![2]) > Number(rows[1]![2]) + Number(rows[2]![2]));
    const json = await runHere([
      'retention',
      'show',
      '--stored',
      '--json',
      '--data-dir',
      `${dir}/d`,
    ]);
    const all = JSON.parse(json.stdout) as { retentions: string; series: number }[];
    assert.equal(
      all.map(({ series }) => series),
      [3, 1],
    );
  });

  it('refuses broken files and a missing store', async () => {
    const broken = await ask(['apply'], '5m:1x');
    assert.equal([broken.code, broken.stdout], [2, '']);
    assert.match(broken.stderr, /schemas\.conf:3:14: retention "5m:1x"/);
    const missing = await runHere(['retention', 'plan', '--data-dir', `${dir}/none`]);
    assert.is(missing.code, 1);
    assert.match(missing.stderr, /no data folder/);
  });
});
