/**
 * The series verbs on the data set of graphite-web, first while no server runs, then through the
 * server that has the folder: the same commands, the same answers.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { findServer } from '../../src/storage/data-dir-lock.ts';
import { DEFAULT_RULES } from '../../src/storage/retention/default-rules.ts';
import { openIn } from '../storage/lmdb/open.ts';
import {
  recordedSeries,
  type RecordedSeries,
  unpackWhisperTree,
} from '../storage/whisper/data-set.ts';
import { Server } from '../support/server.ts';
import { assert, describe } from '../support/suite.ts';
import { type Ran, runCli } from './run-cli.ts';
import { runHere, runVerb } from './run-here.ts';

/** What a running server stores of itself. */
const OWN = /^(tallyd|stats\.statsd|stats_counts\.statsd)\./;
const LONG = { timeoutMs: 180_000 };

function linesOf<Line>(ran: Ran): Line[] {
  assert.equal([ran.code, ran.stderr], [0, '']);
  return ran.stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line);
}

/** Runs `tallyd series …` on a folder. */
type Series = (...args: string[]) => Promise<Ran>;

async function checkFind(series: Series): Promise<void> {
  const all = await series('find', '**', '--json');
  const names = recordedSeries().map(({ name }) => name);
  const found = (JSON.parse(all.stdout) as string[]).filter((name) => !OWN.test(name));
  assert.equal(found, names.sort());
  const some = await series('find', 'fast.*.rps', 'fast.web01.*', "seriesByTag('rack=a1')");
  assert.is(
    some.stdout,
    'fast.web01.rps\nfast.web02.rps\ndisk.used;datacenter=dc1;rack=a1;server=web01\n',
  );
  assert.is((await series('find', 'disk.*;**', '--count')).stdout, '4\n');
  const none = await series('find', 'nosuch.*', 'toplevel', 'neither');
  assert.equal([none.code, none.stdout], [1, 'toplevel\n']);
  assert.is(none.stderr, 'no series matches "nosuch.*" (and none 1 more queries)\n');
}

async function checkDump(series: Series): Promise<void> {
  const names = recordedSeries().map(({ name }) => name);
  const dumped = new Map(
    linesOf<RecordedSeries>(await series('dump', '**', '--json')).map((one) => [one.name, one]),
  );
  for (const recorded of recordedSeries()) assert.equal(dumped.get(recorded.name), recorded);
  assert.is(names.length, 80);
  const text = await series('dump', 'app.single', '-t', '%s');
  const [[time, value]] = recordedSeries().find(({ name }) => name === 'app.single')!.archives[0]!
    .data as [[number, number]];
  assert.is(
    text.stdout,
    'Series: app.single\nMeta data:\n  aggregation method: average\n  max retention: 172800\n' +
      '  xFilesFactor: 0.5\n\nArchive 0 info:\n  seconds per point: 60\n  points: 2880\n' +
      `  retention: 172800\n\nArchive 0 data:\n0: ${time}, ${String(value).padStart(10)}\n\n`,
  );
}

