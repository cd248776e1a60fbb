import { BatchMemory, copied } from '../../src/wire/batch-memory.ts';
import { timerFrame } from '../support/timer-frame.ts';
import { assert, describe } from '../support/suite.ts';

function columnsOf(message: object): ArrayBufferView[] {
  return Object.values(message).flatMap((part): ArrayBufferView[] => {
    if (ArrayBuffer.isView(part)) return [part];
    return typeof part === 'object' && part !== null ? columnsOf(part) : [];
  });
}

const BATCH = timerFrame(10, { 'stats.timers.a': [1, 2, 3], 'stats.timers.bb': [4] });

describe('the memory of batches', (it) => {
  it('holds a batch as it is, in one piece of shared memory', () => {
    const { slot, ...shared } = new BatchMemory().share(BATCH);
    assert.equal(shared, BATCH);
    assert.is(slot, 1);
    const memories = new Set(columnsOf(shared).map(({ buffer }) => buffer));
    assert.is(memories.size, 1);
    assert.ok([...memories][0] instanceof SharedArrayBuffer);
  });

  it('is used again when it has come back, and not before', () => {
    const memory = new BatchMemory();
    const first = memory.share(BATCH);
    const second = memory.share(BATCH);
    assert.is.not(second.refs.buffer, first.refs.buffer);
    memory.give(first.slot);
    memory.give(first.slot);
    const smaller = memory.share(timerFrame(20, { 'stats.timers.a': [1] }));
    assert.is(smaller.refs.buffer, first.refs.buffer);
    memory.give(smaller.slot);
    const large = memory.share({ values: new Float64Array(10_000).fill(7) });
    assert.is.not(large.values.buffer, first.refs.buffer);
    assert.equal(large.values, new Float64Array(10_000).fill(7));
    assert.equal([second.slot, large.slot], [2, 4]);
  });

  it('can be left', () => {
    const memory = new BatchMemory();
    const shared = memory.share(BATCH);
    const { slot: _slot, ...own } = copied(shared);
    memory.give(shared.slot);
    memory.share({ values: new Uint8Array(100).fill(255) });
    assert.equal(own, BATCH);
  });
});
