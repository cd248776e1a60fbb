/**
 * `tallyd backup <file>`: a consistent copy of the store in one file, while the server runs or when
 * it is stopped. The copy is checked record by record afterwards. Exit code 1 when it was not made,
 * or is not whole.
 */
import fs from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import { UserError } from '../lib/errors.ts';
import { backupFolder, partialFile, verifyFile } from '../storage/open-store.ts';
import { addExamples } from './examples.ts';
import { type StoreFlags, addStoreFlags, readStoreSettings, withAdmin } from './open-store.ts';
import { printResult } from './output.ts';
import { Progress } from './progress.ts';
import { counted } from '../lib/counted.ts';

interface BackupFlags extends StoreFlags {
  verify: boolean;
  json: boolean;
}

const RESTORE = `
To restore: stop the server, put the file into an empty folder under the name data.mdb, start with
that folder.

  $ mkdir restored && cp monday.mdb restored/data.mdb
  $ tallyd start --data-dir restored`;

const PROGRESS_MS = 200;

export function addBackup(program: Command): void {
  const command = program
    .command('backup')
    .description(
      'Copy the store into one file, without free space: every flush that was acknowledged before ' +
        'it began is in it. The server may run; it writes the file then, on its own machine.',
    )
    .argument('<file>', 'the copy; a file of that name must not be there')
    .option('--no-verify', 'Do not check the copy afterwards.')
    .option('--json', 'Print the result as one JSON object.', false)
    .action(backup);
  addStoreFlags(command);
  command.addHelpText('after', RESTORE);
  addExamples(command, [
    ['tallyd backup /backup/monday.mdb', 'the store of the configuration, running or not'],
    ['tallyd backup ./data.copy --data-dir ./data --json', 'bytes and seconds as JSON'],
  ]);
}

async function backup(target: string, flags: BackupFlags): Promise<void> {
  const file = path.resolve(target); // the server's working directory may be another one
  const startedMs = performance.now();
  const { bytes, place } = await copy(file, flags);
  const isHere = fs.existsSync(file);
  const checked = flags.verify && isHere ? await check(file) : undefined;
  const seconds = Math.round(performance.now() - startedMs) / 1000;
  const result = { file, place, bytes, seconds, checked: checked ?? null };
  const records =
    checked === undefined
      ? `not checked${flags.verify ? ', the file is not on this machine' : ''}`
      : `${counted(checked.records, 'record')} checked, ${checked.faults} wrong`;
  await printResult(flags.json, result, `${file}: ${bytes} bytes in ${seconds} s, ${records}\n`);
  if (checked !== undefined && checked.faults > 0) process.exitCode = 1;
}

async function copy(file: string, flags: BackupFlags): Promise<{ bytes: number; place: string }> {
  const progress = new Progress('bytes copied');
  const partial = await partialFile(file);
  const timer = setInterval(() => progress.count(sizeOf(partial)), PROGRESS_MS);
  const ask = () =>
    withAdmin(flags, async (admin) => {
      return { ...(await admin.backup({ file })), place: admin.location };
    });
  try {
    if (flags.url !== undefined) return await ask();
    const { dataDir, mapSizeBytes } = readStoreSettings(flags).config;
    try {
      return { ...(await backupFolder(dataDir, mapSizeBytes, file)), place: dataDir };
    } catch (error) {
      if (error instanceof UserError && error.code === 'dataDirTaken') return await ask();
      throw error;
    }
  } finally {
    clearInterval(timer);
    progress.clear();
  }
}

async function check(file: string): Promise<{ records: number; faults: number }> {
  const progress = new Progress('records checked');
  const verified = await verifyFile(file, {
    onFault: ({ database, where, what }) => progress.note(`${database}: ${where}: ${what}`),
    onProgress: (done, total) => progress.show(done, total),
  });
  progress.clear();
  const records = verified.databases.reduce((sum, database) => sum + database.records, 0);
  return { records, faults: verified.faultCount };
}

function sizeOf(file: string): number {
  try {
    return fs.statSync(file).size;
  } catch {
    return 0; // whoever makes it tells what is wrong
  }
}