async function checkInfoAndFetch(series: Series): Promise<void> {
  const [info] = linesOf<Record<string, unknown>>(await series('info', 'multi.avg', '--json'));
  assert.equal([info!['retentions'], info!['xFilesFactor']], ['10s:6h,1m:7d,10m:60d', 0.05]);
  assert.equal((info!['archives'] as { newest: number }[])[0]!.newest, 1_700_000_000);
  const field = await series('info', 'fast.*.rps', '--field', 'aggregationMethod');
  assert.is(field.stdout, 'fast.web01.rps\taverage\nfast.web02.rps\taverage\n');
  const wrong = await series('info', 'toplevel', '--field', 'size');
  assert.equal([wrong.code, wrong.stdout], [2, '']);
  assert.match(wrong.stderr, '--field: read "size", expected one of name, aggregationMethod');

  const data = recordedSeries().find(({ name }) => name === 'toplevel')!.archives[0]!.data;
  const until = data.at(-1)![0];
  const range = ['--from', String(until - 180), '--until', String(until), '--now', String(until)];
  const three = data.slice(-3);
  const plain = await series('fetch', 'toplevel', ...range);
  assert.is(plain.stdout, three.map(([time, value]) => `${time}\t${value}\n`).join(''));
  const [json] = linesOf(await series('fetch', 'toplevel', ...range, '--json'));
  assert.equal(json, {
    name: 'toplevel',
    start: until - 120,
    end: until + 60,
    step: 60,
    values: three.map(([, value]) => value),
  });
  const sparse = ['app.zero', 'app.allnull', ...range, '--json', '--drop'];
  const [zero, nothing] = linesOf<{ points: unknown[] }>(await series('fetch', ...sparse, 'nulls'));
  assert.equal([zero!.points.length, nothing!.points.length], [3, 0]);
  const dropped = linesOf<{ points: unknown[] }>(await series('fetch', ...sparse, 'empty'));
  assert.equal(
    dropped.map(({ points }) => points.length),
    [0, 0],
  );
  const old = await series('fetch', 'toplevel', '--from', '1000', '--until', '2000');
  assert.equal([old.code, old.stderr], [1, 'no data in the selected time range\n']);
  const turned = await series('fetch', 'toplevel', '--from', '2000', '--until', '1000');
  assert.is(turned.code, 2);
}

async function checkCopies(series: Series, tree: string): Promise<void> {
  const file = path.join(tree, 'multi/sum.wsp');
  const dry = await series('merge', file, 'copy.sum', '--dry-run', '--json');
  const [planned] = linesOf<{ created: boolean; points: number[] }>(dry);
  assert.equal([planned!.created, planned!.points], [true, [2160, 541, 55]]);
  assert.is((await series('find', 'copy.*')).code, 1);
  assert.is((await series('merge', file, 'copy.sum')).code, 0);
  const same = await series('diff', file, 'copy.sum', '--summary', '--columns');
  assert.equal(
    [same.code, same.stdout],
    [0, 'archive total differing\n0 2160 0\n1 541 0\n2 55 0\n'],
  );

  const differ = await series('diff', 'copy.sum', 'multi.max', '--summary', '--json');
  assert.is(differ.code, 1);
  const { archives } = JSON.parse(differ.stdout) as { archives: { points: number }[] };
  assert.ok(archives[0]!.points > 0);
  const unlike = await series('diff', 'copy.sum', 'toplevel');
  assert.equal([unlike.code, unlike.stdout], [2, '']);
  assert.match(unlike.stderr, '"copy.sum" has 10s:6h,1m:7d,10m:60d and "toplevel" has 1m:2d');

  // fast.web01.rps has its first point taken out; fill brings it back and leaves the rest alone.
  const data = recordedSeries().find(({ name }) => name === 'fast.web01.rps')!.archives[0]!.data;
  const first = data[0]![0];
  const part = await series('merge', 'fast.*.rps', 'part.*.rps', '--from', String(first));
  assert.is(part.code, 0);
  assert.match(part.stdout, `fast.web01.rps -> part.web01.rps: ${data.length - 1} points copied`);
  const filled = await series('fill', 'fast.*.rps', 'part.*.rps', '--json');
  assert.equal(
    linesOf<{ points: number[]; created: boolean }>(filled).map(({ points }) => points),
    [[1], [1]],
  );
  const none = await series(
    'diff',
    'fast.web01.rps',
    'part.web01.rps',
    '--columns',
    '--no-headers',
  );
  assert.equal([none.code, none.stdout], [0, '']);
  const steps = await series('fill', 'toplevel', 'part.web01.rps', '--dry-run');
  assert.match(steps.stdout, '0 points would be copied; nothing of 1m:2d, the target has no such');
  const self = await series('fill', 'toplevel', 'toplevel');
  assert.equal([self.code, self.stderr], [2, '"toplevel" into itself, expected another series\n']);
  const nowhere = await series('merge', path.join(tree, 'no.wsp'), 'x');
  assert.match(nowhere.stderr, 'no.wsp: cannot be read (ENOENT), expected a whisper file');
}

