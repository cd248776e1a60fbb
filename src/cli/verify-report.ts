/**
 * What `tallyd verify` prints: faults one a line, a bounded number a database, then a table and
 * what a repair did; or all of it as one JSON object.
 */
import type { VerifiedPart } from '../storage/roles.ts';
import { formatTable } from './table.ts';
import { counted } from '../lib/counted.ts';

const LINES_MAX = 20;
const JSON_FAULTS_MAX = 1000;

type FaultLine = { database: string } & VerifiedPart['faults'][number];

export interface Totals {
  databases: { database: string; records: number; bytes: number; faults: number }[];
  faultCount: number;
  /** Unknown of a running server's. */
  fileBytes?: number;
}

interface RepairTotals {
  dropped: number;
  mended: number;
  oldFile: string | undefined;
}

export class VerifyReport {
  private readonly json: boolean;
  private readonly faults: FaultLine[] = [];
  private readonly counts = new Map<string, number>();
  private readonly result: Record<string, unknown> = {};
  private faultCount = 0;
  private leftCount: number | undefined;

  constructor(json: boolean) {
    this.json = json;
  }

  fault(fault: FaultLine): void {
    const { database, where, what, loss } = fault;
    const count = (this.counts.get(database) ?? 0) + 1;
    this.counts.set(database, count);
    if (count <= JSON_FAULTS_MAX) this.faults.push({ database, where, what, loss });
    if (count <= LINES_MAX) this.print(`${database}: ${where}: ${what}\n`);
    if (count === LINES_MAX + 1) this.print(`${database}: more follow, counted below\n`);
  }

  verified(place: string, totals: Totals): void {
    const { databases, faultCount, fileBytes } = totals;
    const size = fileBytes === undefined ? '' : `, ${fileBytes} bytes`;
    this.faultCount = faultCount;
    Object.assign(this.result, { place, databases, faultCount, fileBytes, faults: this.faults });
    const rows = databases.map(({ database, records, bytes, faults }) =>
      [database, records, bytes, faults].map(String),
    );
    this.print(formatTable(['database', 'records', 'bytes', 'wrong'], rows));
    this.print(
      faultCount === 0
        ? `${place}: nothing is wrong${size}\n`
        : `${place}: ${counted(faultCount, 'thing is', 'things are')} wrong\n`,
    );
  }

  /** Before a repair: what will go. */
  losses(isDryRun: boolean): void {
    if (this.faultCount === 0) return;
    this.print(isDryRun ? 'A repair would lose:\n' : 'The repair loses:\n');
    for (const { database, where, loss } of this.faults.slice(0, LINES_MAX)) {
      if (loss !== '') this.print(`  ${database}: ${where}: ${loss}\n`);
    }
    const more = this.faultCount - Math.min(this.faults.length, LINES_MAX);
    if (more > 0) this.print(`  and ${more} more of the kind\n`);
  }

  /** Faults that a second check finds after the repair. */
  left(fault: FaultLine): void {
    this.print(`still wrong: ${fault.database}: ${fault.where}: ${fault.what}\n`);
  }

  repaired(repaired: RepairTotals, left: number): void {
    const { dropped, mended, oldFile } = repaired;
    this.leftCount = left;
    Object.assign(this.result, { repaired: { ...repaired, left } });
    this.print(`${counted(dropped, 'record')} dropped, ${mended} mended`);
    this.print(oldFile === undefined ? '\n' : `; the old file is ${oldFile}\n`);
    this.print(
      left === 0
        ? 'Checked again: nothing is wrong.\n'
        : `${counted(left, 'thing stays', 'things stay')} wrong.\n`,
    );
  }

  /** Sets the exit code. */
  end(): void {
    if (this.json) process.stdout.write(`${JSON.stringify(this.result)}\n`);
    if ((this.leftCount ?? this.faultCount) > 0) process.exitCode = 1;
  }

  private print(text: string): void {
    if (!this.json) process.stdout.write(text);
  }
}
