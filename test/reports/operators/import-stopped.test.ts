/** An import that was stopped with Ctrl-C, or killed, goes on where it was. */
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { importWhisper } from '../../../src/storage/whisper/import.ts';
import { writeWhisper } from '../../../src/storage/whisper/write.ts';
import { MemoryStore } from '../../model/memory-store.ts';
import { rulesOf } from '../../storage/rules-of.ts';
import { TALLYD } from '../../support/program.ts';
import { assert, describe, rounds } from '../../support/suite.ts';
import { until } from '../../support/until.ts';

const FILES = 522;
/** Of those that a process imports: it is to be under way for a while. */
const MANY = rounds(0, 6000);

interface Summary {
  series: number;
  before: number;
  stopped: boolean;
}

describe('an import that is stopped', (it) => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tallyd-stopped-'));
  const tree = path.join(folder, 'whisper');
  const many = path.join(folder, 'many');
  it.after(() => fs.rmSync(folder, { recursive: true }));
  it.before(() => {
    fs.mkdirSync(tree);
    const time = Math.floor(Date.now() / 1000 / 60) * 60;
    const bytes = writeWhisper({
      archives: [{ step: 60, points: 20 }],
      aggregationMethod: 'average',
      xFilesFactor: 0.5,
      data: [{ step: 60, times: Float64Array.of(time), values: Float64Array.of(1) }],
    });
    for (let i = 0; i < FILES; i++) fs.writeFileSync(path.join(tree, `s${i}.wsp`), bytes);
    fs.mkdirSync(many);
    for (let i = 0; i < MANY; i++) fs.writeFileSync(path.join(many, `s${i}.wsp`), bytes);
  });

  /** Imports, and is stopped once the data file shows that it is under way. */
  async function run(dataDir: string, signal?: NodeJS.Signals) {
    const args = [...TALLYD, 'import', 'whisper', many, '--data-dir', dataDir, '--json'];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let [out, talk] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (talk += chunk.toString()));
    const ended = new Promise((resolve) => child.once('close', resolve));
    if (signal !== undefined) {
      const file = path.join(dataDir, 'data.mdb');
      const size = (): number => fs.statSync(file, { throwIfNoEntry: false })?.size ?? 0;
      await until(() => size() > 100_000 || child.exitCode !== null);
      child.kill(signal);
    }
    await ended;
    const summary = out === '' ? undefined : (JSON.parse(out) as Summary);
    return { code: child.exitCode, killedBy: child.signalCode, summary, talk };
  }

  it('goes on where it was, though it came through a part of its files only', async () => {
    const store = new MemoryStore(rulesOf({ '': '1m:1h' }));
    const stopping = new AbortController();
    const now = Date.now() / 1000;
    const first = await importWhisper(store, tree, {
      now,
      signal: stopping.signal,
      onProgress: ({ done }) => {
        if (done === 170) stopping.abort();
      },
    });
    assert.is(first.stopped, true);
    assert.ok(first.series >= 170 && first.series < FILES, String(first.series));
    const rest = await importWhisper(store, tree, { now });
    assert.equal([rest.stopped, rest.before], [false, first.series]);
    assert.is(rest.before + rest.series, FILES);
    assert.is((await importWhisper(store, tree, { now })).series, FILES);
  });

  it.slow('by Ctrl-C ends behind the files under way, and goes on there', async () => {
    const dataDir = path.join(folder, 'int');
    const first = await run(dataDir, 'SIGINT');
    assert.is(first.code, 130, first.talk);
    assert.is(first.summary!.stopped, true);
    assert.match(first.talk, /stopped: the same command goes on from here/);
    const rest = await run(dataDir);
    assert.is(rest.code, 0);
    assert.is(rest.summary!.before, first.summary!.series);
    assert.is(rest.summary!.before + rest.summary!.series, MANY);
    assert.ok(rest.summary!.before > 0 && rest.summary!.series > 0, JSON.stringify(rest.summary));
  });

  it.slow('by kill -9 goes on as well', async () => {
    const dataDir = path.join(folder, 'kill');
    assert.is((await run(dataDir, 'SIGKILL')).killedBy, 'SIGKILL');
    const rest = await run(dataDir);
    assert.is(rest.summary!.before + rest.summary!.series, MANY);
  });
});