async function checkRenameAndDelete(series: Series): Promise<void> {
  const dry = await series('rename', 'part.*.rps', 'moved.*.rps', '--dry-run');
  assert.equal([dry.code, dry.stderr], [0, '2 series would be renamed\n']);
  assert.match(dry.stdout, 'part.web01.rps -> moved.web01.rps\n');
  assert.is((await series('rename', 'part.*.rps', 'moved.*.rps')).stdout, '2 series renamed\n');
  const moved = await series('diff', 'fast.web02.rps', 'moved.web02.rps', '--summary', '--json');
  assert.equal([moved.code, moved.stderr], [0, ''], 'points come along');
  const taken = await series('rename', 'moved.web01.rps', 'fast.web01.rps');
  assert.equal([taken.code, taken.stdout], [1, '0 series renamed, 1 left: new name taken\n']);
  const both = await series('rename', 'moved.web0?.rps', 'one');
  assert.match(both.stderr, 'would both become "one", expected distinct names');
  const uneven = await series('rename', 'moved.*', 'x');
  assert.equal([uneven.code, uneven.stdout], [2, '']);

  const listed = await series('delete', 'moved.**', 'copy.sum', '--dry-run', '--json');
  const names = ['moved.web01.rps', 'moved.web02.rps', 'copy.sum'];
  assert.equal(JSON.parse(listed.stdout), { dryRun: true, series: 3, names });
  assert.is((await series('delete', 'moved.**', 'copy.sum')).stdout, '3 series deleted\n');
  const gone = await series('delete', 'moved.**');
  assert.equal([gone.code, gone.stdout], [1, '']);
  assert.is(gone.stderr, 'no series matches "moved.**"\n');
  assert.is((await series('find', 'moved.**', 'copy.sum')).code, 1);
}

async function checkRetain(series: Series): Promise<void> {
  const flags = ['--retentions', '10s:12h,1m:14d', '--method', 'max', '--x-files-factor', '0.1'];
  const dry = await series('retain', 'medium.*.requests', ...flags, '--dry-run');
  const end = '10s:12h,1m:14d, max, xFilesFactor 0.1\n';
  assert.is(
    dry.stdout,
    `medium.a.requests: ${end}medium.b.requests: ${end}2 of 2 series would be changed\n`,
  );
  const before = await series('dump', 'medium.*.requests', '--json');
  const done = await series('retain', 'fast.*.rps', '--method', 'max', '--json');
  assert.equal(JSON.parse(done.stdout), { dryRun: false, series: 2, changed: 2 });
  const again = await series('retain', 'fast.*.rps', '--method', 'max');
  assert.is(again.stdout, '0 of 2 series changed\n');
  const [info] = linesOf<Record<string, unknown>>(await series('info', 'fast.web01.rps', '--json'));
  assert.equal([info!['aggregationMethod'], info!['retentions']], ['max', '10s:6h']);
  assert.is((await series('retain', 'fast.*.rps', '--method', 'average')).code, 0);
  assert.is((await series('dump', 'medium.*.requests', '--json')).stdout, before.stdout);
  const nothing = await series('retain', 'fast.*.rps');
  assert.equal([nothing.code, nothing.stdout], [2, '']);
  const wrong = await series('retain', 'fast.*.rps', '--retentions', '1x:5');
  assert.equal([wrong.code, wrong.stdout], [2, '']);
  assert.match(wrong.stderr, 'unknown unit "x"');
}

