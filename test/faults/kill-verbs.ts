/**
 * kill -9 of the verbs that change or copy a store, at random moments. After it every series is as
 * before or as the verb leaves it, no record is damaged, and the same verb, run again, ends as one
 * that was never cut short.
 */
import fs from 'node:fs';
import path from 'node:path';
import { openEnvironment } from '../../src/storage/lmdb/db/environment.ts';
import { runHere } from '../cli/run-here.ts';
import { ClassRecords } from '../storage/lmdb/damage.ts';
import { type Fault, type FaultResult, type Run } from './fault.ts';
import { COARSE_ROWS, COARSE_STEP, FINE_ROWS, STEP, timeOf } from './history.ts';
import { HistoryWriter } from './history-writer.ts';
import { openFaultStore } from './open-fault-store.ts';
import { temporaryFolder } from './processes.ts';
import { badRecordsIn } from './records.ts';
import { type Snapshot, snapshotOf, strangersIn } from './snapshot.ts';
import { runVerb } from './verb-process.ts';

const STEPS = 280;
const SERIES = 600;
const DAY = 86_400;
/** Within the finest archive, beyond it, and beyond all that the first schemas keep. */
const AGES = [FINE_ROWS * STEP, COARSE_ROWS * COARSE_STEP, DAY];

interface Verb {
  name: string;
  args(folder: string): string[];
  /** What it may leave of a series when it is cut short: what these leave, besides itself. */
  alsoLeaves?: (folder: string) => string[];
  /** A store that something is wrong with. */
  damaged?: boolean;
  /** The file that it writes. */
  writes?: string;
}

const schemas = (folder: string): string[] => ['--storage-schemas', path.join(folder, 'new.conf')];
const RETAIN = ['--retentions', '10s:1h,2m:12h', '--method', 'max'];

const VERBS: Verb[] = [
  { name: 'retention plan', args: (folder) => ['retention', 'plan', ...schemas(folder)] },
  { name: 'retention apply', args: (folder) => ['retention', 'apply', ...schemas(folder)] },
  {
    name: 'retention apply --rewrite',
    args: (folder) => ['retention', 'apply', '--rewrite', ...schemas(folder)],
    alsoLeaves: (folder) => ['retention', 'apply', ...schemas(folder)],
  },
  { name: 'series retain', args: () => ['series', 'retain', 'steady.s*', ...RETAIN] },
  { name: 'series delete', args: () => ['series', 'delete', 'steady.s1*', 'steady.s2*'] },
  { name: 'series rename', args: () => ['series', 'rename', 'steady.*', 'renamed.*'] },
  {
    name: 'backup',
    args: (folder) => ['backup', path.join(folder, 'copy.mdb')],
    writes: 'copy.mdb',
  },
  { name: 'verify --repair', args: () => ['verify', '--repair'], damaged: true },
];

export const killVerbs: Fault = {
  name: 'kill -9, verbs',
  fullRounds: 10 * VERBS.length,
  shortRounds: VERBS.length,
  async run({ rounds, random, say }: Run): Promise<FaultResult> {
    const folder = temporaryFolder();
    const result: FaultResult = { rounds: 0, acknowledged: 0, lost: 0, badRecords: 0 };
    const cuts = new Map<string, number>();
    try {
      await prepare(folder);
      for (const [i, verb] of VERBS.entries()) {
        const mine = Math.floor((rounds - i - 1) / VERBS.length) + 1;
        const trial = new Trial(folder, verb);
        if (mine > 0) await trial.measure();
        for (let round = 0; round < mine; round++) {
          const { wasCut, strangers, badRecords } = await trial.cut(random);
          if (wasCut) cuts.set(verb.name, (cuts.get(verb.name) ?? 0) + 1);
          for (const line of strangers.slice(0, 1)) say(`${verb.name}: ${line}`);
          result.acknowledged += SERIES;
          result.lost += strangers.length;
          result.badRecords += badRecords;
          result.rounds += 1;
        }
      }
      const counts = VERBS.map(({ name }) => `${name} ${cuts.get(name) ?? 0}`).join(', ');
      result.note = `acknowledged: series; killed in the middle: ${counts}`;
      return result;
    } finally {
      fs.rmSync(folder, { recursive: true });
    }
  },
};

