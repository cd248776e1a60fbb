import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { TALLYD } from '../support/program.ts';
import { assert, describe } from '../support/suite.ts';
import { runCli } from './run-cli.ts';
import { openUdpSink } from './udp-sink.ts';

const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'tallyd-start-'));
const file = path.join(dir, 'config.json5');
const CONFIG =
  "{ address: '127.0.0.1', port: 0, httpPort: 0, carbonPort: 'off', mgmt_port: 'off' }";
const FLAGS = [
  '--config',
  file,
  '--data-dir',
  path.join(dir, 'data'),
  '--carbon-pickle-port',
  'off',
];

/** A server of its own, and a wait for what it logs. */
function start(program: string[]) {
  const args = [...program, 'start', ...FLAGS];
  const child: ChildProcess = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const exited = once(child, 'exit') as Promise<[number | null, string | null]>;
  let stderr = '';
  let stdout = '';
  let wake = () => {};
  child.stderr!.on('data', (chunk: Buffer) => {
    stderr += String(chunk);
    wake();
  });
  child.stdout!.on('data', (chunk: Buffer) => void (stdout += String(chunk)));
  child.once('exit', () => wake());
  return {
    child,
    exited,
    output: () => ({ stdout, stderr }),
    async until(text: string): Promise<void> {
      while (!stderr.includes(text)) {
        if (child.exitCode !== null) throw new Error(`exited ${child.exitCode}: ${stderr}`);
        await new Promise<void>((resolve) => (wake = resolve));
      }
    },
  };
}

describe('start', (it) => {
  it.before(() => fs.writeFileSync(file, CONFIG));
  it.after(() => fs.rmSync(dir, { recursive: true }));

  const serves = async (program: string[]): Promise<void> => {
    const server = start(program);
    try {
      await server.until('tallyd is up');
      const second = await runCli(['start', ...FLAGS, '--log-level', 'error']);
      assert.is(second.code, 1);
      assert.is(second.stderr.trim().split('\n').length, 1, second.stderr);
      assert.match(second.stderr, 'is in use by another tallyd');
      server.child.kill('SIGHUP');
      await server.until('configuration read again');
      fs.writeFileSync(file, '{ address: 5 }');
      await server.until('stays in force');
      assert.ok(server.output().stderr.includes(`${file}:1:12: address: read 5`));
      server.child.kill('SIGTERM');
      assert.equal(await server.exited, [0, null]);
      assert.is(server.output().stdout, '');
    } finally {
      server.child.kill('SIGKILL');
      fs.writeFileSync(file, CONFIG);
    }
  };

  it.slow('serves, reads its file again, tells a second one off, and stops with 0', () =>
    serves(TALLYD),
  );

  it.slow('does so from sources, as npm run dev', () => serves(['--import', 'tsx', 'src/main.ts']));

  // ingest/ingest.test.ts has the sentence, program.test.ts the exit code of what start refuses.
  it.slow('a port that is taken is one sentence and 2', async () => {
    const sink = await openUdpSink();
    const ran = await runCli([
      'start',
      ...FLAGS,
      '--log-level',
      'error',
      '--port',
      String(sink.port),
    ]);
    await sink.close();
    assert.is(ran.code, 2);
    assert.is(ran.stdout, '');
    assert.is(ran.stderr.trim().split('\n').length, 1, ran.stderr);
    assert.ok(ran.stderr.includes(String(sink.port)), ran.stderr);
  });
});
