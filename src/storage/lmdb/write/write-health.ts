/** Whether the store can write, since when not and why: what `/health` says of it. */
import type { StoreHealth } from '../../roles.ts';
import type { WriterStatus } from './messages.ts';
import { counted } from '../../../lib/counted.ts';

/** Waiting flushes from which the store calls itself behind. */
const BEHIND_FLUSHES = 3;

/** What is known beside what the worker says. */
type StoreCounts = Pick<
  StoreHealth,
  'seriesCount' | 'pendingFlushes' | 'fileBytes' | 'diskFreeBytes' | 'searchBytes'
> & {
  /** Before the data came to the worker. */
  droppedFlushes: number;
  /** Found by reading. */
  corruptRecords: number;
};

export class WriteHealth {
  state: 'ok' | 'failing' | 'closed' = 'ok';
  /** As the worker told last. */
  status: WriterStatus = {
    lastDurableFlush: 0,
    lastCommitMs: 0,
    refusedSeries: 0,
    rejections: [],
    pointsStored: 0,
    lateMerged: 0,
    corruptRecords: 0,
  };
  private reason = '';
  private readonly log: (level: 'info' | 'error', message: string) => void;

  constructor(log: (level: 'info' | 'error', message: string) => void) {
    this.log = log;
  }

  failing(reason: string): void {
    if (this.state !== 'ok') return;
    this.state = 'failing';
    this.reason = `${reason}, flushes wait in memory`;
    this.log('error', this.reason);
  }

  working(): void {
    if (this.state !== 'failing') return;
    this.state = 'ok';
    this.reason = '';
    this.log('info', 'the disk takes writes again');
  }

  /** The worker is gone; the sentence that says so. */
  dead(error: Error & { code?: unknown }, lostFlushes: number): string {
    this.state = 'failing';
    this.reason =
      (error.code === 'dataDirTaken'
        ? error.message
        : `the store worker failed, nothing is stored until a restart: ${error.message}`) +
      (lostFlushes > 0
        ? `; lost: ${counted(lostFlushes, 'flush', 'flushes')} not acknowledged`
        : '');
    this.log('error', this.reason);
    return this.reason;
  }

  closed(): void {
    this.state = 'closed';
    this.reason = 'the store is closed';
  }

  report(counts: StoreCounts): StoreHealth {
    const { lowSpace, ...status } = this.status;
    const { pendingFlushes } = counts;
    const behind = this.state === 'ok' && pendingFlushes >= BEHIND_FLUSHES;
    const reason = behind
      ? `${pendingFlushes} flushes wait for the disk, the last commit took ` +
        `${Math.round(status.lastCommitMs)} ms`
      : this.reason || (lowSpace === undefined ? '' : `${lowSpace}: new series are refused`);
    return {
      ...status,
      state: behind ? 'behind' : this.state,
      ...(reason === '' ? {} : { reason }),
      ...counts,
      corruptRecords: status.corruptRecords + counts.corruptRecords,
    };
  }
}
