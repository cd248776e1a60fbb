import fs from 'node:fs';
import path from 'node:path';
import { readWhisper } from '../../src/storage/whisper/read.ts';
import { findWhisperFiles } from '../../src/storage/whisper/walk.ts';
import { unpackWhisperTree } from '../storage/whisper/data-set.ts';
import { assert, describe } from '../support/suite.ts';
import { runCli } from './run-cli.ts';

interface Summary {
  series: number;
  points: number;
  files: number;
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
      const into = await runCli(['import', 'whisper', tree, '--data-dir', dataDir, '--json']);
      assert.equal([into.code, into.stderr], [0, '']);
      const summary = JSON.parse(into.stdout) as Summary;
      assert.equal([summary.series, summary.files, summary.damaged], [80, 80, []]);
      const back = await runCli(['export', 'whisper', '**', out, '--data-dir', dataDir, '--json']);
      assert.equal([back.code, back.stderr], [0, '']);
      assert.is((JSON.parse(back.stdout) as Summary).points, summary.points);
      assert.equal(findWhisperFiles(out), findWhisperFiles(tree));
      for (const file of findWhisperFiles(tree)) {
        const [before, after] = [tree, out].map((root) =>
          readWhisper(fs.readFileSync(path.join(root, file))),
        );
        assert.equal(after, before, file);
      }
      const again = await runCli(['export', 'whisper', 'app.*', out, '--data-dir', dataDir]);
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
      const ran = await runCli(['import', 'whisper', damaged, '--data-dir', dataDir]);
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
      const into = await runCli(['import', 'whisper', nowhere, '--data-dir', dataDir]);
      assert.equal([into.code, into.stdout], [1, '']);
      assert.match(into.stderr, `no folder "${nowhere}"`);
      assert.not.ok(fs.existsSync(dataDir));
      const gone = await runCli(['export', 'whisper', '**', nowhere, '--data-dir', dataDir]);
      assert.equal([gone.code, gone.stdout], [1, '']);
      assert.match(gone.stderr, `no data folder "${dataDir}"`);
      fs.mkdirSync(dataDir);
      const out = await runCli(['export', 'whisper', 'x.*', nowhere, '--data-dir', dataDir]);
      assert.is(out.code, 1);
      assert.match(out.stderr, 'no series matches "x.*"');
      const usage = await runCli(['import', 'whisper']);
      assert.is(usage.code, 2);
      const help = await runCli(['import', 'whisper', '--help']);
      assert.is(help.code, 0);
      assert.match(help.stdout, 'Examples:\n  $ tallyd import whisper');
    },
    { timeoutMs: 60_000 },
  );
});
