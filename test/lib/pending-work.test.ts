import { PendingWork } from '../../src/lib/pending-work.ts';
import { assert, describe } from '../support/suite.ts';

describe('pending work', (it) => {
  it('tells failures, and an end waits for all of it', async () => {
    const told: string[] = [];
    const work = new PendingWork({
      error: ({ err }, what) => told.push(`${what}: ${String(err)}`),
    });
    let done = (): void => {};
    work.track(new Promise<void>((resolve) => (done = resolve)), 'a not stored');
    work.track(Promise.reject(new Error('disk')), 'b not stored');
    let settled = false;
    const end = work.settled().then(() => (settled = true));
    await new Promise(setImmediate);
    assert.equal([told, settled], [['b not stored: Error: disk'], false]);
    done();
    await end;
    assert.is(work.failed, 1);
    await work.settled();
  });
});