/** Two stores, one whole and one damaged, and the schemas that change all series. */
async function prepare(folder: string): Promise<void> {
  const conf = '[all]\npattern = .*\nretentions = 10s:20m,2m:2d\n';
  fs.writeFileSync(path.join(folder, 'new.conf'), conf);
  const whole = path.join(folder, 'whole');
  const store = await openFaultStore(whole);
  const writer = new HistoryWriter(store, SERIES);
  for (let n = 0; n < STEPS; n++) await writer.step(n, () => {});
  await store.close();
  const damaged = path.join(folder, 'damaged');
  fs.cpSync(whole, damaged, { recursive: true });
  const environment = openEnvironment(damaged, 2 ** 32);
  environment.root.transactionSync(() => {
    const records = new ClassRecords(environment);
    for (const database of ['rows', 'chunks', 'names'] as const) {
      if (!records.flipFirst(database, -9)) throw new Error(`nothing in ${database}`);
    }
  });
  await environment.root.close();
}

/** One verb, cut short again and again, each time on a fresh copy of the store. */
class Trial {
  private readonly folder: string;
  private readonly verb: Verb;
  private readonly dataDir: string;
  private allowed: Snapshot[] = [];
  private after: Snapshot = new Map();
  private durationMs = 0;

  constructor(folder: string, verb: Verb) {
    this.folder = folder;
    this.verb = verb;
    this.dataDir = path.join(folder, 'data');
  }

  /** What the verb leaves when nobody stops it, and how long it takes. */
  async measure(): Promise<void> {
    const { verb, folder } = this;
    this.copyStore();
    // What is damaged is nowhere else: only what the repair leaves can be compared.
    if (verb.damaged !== true) this.allowed.push(await this.snapshot());
    if (verb.alsoLeaves !== undefined) {
      await this.runHere(verb.alsoLeaves(folder));
      this.allowed.push(await this.snapshot());
      this.copyStore();
    }
    const startMs = performance.now();
    await this.runHere(verb.args(folder));
    this.durationMs = performance.now() - startMs;
    this.after = await this.snapshot();
    this.allowed.push(this.after);
  }

  async cut(random: () => number) {
    const { verb, folder, after, allowed } = this;
    this.copyStore();
    const args = [...verb.args(folder), '--data-dir', this.dataDir];
    const { wasKilled: wasCut } = await runVerb(args, random() * this.durationMs);
    const strangers: string[] = [];
    let badRecords = 0;
    // A copy has its name once it is whole: cut behind that, it is looked at as it stands.
    let isDone =
      !wasCut || (verb.writes !== undefined && fs.existsSync(path.join(folder, verb.writes)));
    if (verb.damaged !== true) {
      const cut = await this.snapshot();
      strangers.push(...strangersIn(cut, allowed));
      badRecords += (await badRecordsIn(this.dataDir)).length;
      isDone ||= verb.writes === undefined && strangersIn(cut, [after]).length === 0;
    }
    if (!isDone) {
      await this.runHere(verb.args(folder));
      strangers.push(...strangersIn(await this.snapshot(), [after]));
    }
    badRecords += (await badRecordsIn(this.dataDir)).length;
    if (verb.writes !== undefined) {
      const written = path.join(folder, 'restored');
      fs.mkdirSync(written);
      fs.renameSync(path.join(folder, verb.writes), path.join(written, 'data.mdb'));
      strangers.push(...strangersIn(await this.snapshot(written), [after]));
      badRecords += (await badRecordsIn(written)).length;
      fs.rmSync(written, { recursive: true });
    }
    return { wasCut, strangers, badRecords };
  }

  private copyStore(): void {
    const { verb, folder, dataDir } = this;
    fs.rmSync(dataDir, { recursive: true, force: true });
    const from = verb.damaged === true ? 'damaged' : 'whole';
    fs.cpSync(path.join(folder, from), dataDir, { recursive: true });
    if (verb.writes !== undefined) fs.rmSync(path.join(folder, verb.writes), { force: true });
  }

  private snapshot(dataDir = this.dataDir): Promise<Snapshot> {
    return snapshotOf(dataDir, timeOf(STEPS - 1), AGES);
  }

  private async runHere(args: string[]): Promise<void> {
    const { code, stderr } = await runHere([...args, '--data-dir', this.dataDir]);
    // A repair that had something to do says so with 1.
    if (code !== 0 && this.verb.damaged !== true) throw new Error(`${args.join(' ')}: ${stderr}`);
  }
}
