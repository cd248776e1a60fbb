/**
 * Clients and operators in a hurry: an HTTP client that goes away in the middle of a large answer,
 * SIGTERM and SIGKILL in the middle of an import. The server goes on; an import that is started
 * again brings what is missing and changes nothing of what is there.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { ROOT, TALLYD } from '../support/program.ts';
import { Server } from '../support/server.ts';
import { until } from '../support/until.ts';
import { type Fault, type FaultResult, type Run } from './fault.ts';
import { temporaryFolder } from './processes.ts';
import { badRecordsIn } from './records.ts';
import { Traffic, healthOf, secondSlots } from './traffic.ts';
import { writeWhisperTree } from './whisper-tree.ts';

/** Clients that go away in one round. */
const CLIENTS = 20;
const FILES = 150;
/** From the first byte of the data file on: an import of that many takes a second. */
const CUT_MS_MAX = 600;

export const goneClient: Fault = {
  name: 'client gone mid-render',
  fullRounds: 10,
  shortRounds: 1,
  async run({ rounds, random }: Run): Promise<FaultResult> {
    const folder = temporaryFolder();
    const server = await Server.start(secondSlots(folder), path.join(folder, 'data'));
    const traffic = new Traffic(server);
    const result: FaultResult = { rounds: 0, acknowledged: 0, lost: 0, badRecords: 0 };
    try {
      await until(async () => (await healthOf(server)).store.lastDurableFlush > 0, 'a flush');
      for (let round = 0; round < rounds; round++) {
        await Promise.all(Array.from({ length: CLIENTS }, () => leaveMidway(server, random)));
        const health = await healthOf(server);
        if (health.status === 'failing') throw new Error(`/health says ${health.reason}`);
        const answer = await server.get('/render?target=stats.gauges.fault.g1&format=json');
        if (answer.status !== 200) throw new Error(`a render answered ${answer.status}`);
        result.rounds += 1;
      }
      const flushes = (await healthOf(server)).store.lastDurableFlush;
      await until(
        async () => (await healthOf(server)).store.lastDurableFlush > flushes,
        'flushes go on',
      );
      await server.signal('SIGTERM');
      if (server.exit?.code !== 0) throw new Error(`exit ${server.exit?.code}: ${server.stderr}`);
      result.badRecords = (await badRecordsIn(path.join(folder, 'data'))).length;
      result.note = `${rounds * CLIENTS} clients left`;
      return result;
    } finally {
      traffic.stop();
      await server.signal('SIGKILL');
      fs.rmSync(folder, { recursive: true });
    }
  },
};

export const cutImport: Fault = {
  name: 'import cut short',
  fullRounds: 12,
  shortRounds: 2,
  async run({ rounds, random, say }: Run): Promise<FaultResult> {
    const folder = temporaryFolder();
    const tree = path.join(folder, 'whisper');
    const names = writeWhisperTree(tree, FILES);
    const result: FaultResult = { rounds: 0, acknowledged: 0, lost: 0, badRecords: 0 };
    try {
      for (let round = 0; round < rounds; round++) {
        const dataDir = path.join(folder, `data-${round}`);
        const signal = round % 2 === 0 ? 'SIGTERM' : 'SIGKILL';
        await importFor(tree, dataDir, { signal, afterMs: random() * CUT_MS_MAX });
        // Cut before its first transaction a store has not begun: it has no format, and no data.
        const bad = (await badRecordsIn(dataDir)).filter((line) => !line.includes('"format"'));
        if (bad.length > 0) say(`after ${signal}: ${bad[0]}`);
        result.badRecords += bad.length;
        await importFor(tree, dataDir);
        result.badRecords += (await badRecordsIn(dataDir)).length;
        const missing = await names.missingFrom(dataDir);
        if (missing.length > 0) say(`after ${signal}: ${missing[0]}`);
        result.lost += missing.length;
        result.acknowledged += FILES;
        result.rounds += 1;
        fs.rmSync(dataDir, { recursive: true });
      }
      result.note = 'acknowledged: files imported';
      return result;
    } finally {
      fs.rmSync(folder, { recursive: true });
    }
  },
};

/** Asks for a large answer and closes the connection after a part of it, or before any. */
async function leaveMidway(server: Server, random: () => number): Promise<void> {
  const socket = net.connect(server.port('http'), '127.0.0.1');
  socket.on('error', () => {});
  await once(socket, 'connect');
  const target = encodeURIComponent('stats.*.fault.*');
  const wanted = `/render?target=${target}&target=${target}&format=json&noCache=1&from=-50min`;
  socket.write(`GET ${wanted} HTTP/1.1\r\nhost: x\r\n\r\n`);
  if (random() < 0.7) await once(socket, 'data');
  socket.destroy();
  if (!socket.closed) await once(socket, 'close');
}

/** Runs `import whisper`; with `cut`, until then. */
async function importFor(
  tree: string,
  dataDir: string,
  cut?: { signal: NodeJS.Signals; afterMs: number },
): Promise<void> {
  const args = [...TALLYD, 'import', 'whisper', tree, '--data-dir', dataDir];
  const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'ignore', 'pipe'] });
  let talk = '';
  child.stderr.on('data', (data: Buffer) => (talk += data.toString()));
  const exited = once(child, 'exit');
  if (cut !== undefined) void cutWhenUnderWay(child, dataDir, cut);
  const [code] = (await exited) as [number | null];
  if (cut === undefined && code !== 0) throw new Error(`import exited with ${code}: ${talk}`);
}

/** The data file grows as files are imported: a sign that needs no word of the program. */
async function cutWhenUnderWay(
  child: ChildProcess,
  dataDir: string,
  { signal, afterMs }: { signal: NodeJS.Signals; afterMs: number },
): Promise<void> {
  const file = path.join(dataDir, 'data.mdb');
  await until(() => child.exitCode !== null || fs.existsSync(file), 'the import begins');
  await new Promise((resolve) => setTimeout(resolve, afterMs));
  child.kill(signal);
}
