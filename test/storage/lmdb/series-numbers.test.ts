/** Numbers that series have while they are there: ids, and columns of their class. */
import { FreeColumns } from '../../../src/storage/lmdb/write/free-columns.ts';
import { IdPool } from '../../../src/storage/lmdb/write/id-pool.ts';
import { RingMembers } from '../../../src/storage/ring/values/ring-members.ts';
import { assert, describe } from '../../support/suite.ts';

describe('ids', (it) => {
  it('that are free again come first, then ones never used', () => {
    const pool = new IdPool(4, (id) => id !== 1);
    assert.equal([pool.take(), pool.take(), pool.take()], [1, 4, 5]);
    pool.recycle(4);
    assert.equal([pool.take(), pool.take()], [4, 6]);
  });
});

describe('free columns', (it) => {
  const columnsOf = (count: number): RingMembers => {
    const members = new RingMembers();
    for (let column = 0; column < count; column++) members.set(column, 0, 0, 0);
    return members;
  };

  it('are those that nobody has; what they hold is hidden', () => {
    const members = columnsOf(4);
    const free = new FreeColumns(members);
    free.find(Uint8Array.of(1, 0, 1, 0), 100);
    assert.is(free.take(99), undefined);
    assert.equal([free.take(100), free.take(), free.take()], [3, 1, undefined]);
    assert.equal(
      [0, 1, 2, 3].map((column) => members.since(column)),
      [0, 100, 0, 100],
    );
  });

  it('left first are for those who bring older points along', () => {
    const free = new FreeColumns(columnsOf(3));
    free.recycle(2, 100);
    free.recycle(0, 200);
    assert.is(free.takeOldest(100), undefined);
    assert.is(free.takeOldest(101), 2);
    assert.is(free.takeOldest(101), undefined);
    assert.is(free.takeOldest(201), 0);
  });

  it('that rest are not given out before they are released', () => {
    const free = new FreeColumns(columnsOf(1));
    free.rest(0, 100);
    assert.is(free.take(), undefined);
    free.release();
    assert.is(free.take(), 0);
  });
});
