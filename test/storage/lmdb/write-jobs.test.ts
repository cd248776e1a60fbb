import type { Reply, Request } from '../../../src/storage/lmdb/write/messages.ts';
import { WriteHealth } from '../../../src/storage/lmdb/write/write-health.ts';
import { WriteJobs } from '../../../src/storage/lmdb/write/write-jobs.ts';
import { frameOf } from '../../support/frame.ts';
import { assert, describe } from '../../support/suite.ts';

const STATUS = new WriteHealth(() => {}).status;
const FLUSHES_MAX = 8;

/** Jobs with a worker that a test answers for. */
class Served {
  readonly posted: Request[] = [];
  readonly told: string[] = [];
  reply: (reply: Reply) => void = () => {};
  end: (error?: Error) => void = () => {};
  readonly jobs: WriteJobs;
  /** Whoever listens takes a reply over until `taken` is called. */
  isSlow = false;
  taken: () => void = () => {};

  constructor() {
    const worker = {
      post: (request: Request) => void this.posted.push(request),
      onReply: (listener: (reply: Reply) => void) => void (this.reply = listener),
      ended: new Promise<Error | undefined>((resolve) => (this.end = resolve)),
    };
    this.jobs = new WriteJobs(worker, FLUSHES_MAX, {
      onReply: ({ kind }) => {
        this.told.push(kind);
        return this.isSlow ? new Promise((resolve) => (this.taken = resolve)) : undefined;
      },
      onDead: ({ message }, lost) => void this.told.push(`${message}, ${lost} lost`),
    });
    this.jobs.ready.catch(() => {});
  }

  flush(): Promise<unknown> {
    return this.jobs.ask({ kind: 'batch', job: 0, now: 10, batch: frameOf(10, { a: 1 }) });
  }

  commit(...jobs: { job: number; result: number | undefined }[]): void {
    this.reply({ kind: 'committed', jobs, changes: undefined, status: STATUS });
  }
}

const messageOf = (work: Promise<unknown>): Promise<string> =>
  work.then(String, (error: Error) => error.message);

describe('storage/lmdb/write-jobs', (it) => {
  it('resolves each job with its own result, whoever listens is told before', async () => {
    const served = new Served();
    const { jobs, posted, told } = served;
    const deleted = jobs.ask({ kind: 'delete', job: 0, names: ['a'] }).then((result) => {
      told.push(`deleted ${JSON.stringify(result)}`);
    });
    const recorded = jobs.ask({ kind: 'record', job: 0, key: 'k', text: 't' });
    const [first, second] = posted.map(({ job }) => job);
    served.commit({ job: second!, result: undefined }, { job: first!, result: 3 });
    await Promise.all([deleted, recorded]);
    assert.equal(told, ['committed', 'deleted 3']);
  });

  it('keeps replies, and the end of the worker, behind one that takes long', async () => {
    const served = new Served();
    const [first, second, third] = [served.flush(), served.flush(), served.flush()];
    served.isSlow = true;
    served.commit({ job: 1, result: undefined });
    served.isSlow = false;
    served.commit({ job: 2, result: undefined });
    served.end();
    await new Promise(setImmediate);
    assert.equal(served.told, ['committed']);
    assert.is(served.jobs.pendingFlushes, 3);
    served.taken();
    await Promise.all([first, second]);
    assert.is(await messageOf(third), 'the store worker has ended');
    assert.equal(served.told, ['committed', 'committed', 'the store worker has ended, 1 lost']);
  });

  it('rejects what the worker gave up, and counts flushes until they are answered', async () => {
    const served = new Served();
    const [first, second] = [served.flush(), served.flush()];
    assert.is(served.jobs.pendingFlushes, 2);
    served.reply({ kind: 'dropped', job: served.posted[0]!.job, status: STATUS });
    served.commit({ job: served.posted[1]!.job, result: undefined });
    assert.match(await messageOf(first), 'the store gave up on data');
    assert.is(await second, undefined);
    assert.is(served.jobs.pendingFlushes, 0);
  });

  it('rejects all that is asked once the worker is gone, and counts the flushes lost', async () => {
    const served = new Served();
    const flush = served.flush();
    served.end(new Error('out of memory'));
    assert.is(await messageOf(flush), 'out of memory');
    assert.is(await messageOf(served.flush()), 'out of memory');
    assert.equal(served.told, ['out of memory, 1 lost']);
    assert.equal([served.jobs.pendingFlushes, served.jobs.droppedFlushes], [0, 1]);
  });

  it('asks nothing after it was closed, and takes the end of the worker for no failure', async () => {
    const served = new Served();
    const closed = served.jobs.close();
    assert.is(await messageOf(served.flush()), 'the store is closed');
    served.commit({ job: served.posted[0]!.job, result: undefined });
    served.end();
    await closed;
    assert.equal(served.told, ['committed']);
  });
});

describe('storage/lmdb/write-health', (it) => {
  const counts = {
    seriesCount: 1,
    fileBytes: 2,
    droppedFlushes: 0,
    corruptRecords: 0,
    searchBytes: 0,
  };

  it('is failing until a commit, behind where flushes wait, in a sentence each', () => {
    const log: string[] = [];
    const health = new WriteHealth((level, message) => log.push(`${level}: ${message}`));
    const report = (pendingFlushes: number) => health.report({ ...counts, pendingFlushes });
    assert.equal([report(2).state, report(2).reason], ['ok', undefined]);
    assert.match(report(3).reason!, '3 flushes wait for the disk');
    assert.is(report(3).state, 'behind');
    health.failing('no space left');
    health.failing('said once');
    assert.equal(
      [report(3).state, report(3).reason],
      ['failing', 'no space left, flushes wait in memory'],
    );
    health.working();
    health.working();
    assert.is(report(0).state, 'ok');
    assert.equal(log, [
      'error: no space left, flushes wait in memory',
      'info: the disk takes writes again',
    ]);
  });

  it('says why new series are refused, and what was lost with the worker', () => {
    const health = new WriteHealth(() => {});
    health.status = { ...health.status, lowSpace: 'the disk is nearly full' };
    const { reason } = health.report({ ...counts, pendingFlushes: 0 });
    assert.is(reason, 'the disk is nearly full: new series are refused');
    assert.match(health.dead(new Error('gone'), 2), 'lost: 2 flushes not acknowledged');
    health.closed();
    assert.is(health.report({ ...counts, pendingFlushes: 0 }).state, 'closed');
  });
});
