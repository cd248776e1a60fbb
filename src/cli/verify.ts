/**
 * `tallyd verify [file]`: every record of the store, of a running server's store or of a backup,
 * checked. What is wrong goes to standard output, one line each; exit code 1 then. `--repair` drops
 * what is damaged while no server runs, after saying what will be lost.
 */
import type { Command } from 'commander';
import { badUsage, UserError } from '../lib/errors.ts';
import { verifyFile, verifyFolder } from '../storage/open-store.ts';
import type { VerifiedPart } from '../storage/roles.ts';
import { canAsk, isConfirmed, YES_HELP } from './confirm.ts';
import { addExamples } from './examples.ts';
import { type StoreFlags, addStoreFlags, readStoreSettings, withAdmin } from './open-store.ts';
import { Progress } from './progress.ts';
import { type Totals, VerifyReport } from './verify-report.ts';

interface VerifyFlags extends StoreFlags {
  repair: boolean;
  yes: boolean;
  dryRun: boolean;
  json: boolean;
}

export function addVerify(program: Command): void {
  const command = program
    .command('verify')
    .description(
      'Check every record: checksums, keys, names, rings and what they say of each other. ' +
        'A running server is asked to check its own store, in parts; a backup can be named. ' +
        'Exit code 1 when something is wrong.',
    )
    .argument('[file]', 'a backup, or a data.mdb that nobody has open, to check instead')
    .option('--repair', 'Drop what is damaged, nothing else. Stop the server first.', false)
    .option('--dry-run', 'With --repair: only say what would be lost.', false)
    .option('-y, --yes', YES_HELP, false)
    .option('--json', 'Print the result as one JSON object.', false)
    .action(verify);
  addStoreFlags(command);
  addExamples(command, [
    ['tallyd verify --data-dir ./data', 'the store of ./data, whether a server runs on it or not'],
    ['tallyd verify /backup/monday.mdb', 'a backup'],
    ['tallyd verify --repair --dry-run', 'what a repair would lose'],
  ]);
}

async function verify(file: string | undefined, flags: VerifyFlags): Promise<void> {
  if (flags.dryRun && !flags.repair) throw badUsage('read --dry-run, expected it with --repair');
  const report = new VerifyReport(flags.json);
  if (file !== undefined) await verifyBackup(file, flags, report);
  else if (flags.url !== undefined) await verifyServer(flags, report);
  else await verifyStore(flags, report);
  report.end();
}

async function verifyBackup(file: string, flags: VerifyFlags, report: VerifyReport): Promise<void> {
  if (flags.repair) {
    throw badUsage(
      'read a file with --repair, expected a store; put the file into a folder as data.mdb and ' +
        'name that with --data-dir',
    );
  }
  const progress = new Progress('records');
  const verified = await verifyFile(file, {
    onFault: (fault) => report.fault(fault),
    onProgress: (done, total) => progress.show(done, total),
  });
  progress.clear();
  report.verified(file, verified);
}

async function verifyStore(flags: VerifyFlags, report: VerifyReport): Promise<void> {
  const { dataDir, mapSizeBytes } = readStoreSettings(flags).config;
  const progress = new Progress('records');
  try {
    const { repaired, left } = await verifyFolder(dataDir, {
      mapSizeBytes,
      onFault: (fault) => report.fault(fault),
      onLeft: (fault) => report.left(fault),
      onProgress: (done, total) => progress.show(done, total),
      async onVerified(verified) {
        progress.clear();
        report.verified(dataDir, verified);
        if (flags.repair) report.losses(flags.dryRun);
        if (!flags.repair || flags.dryRun) return false;
        if (verified.faultCount === 0 || !canAsk(flags.yes)) return true;
        if (await isConfirmed('Drop what is damaged?')) return true;
        throw badUsage('nothing was dropped');
      },
    });
    progress.clear();
    if (repaired !== undefined) report.repaired(repaired, left ?? 0);
  } catch (error) {
    const taken = error instanceof UserError && error.code === 'dataDirTaken';
    if (!taken || flags.repair) throw error;
    await verifyServer(flags, report);
  }
}

/** The store of a running server, in parts that each take one request. */
async function verifyServer(flags: VerifyFlags, report: VerifyReport): Promise<void> {
  if (flags.repair) throw badUsage('read --repair for a running server, expected it stopped');
  await withAdmin(flags, async (admin) => {
    const progress = new Progress('records');
    const databases = new Map<string, Totals['databases'][number]>();
    let after: string | undefined;
    do {
      const part: VerifiedPart = await admin.verify(after === undefined ? {} : { after });
      const { database, total } = part;
      const sum = databases.get(database) ?? { database, records: 0, bytes: 0, faults: 0 };
      sum.records += part.records;
      sum.bytes += part.bytes;
      sum.faults += part.faultCount;
      databases.set(database, sum);
      for (const fault of part.faults) report.fault({ database, ...fault });
      progress.show(sum.records, Math.max(total, sum.records));
      after = part.next;
    } while (after !== undefined);
    progress.clear();
    const all = [...databases.values()];
    const faultCount = all.reduce((count, { faults }) => count + faults, 0);
    report.verified(admin.location, { databases: all, faultCount });
  });
}