describe('series', (it) => {
  let folder = '';
  let tree = '';
  let dataDir = '';
  let server: Server | undefined;
  const series: Series = (...args) => runHere(['series', ...args, '--data-dir', dataDir]);
  const checks: [name: string, check: () => Promise<void>][] = [
    ['find', () => checkFind(series)],
    ['dump is the data set, archive by archive', () => checkDump(series)],
    ['info and fetch', () => checkInfoAndFetch(series)],
    ['fill, merge and diff', () => checkCopies(series, tree)],
    ['retain', () => checkRetain(series)],
    ['rename and delete', () => checkRenameAndDelete(series)],
  ];
  it.before(async () => {
    ({ folder, tree } = unpackWhisperTree());
    dataDir = path.join(folder, 'data');
    const imported = await runVerb(['import', 'whisper', tree, '--data-dir', dataDir]);
    assert.equal([imported.code, imported.stderr], [0, '']);
  });
  it.after(async () => {
    await server?.signal('SIGKILL');
    fs.rmSync(folder, { recursive: true, force: true });
  });

  for (const [name, check] of checks) it(`stopped: ${name}`, check, LONG);

  it.slow(
    'the server tells where it is, and starts while nothing is asked',
    async () => {
      server = await Server.start(['--flush-interval', '10000'], dataDir);
      assert.is(findServer(dataDir)?.url, `http://127.0.0.1:${server.port('http')}`);
      const health = await server.json<{ expiredSeries: number }>('/health');
      assert.is(health.expiredSeries, 0);
      const metrics = await (await server.get('/metrics')).text();
      assert.match(metrics, '\ntallyd_store_expired_series_total 0\n');
    },
    LONG,
  );

  for (const [name, check] of checks) it.slow(`running: ${name}`, check, LONG);

  it.slow(
    'a server can be named, and one that is gone is told',
    async () => {
      const url = `http://127.0.0.1:${server!.port('http')}`;
      const named = await runVerb(['series', 'find', 'fast.*.rps', '--count', '--url', url]);
      assert.equal([named.code, named.stdout], [0, '2\n']);
      await server!.signal('SIGKILL');
      const gone = await runVerb(['series', 'find', '--url', url]);
      assert.equal([gone.code, gone.stdout], [1, '']);
      assert.match(gone.stderr, `the server at ${url} did not answer: connect ECONNREFUSED`);
      const direct = await series('find', 'fast.*.rps', '--count');
      assert.equal([direct.code, direct.stdout], [0, '2\n'], 'what it left is opened directly');
    },
    LONG,
  );
});

describe('series without a store to ask', (it) => {
  it(
    'says so when the folder is taken by one that serves no HTTP',
    async () => {
      const dataDir = fs.mkdtempSync(path.join(os.tmpdir(), 'tallyd-taken-'));
      const store = await openIn(dataDir, DEFAULT_RULES);
      try {
        const ran = await runCli(['series', 'find', '--data-dir', dataDir]);
        assert.equal([ran.code, ran.stdout], [1, '']);
        assert.is(
          ran.stderr,
          `data folder ${dataDir} is in use by another tallyd (process ${process.pid}), expected ` +
            'one to itself; that one serves no HTTP, or not yet\n',
        );
      } finally {
        await store.close();
        fs.rmSync(dataDir, { recursive: true });
      }
    },
    LONG,
  );

  it(
    'says so when there is no folder, or the flags are wrong',
    async () => {
      const nowhere = path.join(os.tmpdir(), 'tallyd-nowhere');
      const [none, wrong, verb] = await Promise.all([
        runVerb(['series', 'info', 'a', '--data-dir', nowhere]),
        runVerb(['series', 'find', '--url', 'localhost']),
        runVerb(['series', 'fnd']),
      ]);
      assert.equal([none.code, none.stdout], [1, '']);
      assert.is(none.stderr, `no data folder "${nowhere}", expected a store there\n`);
      assert.not.ok(fs.existsSync(nowhere));
      assert.equal([wrong.code, wrong.stdout], [2, '']);
      assert.match(wrong.stderr, '--url: read "localhost", expected such as http://127.0.0.1:8080');
      assert.is(verb.code, 2);
    },
    LONG,
  );
});
