import { yieldInOrder } from '../../src/lib/yield-in-order.ts';
import { assert, describe } from '../support/suite.ts';

describe('turns of the event loop', (it) => {
  it('come one in each round, in the order of asking', async () => {
    let round = 0;
    let isOver = false;
    const count = (): void => {
      round += 1;
      if (!isOver) setImmediate(count);
    };
    setImmediate(count);
    const woken: [string, number][] = [];
    const wait = async (name: string, times: number): Promise<void> => {
      for (let i = 0; i < times; i++) {
        await yieldInOrder();
        woken.push([name, round]);
      }
    };
    await Promise.all([wait('a', 2), wait('b', 1), wait('c', 2)]);
    isOver = true;
    assert.equal(
      woken.map(([name]) => name),
      ['a', 'b', 'c', 'a', 'c'],
    );
    const rounds = woken.map(([, at]) => at);
    assert.is(new Set(rounds).size, rounds.length, `rounds ${rounds.join(' ')}`);
  });
});
