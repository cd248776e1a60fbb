/**
 * The fault runs: `npm run test:faults` runs each in full, `-- --short` a few rounds of each (CI),
 * `-- --only kill` those whose name has the word, `--rounds N` and `--seed N` as they say. Ends with
 * a table and `N passed, N failed`; a fault passes with nothing lost and no bad record.
 */
import { parseArgs } from 'node:util';
import { cutImport, goneClient } from './clients.ts';
import { clock } from './clock.ts';
import { endlessReader } from './endless-reader.ts';
import { fullDiskServer, stalledDiskServer } from './disk-server.ts';
import { killLiveChange } from './kill-live-change.ts';
import { killMigration } from './kill-migration.ts';
import { killServer } from './kill-server.ts';
import { type Fault, type FaultResult, randomOf } from './fault.ts';
import { fullDisk } from './full-disk.ts';
import { killStore } from './kill-store.ts';
import { killVerbs } from './kill-verbs.ts';
import { stalledDisk } from './stalled-disk.ts';
import { powerCut, powerCutControl } from './power-cut.ts';

const FAULTS: Fault[] = [
  killStore,
  powerCut,
  powerCutControl,
  fullDisk,
  stalledDisk,
  clock,
  endlessReader,
  killVerbs,
  killMigration,
  killServer,
  killLiveChange,
  fullDiskServer,
  stalledDiskServer,
  goneClient,
  cutImport,
];

interface Row {
  fault: Fault;
  result: FaultResult | undefined;
  seconds: number;
  /** Why it failed or was skipped. */
  complaint?: string;
  skipped?: boolean;
}

const { values } = parseArgs({
  options: {
    short: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    rounds: { type: 'string' },
    seed: { type: 'string' },
  },
});
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
const chosen = FAULTS.filter(({ name }) => name.includes(values.only));
if (chosen.length === 0) {
  console.error(
    `no fault has "${values.only}" in its name: ${FAULTS.map(({ name }) => name).join(', ')}`,
  );
  process.exit(2);
}
console.log(`seed ${seed}`);
const rows: Row[] = [];
for (const fault of chosen) {
  const row = await runOne(fault);
  rows.push(row);
  console.log(`${fault.name}: ${row.complaint ?? 'ok'}, ${row.seconds.toFixed(1)} s`);
}
printTable(rows);
const failed = rows.filter((row) => row.complaint !== undefined && row.skipped !== true).length;
const skipped = rows.filter((row) => row.skipped === true).length;
console.log(`${rows.length - failed - skipped} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;

async function runOne(fault: Fault): Promise<Row> {
  const missing = fault.unavailable?.();
  if (missing !== undefined) {
    console.log(`SKIPPED ${fault.name}: ${missing}`);
    return { fault, result: undefined, seconds: 0, complaint: missing, skipped: !isCi() };
  }
  const rounds = Number(values.rounds ?? (values.short ? fault.shortRounds : fault.fullRounds));
  const started = performance.now();
  const seconds = (): number => (performance.now() - started) / 1000;
  const say = (line: string): void => console.log(`  ${fault.name}: ${line}`);
  try {
    const result = await fault.run({ rounds, random: randomOf(seed), say });
    const row: Row = { fault, result, seconds: seconds() };
    if (result.lost > 0 || result.badRecords > 0) row.complaint = 'something was lost or damaged';
    else if (result.rounds < rounds) row.complaint = `only ${result.rounds} rounds of ${rounds}`;
    return row;
  } catch (error) {
    const complaint = error instanceof Error ? (error.stack ?? error.message) : String(error);
    say(complaint);
    return { fault, result: undefined, seconds: seconds(), complaint };
  }
}

function isCi(): boolean {
  return process.env['CI'] === 'true';
}

function printTable(all: Row[]): void {
  const lines = [['fault', 'rounds', 'acknowledged', 'lost', 'bad records', 'seconds', '']];
  for (const { fault, result, seconds, complaint, skipped } of all) {
    const counts = [result?.rounds, result?.acknowledged, result?.lost, result?.badRecords];
    const verdict =
      complaint === undefined ? (result?.note ?? '') : skipped === true ? 'skipped' : 'FAILED';
    const cells = counts.map((count) => (count === undefined ? '-' : String(count)));
    lines.push([fault.name, ...cells, seconds.toFixed(1), verdict]);
  }
  const widths = lines[0]!.map((_, i) => Math.max(...lines.map((line) => line[i]!.length)));
  console.log('');
  for (const line of lines) {
    const cells = line.map((cell, i) =>
      i === 0 || i === line.length - 1 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!),
    );
    console.log(cells.join('  ').trimEnd());
  }
}
