/**
 * Simulated power cuts. A process writes the history through disk-shim.c, which records all writes
 * and syncs of its data file. From that record the file is built as power cuts at random moments
 * could leave it (write-trace.ts); each one is opened, compared with the history as far as it was
 * acknowledged, and written on. The control believes no sync of the last flushes: it must find damage,
 * or the harness would find none at all.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import readline from 'node:readline';
import { scriptArgs } from '../support/program.ts';
import type { Fault, FaultResult, Run } from './fault.ts';
import type { Standing } from './history-check.ts';
import { buildDiskShim, shimUnavailable, startWriting, temporaryFolder } from './processes.ts';
import { WriteTrace } from './write-trace.ts';

const STEADY = 1000;
const STEPS = 260;
/** Far enough for the rings to have chunks, names to be born, slots to be overwritten. */
const FIRST_CUT_STEP = 60;
/** Steps that the check goes on for. */
const GO_ON = 3;
const KEEPS = [0, 0.1, 0.5, 0.9, 1];
/** Records before the cut that the control believes no sync in: some ten flushes. */
const DEAF_RECORDS = 1000;

export const powerCut: Fault = {
  name: 'power cut',
  fullRounds: 100,
  shortRounds: 10,
  unavailable: shimUnavailable,
  run: (run) => cutAll(run, false),
};

export const powerCutControl: Fault = {
  name: 'control: no sync',
  fullRounds: 30,
  shortRounds: 4,
  unavailable: shimUnavailable,
  async run(run) {
    const found = await cutAll(run, true);
    const damaged = found.lost + found.badRecords;
    if (damaged === 0) throw new Error('no damage was noticed in a store that is never synced');
    const note = `damage noticed in ${damaged} of ${found.rounds}, as it must be`;
    return { ...found, lost: 0, badRecords: 0, note };
  },
};

/** With `deaf`, every state that is not as it should be counts once. */
async function cutAll({ rounds, random, say }: Run, deaf: boolean): Promise<FaultResult> {
  const folder = temporaryFolder();
  const result: FaultResult = { rounds: 0, acknowledged: 0, lost: 0, badRecords: 0 };
  const checker = new Checker();
  let points = 0;
  let pendingPages = 0;
  try {
    const trace = await record(folder);
    const from = trace.indexAfter(FIRST_CUT_STEP * 3);
    for (let round = 0; round < rounds; round++) {
      const end = from + Math.floor(random() * (trace.records.length - from));
      const keep = KEEPS[round % KEEPS.length]!;
      const deafFrom = { deafFrom: Math.max(0, end - DEAF_RECORDS) };
      const cut = trace.cut(end, random, { keep, ...(deaf ? deafFrom : {}) });
      const dataDir = path.join(folder, `cut-${round}`);
      fs.mkdirSync(dataDir);
      fs.writeFileSync(path.join(dataDir, 'data.mdb'), cut.image);
      const standing = await checker.check(dataDir, cut.acknowledged);
      fs.rmSync(dataDir, { recursive: true });
      result.rounds += 1;
      result.acknowledged += Math.floor(cut.acknowledged / 3) + 1;
      pendingPages += cut.pendingPages;
      points += standing.points;
      if (deaf) result.lost += standing.complaint === undefined ? 0 : 1;
      else {
        result.lost += standing.lost;
        result.badRecords += standing.badRecords;
        if (standing.complaint !== undefined) say(`cut at record ${end}: ${standing.complaint}`);
      }
    }
    const { length } = trace.records;
    result.note = `${length} writes and syncs, ${pendingPages} pages in doubt, ${points} points compared`;
  } finally {
    checker.close();
    fs.rmSync(folder, { recursive: true });
  }
  return result;
}

/** Writes the history once, and makes sure that the trace has all that reached the file. */
async function record(folder: string): Promise<WriteTrace> {
  const dataDir = path.join(folder, 'recorded');
  const traceFile = path.join(folder, 'trace');
  const shim = buildDiskShim(folder);
  const steps = { first: 0, count: STEPS, steadyCount: STEADY };
  const environment = { LD_PRELOAD: shim, TALLYD_TRACE: traceFile };
  const writing = startWriting(dataDir, steps, environment);
  const ended = await writing.ended;
  if (ended !== '0') throw new Error(`the writer under the shim ended with ${ended}`);
  const trace = new WriteTrace(traceFile);
  const file = fs.readFileSync(path.join(dataDir, 'data.mdb'));
  if (!file.equals(trace.whole())) throw new Error('the trace does not rebuild the data file');
  if (trace.count('sync') < STEPS / 2) throw new Error(`only ${trace.count('sync')} syncs seen`);
  return trace;
}

/** A process that checks folders: lmdb on a damaged file may take its process with it. */
class Checker {
  private child: ChildProcess | undefined;
  private lines: AsyncIterator<string> | undefined;

  async check(dataDir: string, acknowledged: number): Promise<Standing> {
    this.child ??= this.start();
    const question = { dataDir, acknowledged, steadyCount: STEADY, goOn: GO_ON };
    this.child.stdin!.write(`${JSON.stringify(question)}\n`);
    const { value, done } = await this.lines!.next();
    if (done !== true) return JSON.parse(value) as Standing;
    this.child = undefined;
    const complaint = 'the process that opened it died';
    return { step: -1, lost: 0, badRecords: 1, points: 0, complaint };
  }

  close(): void {
    this.child?.kill('SIGKILL');
  }

  private start(): ChildProcess {
    const args = scriptArgs(import.meta.url, './checker-child');
    const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'ignore'] });
    // Written to after its death, a pipe says so; the next answer tells anyway.
    child.stdin.on('error', () => {});
    this.lines = readline.createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    return child;
  }
}
