import fs from 'node:fs';
import path from 'node:path';
import { readWhisper } from '../../src/storage/whisper/read.ts';
import { findWhisperFiles } from '../../src/storage/whisper/walk.ts';
import { unpackWhisperTree } from '../storage/whisper/data-set.ts';
import { Server } from '../support/server.ts';
import { assert, describe } from '../support/suite.ts';
import { runHere, runVerb } from './run-here.ts';

interface Summary {
  series: number;
  points: number;
  files: number;
  before: number;
  damaged: { file: string; reason: string }[];
}

describe('import and export whisper', (it) => {
  let folder = '';
  let tree = '';
  it.before(() => void ({ folder, tree } = unpackWhisperTree()));
  it.after(() => fs.rmSync(folder, { recursive: true }));

  it(
    'brings everything in and writes it out again',
    async () => {
      const dataDir = path.join(folder, 'data');
      const out = path.join(folder, 'out');
      const into = await runVerb(['import', 'whisper', tree, '--data-dir', dataDir, '--json']);
      assert.equal([into.code, into.stderr], [0, '']);
      const summary = JSON.parse(into.stdout) as Summary;
      assert.equal([summary.series, summary.files, summary.damaged], [80, 80, []]);
      const back = await runVerb(['export', 'whisper', '**', out, '--data-dir', dataDir, '--json']);
      assert.equal([back.code, back.stderr], [0, '']);
      assert.is((JSON.parse(back.stdout) as Summary).points, summary.points);
      assert.equal(findWhisperFiles(out), findWhisperFiles(tree));
      for (const file of findWhisperFiles(tree)) {
        const [before, after] = [tree, out].map((root) =>
          readWhisper(fs.readFileSync(path.join(root, file))),
        );
        assert.equal(after, before, file);
      }
      const again = await runVerb(['export', 'whisper', 'app.*', out, '--data-dir', dataDir]);
      assert.is(again.code, 1);
      assert.match(again.stderr, 'is there already');
    },
    { timeoutMs: 60_000 },
  );

  it(
    'names damaged files, one a line, and brings in the rest: 1',
    async () => {
      const damaged = path.join(folder, 'damaged');
      const dataDir = path.join(folder, 'data-damaged');
      fs.mkdirSync(path.join(damaged, 'a'), { recursive: true });
      fs.writeFileSync(path.join(damaged, 'a/bad.wsp'), 'no');
      fs.copyFileSync(path.join(tree, 'toplevel.wsp'), path.join(damaged, 'a/good.wsp'));
      const ran = await runVerb(['import', 'whisper', damaged, '--data-dir', dataDir]);
      assert.is(ran.code, 1);
      assert.is(ran.stderr, 'a/bad.wsp: not a whisper file: 2 bytes, expected a header of 16\n');
      assert.match(ran.stdout, /^1 series and \d+ points from 2 files in [\d.]+ s, 1 damaged\n$/);
    },
    { timeoutMs: 40_000 },
  );

  it(
    'says so when there is nothing to read or to write',
    async () => {
      const dataDir = path.join(folder, 'data-empty');
      const nowhere = path.join(folder, 'nowhere');
      const into = await runVerb(['import', 'whisper', nowhere, '--data-dir', dataDir]);
      assert.equal([into.code, into.stdout], [1, '']);
      assert.match(into.stderr, `no folder "${nowhere}"`);
      assert.not.ok(fs.existsSync(dataDir));
      const gone = await runVerb(['export', 'whisper', '**', nowhere, '--data-dir', dataDir]);
      assert.equal([gone.code, gone.stdout], [1, '']);
      assert.match(gone.stderr, `no data folder "${dataDir}"`);
      fs.mkdirSync(dataDir);
      const out = await runVerb(['export', 'whisper', 'x.*', nowhere, '--data-dir', dataDir]);
      assert.is(out.code, 1);
      assert.match(out.stderr, 'no series matches "x.*"');
      const usage = await runHere(['import', 'whisper']);
      assert.is(usage.code, 2);
      const help = await runHere(['import', 'whisper', '--help']);
      assert.is(help.code, 0);
      assert.match(help.stdout, 'Examples:\n  $ tallyd import whisper');
    },
    { timeoutMs: 60_000 },
  );

  it.slow(
    'works through the server that has the folder',
    async () => {
      const out = path.join(folder, 'out-running');
      const server = await Server.start();
      const { dataDir } = server;
      try {
        const into = await runVerb(['import', 'whisper', tree, '--data-dir', dataDir, '--json']);
        assert.equal([into.code, into.stderr], [0, '']);
        assert.is((JSON.parse(into.stdout) as Summary).series, 80);
        const back = await runVerb(['export', 'whisper', 'multi.*', out, '--data-dir', dataDir]);
        assert.equal([back.code, back.stderr], [0, '']);
        const disk = await runVerb(['export', 'whisper', 'disk.*', out, '--data-dir', dataDir]);
        assert.match(disk.stdout, '4 series', 'tagged ones by their metric name');
        assert.is(findWhisperFiles(out).length, 9);
        for (const file of findWhisperFiles(out)) {
          const [before, after] = [tree, out].map((root) =>
            readWhisper(fs.readFileSync(path.join(root, file))),
          );
          assert.equal(after, before, file);
        }
      } finally {
        await server.remove();
      }
    },
    { timeoutMs: 60_000 },
  );

  it.slow(
    'goes on where it was when the server died',
    async () => {
      const server = await Server.start();
      const { dataDir } = server;
      try {
        const many = path.join(folder, 'many');
        const bytes = fs.readFileSync(path.join(tree, 'app/single.wsp'));
        fs.mkdirSync(many);
        for (let i = 0; i < 4000; i++) fs.writeFileSync(path.join(many, `m${i}.wsp`), bytes);
        const importing = runVerb(['import', 'whisper', many, '--data-dir', dataDir]);
        const seriesCount = async (): Promise<number> =>
          (await server.json<{ store: { seriesCount: number } }>('/health')).store.seriesCount;
        await server.until(async () => (await seriesCount()) > 900, 'some files');
        await server.signal('SIGKILL');
        const stopped = await importing;
        assert.equal([stopped.code, stopped.stdout], [1, '']);
        assert.match(stopped.stderr, /^the server at http:[^ ]+ did not answer: /);
        const rest = await runVerb(['import', 'whisper', many, '--data-dir', dataDir, '--json']);
        assert.equal([rest.code, rest.stderr], [0, '']);
        const { before, series } = JSON.parse(rest.stdout) as Summary;
        assert.is(before + series, 4000);
        assert.ok(before > 0, 'it went on');
        const found = await runVerb(['series', 'find', 'm*', '--count', '--data-dir', dataDir]);
        assert.is(found.stdout, '4000\n');
      } finally {
        await server.remove();
      }
    },
    { timeoutMs: 120_000 },
  );
});
