/**
 * statsd F1: two containers on one data folder both wrote. Each server here has a pid and a network
 * namespace of its own, in which it is process 1 or 2.
 */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { readOwner } from '../../../src/storage/owner-record.ts';
import { verifyFile } from '../../../src/storage/open-store.ts';
import { TALLYD } from '../../support/program.ts';
import { assert, describe, rounds } from '../../support/suite.ts';
import { until } from '../../support/until.ts';
import { temporaryFolder } from '../../storage/lmdb/open.ts';

const OWN_SPACES = ['--net', '--pid', '--fork', '--kill-child', '--mount-proc'];
/** No address of a network that is not up, and no names of other machines. */
const FLAGS = [
  '--address',
  '0.0.0.0',
  '--port',
  '0',
  '--http-port',
  'off',
  '--mgmt-port',
  'off',
].concat(['--carbon-port', 'off', '--carbon-pickle-port', 'off', '--flush-interval', '1000']);
const UP = 'tallyd is up';
const IN_USE = 'is in use by another tallyd';

class Container {
  output = '';
  private readonly child: ChildProcess;
  private readonly ended: Promise<unknown>;

  constructor(dataDir: string, env: NodeJS.ProcessEnv = {}, isSecond = false) {
    const shell = isSecond ? ['/bin/sh', '-c', '"$@"; true', 'sh'] : [];
    const command = [
      ...shell,
      process.execPath,
      ...TALLYD,
      'start',
      '--data-dir',
      dataDir,
      ...FLAGS,
    ];
    this.child = spawn('/usr/bin/unshare', [...OWN_SPACES, ...command], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, ...env },
    });
    this.child.stderr!.on('data', (data: Buffer) => (this.output += data.toString()));
    this.ended = once(this.child, 'close');
  }

  get isUp(): boolean {
    return this.output.includes(UP);
  }

  said(...texts: string[]): Promise<void> {
    const said = (): boolean => texts.some((text) => this.output.includes(text));
    return until(said, `"${texts.join('" or "')}", read ${this.output}`);
  }

  /** To the server, not to the program that made its namespaces. */
  signal(signal: NodeJS.Signals): void {
    const pids = execFileSync('ps', ['-o', 'pid=', '--ppid', String(this.child.pid)]).toString();
    process.kill(Number(pids.trim()), signal);
  }

  async end(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.ended;
  }
}

async function inFolder(body: (dataDir: string) => Promise<void>): Promise<void> {
  const dataDir = temporaryFolder();
  try {
    await body(dataDir);
    const faults: unknown[] = [];
    const file = path.join(dataDir, 'data.mdb');
    await verifyFile(file, { onFault: (fault) => faults.push(fault), onProgress() {} });
    assert.equal(faults, []);
  } finally {
    fs.rmSync(dataDir, { recursive: true });
  }
}

const hasPrograms = ['unshare', 'ps'].every((name) => spawnSync(name, ['--version']).status === 0);
/** Not everybody may: it takes root, and most containers forbid it. */
const mayUnshare = spawnSync('unshare', [...OWN_SPACES, 'true']).status === 0;

describe('two containers on one data folder', (it) => {
  if (!hasPrograms) {
    it.skipAloud('all of it', 'there is no unshare or ps (Debian: util-linux, procps)');
    return;
  }
  if (!mayUnshare) {
    // No package helps: this fails no CI.
    console.error('SKIPPED two containers on one data folder: this machine makes no namespaces');
    return;
  }

  it(
    'that start at the same instant: one is up, the other says the folder is in use',
    () =>
      inFolder(async (dataDir) => {
        for (let round = 0; round < rounds(1, 5); round++) {
          const both = [new Container(dataDir), new Container(dataDir)];
          await Promise.all(both.map((one) => one.said(UP, IN_USE)));
          const up = both.filter(({ isUp }) => isUp);
          assert.is(up.length, 1, both.map(({ output }) => output).join('\n'));
          up[0]!.signal('SIGKILL');
          // That a third may follow is told below, too.
          const next = rounds(0, 1) === 1 ? [new Container(dataDir)] : [];
          for (const one of next) {
            await one.said(UP, IN_USE);
            assert.ok(one.isUp, one.output);
          }
          await Promise.all([...both, ...next].map((one) => one.end()));
        }
      }),
    { timeoutMs: 600_000 },
  );

  it(
    'one that was suspended and superseded writes no more, and ends with a sentence',
    () =>
      inFolder(async (dataDir) => {
        // Without the kernel's lock, as on a file system that has none.
        const first = new Container(dataDir, { PATH: '/nowhere' });
        await first.said(UP);
        first.signal('SIGSTOP');
        const same = new Container(dataDir, { PATH: '/nowhere' });
        await same.said(UP, 'process 1 as this one, in another container');
        assert.not.ok(same.isUp);
        await same.end();
        const next = new Container(dataDir, { PATH: '/nowhere' }, true);
        await next.said(UP, IN_USE);
        assert.ok(next.isUp, next.output);
        assert.match(same.output, 'waiting up to 3 s to see whether process');
        first.signal('SIGCONT');
        await first.said('tallyd ends');
        assert.match(first.output, 'nothing more is written to it');
        assert.ok(readOwner(dataDir)?.token, 'whose record stands is the next one’s');
        assert.not.match(next.output, 'nothing more is written');
        await Promise.all([first.end(), next.end()]);
      }),
    { timeoutMs: 60_000 },
  );
});
