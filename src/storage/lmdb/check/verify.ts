/**
 * Walks every record of a data folder that nobody has open, or of a backup file: LMDB's pages first
 * hand (page-file.ts), then what tallyd says of each record (one Check a database: db/databases.ts).
 * A running store is verified part by part instead (verify-part.ts), with the same checks.
 */
import { setImmediate as turn } from 'node:timers/promises';
import { FREE, type LostPages, PageFile } from './page-file.ts';
import type { Check } from '../db/database-spec.ts';
import { checksOf } from '../db/databases.ts';
import { type AllClasses, noClasses } from '../db/known-classes.ts';

/** One thing that is wrong. */
export interface Fault {
  database: string;
  where: string;
  what: string;
  /** What is lost by a repair. */
  loss: string;
  /** The record that is damaged; undefined where it is none, or cannot be read. */
  key?: Uint8Array;
}

export interface Verified {
  /** By database. */
  checks: ReadonlyMap<string, Check>;
  classes: AllClasses;
  /** Keys of the damaged records by database. */
  damaged: ReadonlyMap<string, readonly Uint8Array[]>;
  /** LMDB's own trees are whole: single records can be dropped from them. */
  isSound: boolean;
  databases: { database: string; records: number; bytes: number; faults: number }[];
  faultCount: number;
  fileBytes: number;
}

export interface VerifyOptions {
  onFault(fault: Fault): void;
  onProgress(done: number, total: number): void;
}

/** Of the list of free pages. */
const NO_LOSS = 'nothing: a repair makes the list anew';

/** Records between two turns of the event loop. */
const SLICE_RECORDS = 2000;

/** Throws `badFile` when the file is not LMDB's at all, `notFound` when there is none. */
export async function verifyFile(file: string, options: VerifyOptions): Promise<Verified> {
  const pages = new PageFile(file);
  try {
    return await new FileWalk(pages, options).run();
  } finally {
    pages.close();
  }
}

class FileWalk {
  private readonly pages: PageFile;
  private readonly options: VerifyOptions;
  private readonly classes = noClasses();
  private readonly damaged = new Map<string, Uint8Array[]>();
  private isSound = true;
  private readonly total: number;
  private done = 0;
  private faultCount = 0;
  private lostCount = 0;

  constructor(pages: PageFile, options: VerifyOptions) {
    this.pages = pages;
    this.options = options;
    this.total = pages.databases().reduce((sum, name) => sum + pages.entries(name), 0);
  }

  async run(): Promise<Verified> {
    const { pages } = this;
    pages.walkFree();
    this.reportLost(undefined);
    const databases: Verified['databases'] = [];
    const checks = checksOf(this.classes);
    for (const [database, check] of checks) databases.push(await this.walk(database, check));
    for (const database of pages.databases()) {
      if (!checks.has(database)) databases.push(await this.walk(database, UNKNOWN));
    }
    this.reportMissing(checks);
    pages.checkFree();
    this.reportLost(undefined);
    const { classes, damaged, isSound, faultCount } = this;
    return { checks, classes, damaged, isSound, databases, faultCount, fileBytes: pages.bytes };
  }

  /** A start makes all databases before it says that the file is of this format. */
  private reportMissing(checks: ReadonlyMap<string, Check>): void {
    if (this.classes.hasOldNames) return;
    const there = this.pages.databases();
    for (const database of checks.keys()) {
      if (there.includes(database)) continue;
      this.report({ database, where: 'the database', what: 'it is not there', loss: '' });
    }
  }

  private async walk(database: string, check: Check): Promise<Verified['databases'][number]> {
    const before = this.faultCount;
    let records = 0;
    let bytes = 0;
    for (const { key, value } of this.pages.records(database)) {
      records += 1;
      bytes += key.length + value.length;
      const what = check.fault(key, value);
      if (what !== undefined) {
        const fault = { database, where: check.where(key), what, loss: check.loss(key, value) };
        this.report({ ...fault, key: Uint8Array.from(key) });
      }
      this.done += 1;
      if (this.done % SLICE_RECORDS !== 0) continue;
      this.options.onProgress(this.done, this.total);
      await turn();
    }
    const lost = this.reportLost(check);
    for (const fault of check.rest?.() ?? []) this.report({ database, ...fault, loss: '' });
    const countFault = lost === 0 ? this.pages.countFault(database) : undefined;
    if (countFault !== undefined) {
      this.isSound = false;
      this.report({ database, where: 'the database', what: countFault, loss: '' });
    }
    const expected = this.pages.entries(database);
    if (records !== expected && lost === 0) {
      this.isSound = false;
      const what = `it has ${records} records, expected ${expected}`;
      this.report({ database, where: 'the database', what, loss: '' });
    }
    return { database, records, bytes, faults: this.faultCount - before };
  }

  /** The pages that the last walk met and could not read. */
  private reportLost(check: Check | undefined): number {
    const lost = this.pages.lostPages().slice(this.lostCount);
    this.lostCount += lost.length;
    if (lost.length > 0) this.isSound = false;
    for (const pages of lost) this.report(faultOfPages(pages, check));
    return lost.length;
  }

  private report(fault: Fault): void {
    this.faultCount += 1;
    const { database, key } = fault;
    if (key !== undefined) {
      const keys = this.damaged.get(database);
      if (keys === undefined) this.damaged.set(database, [key]);
      else keys.push(key);
    }
    this.options.onFault(fault);
  }
}

function faultOfPages({ database, page, what, from, to }: LostPages, check?: Check): Fault {
  if (database === FREE) return { database, where: `page ${page}`, what, loss: NO_LOSS };
  const place = (key: Uint8Array): string =>
    check === undefined ? Buffer.from(key).toString('latin1') : check.where(key);
  const first = from === undefined ? 'the first record' : place(from);
  const last = to === undefined ? 'the last record' : place(to);
  const loss =
    from !== undefined && from === to ? first : `all records from ${first} to before ${last}`;
  return { database, where: `page ${page}`, what, loss };
}

/** Of a database that this version has no check for: its records are read, no more. */
const UNKNOWN: Check = {
  where: (key) => `key ${Buffer.from(key).toString('hex')}`,
  fault: () => undefined,
  loss: () => 'the record',
};
