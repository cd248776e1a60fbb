/**
 * Flips one bit of a used page of a data file at a time, as a failing disk or memory does. Where an
 * answer of the store is another one then, or it refuses to start, `verify` must have found it; and
 * nothing may end the process.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { PageFile } from '../../src/storage/lmdb/check/page-file.ts';
import { verifyFile } from '../../src/storage/open-store.ts';
import { temporaryFolder } from '../storage/lmdb/open.ts';
import { scriptArgs } from '../support/program.ts';
import { randomOf } from '../faults/fault.ts';
import { answersOf, fillStore } from './bits-store.ts';

export interface BitsReport {
  flips: number;
  /** Flips that `verify` found. */
  found: number;
  /** Flips after which an answer was another one, or the store refused to open. */
  changed: number;
  refused: number;
  /** Changed and not found, or the end of a process; one line each. */
  wrong: string[];
}

const PAGE_BYTES = 4096;
/** Folders that one child opens. */
const BATCH = 20;

export async function flipBits(flips: number, seed: number): Promise<BitsReport> {
  const folder = temporaryFolder();
  try {
    const source = path.join(folder, 'source');
    await fillStore(source);
    const right = await answersOf(copyOf(source, path.join(folder, 'right')));
    const bytes = fs.readFileSync(path.join(source, 'data.mdb'));
    const pages = usedPages(path.join(source, 'data.mdb'));
    const random = randomOf(seed);
    const report: BitsReport = { flips, found: 0, changed: 0, refused: 0, wrong: [] };
    for (let done = 0; done < flips; done += BATCH) {
      const count = Math.min(BATCH, flips - done);
      const damaged: Damaged[] = [];
      for (let i = 0; i < count; i++) {
        const page = pages[Math.floor(random() * pages.length)]!;
        const bit = page * PAGE_BYTES * 8 + Math.floor(random() * PAGE_BYTES * 8);
        damaged.push(await damage(bytes, bit, path.join(folder, `flip${i}`)));
      }
      await judge(damaged, right, report);
      for (const { dataDir } of damaged) fs.rmSync(dataDir, { recursive: true, force: true });
    }
    return report;
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

interface Damaged {
  dataDir: string;
  where: string;
  isFound: boolean;
}

async function damage(bytes: Buffer, bit: number, dataDir: string): Promise<Damaged> {
  const file = path.join(dataDir, 'data.mdb');
  const at = bit >> 3;
  fs.mkdirSync(dataDir);
  bytes[at]! ^= 1 << (bit & 7);
  fs.writeFileSync(file, bytes);
  bytes[at]! ^= 1 << (bit & 7);
  const page = Math.floor(at / PAGE_BYTES);
  const where = `page ${page}, byte ${at % PAGE_BYTES}, bit ${bit & 7}`;
  return { dataDir, where, isFound: await isFound(file) };
}

async function isFound(file: string): Promise<boolean> {
  let faults = 0;
  try {
    await verifyFile(file, { onFault: () => (faults += 1), onProgress() {} });
  } catch {
    return true; // with a sentence: it is no data file any more
  }
  return faults > 0;
}

async function judge(damaged: Damaged[], right: string, report: BitsReport): Promise<void> {
  let left = damaged;
  while (left.length > 0) {
    const lines = await answersIn(left.map(({ dataDir }) => dataDir));
    for (const [i, { where, isFound: found }] of left.entries()) {
      const line = lines[i];
      if (line === undefined) break;
      const isChanged = line !== `answers ${right}`;
      if (found) report.found += 1;
      if (isChanged) report.changed += 1;
      if (line.startsWith('refused')) report.refused += 1;
      if (isChanged && !found) report.wrong.push(`${where}: not found, ${line.slice(0, 200)}`);
    }
    const killer = left[lines.length];
    if (killer !== undefined) {
      report.wrong.push(`${killer.where}: ended the process${killer.isFound ? '' : ', not found'}`);
    }
    left = left.slice(lines.length + 1);
  }
}

/** A line a folder, up to the one that ended the process. */
async function answersIn(folders: string[]): Promise<string[]> {
  const child = spawn(
    process.execPath,
    [...scriptArgs(import.meta.url, './bits-child'), ...folders],
    {
      stdio: ['ignore', 'pipe', 'ignore'],
    },
  );
  let output = '';
  child.stdout.on('data', (data: Buffer) => (output += data.toString()));
  await once(child, 'close');
  return output.split('\n').filter((line) => line !== '');
}

/** Those that a walk of all trees meets, and the two heads. */
function usedPages(file: string): number[] {
  const pages = new PageFile(file);
  try {
    pages.walkTrees();
    return [0, 1, ...pages.usedPages()];
  } finally {
    pages.close();
  }
}

function copyOf(from: string, to: string): string {
  fs.cpSync(from, to, { recursive: true });
  return to;
}
