/**
 * The reader keeps rows in memory from one question to the next (archive/row-tails.ts): whatever is
 * done to series in between, answers are those of a question for many series, which keeps nothing.
 */
import fs from 'node:fs';
import type { Store } from '../../../src/storage/roles.ts';
import { frameOf } from '../../support/frame.ts';
import { assert, assertValues, describe, rounds } from '../../support/suite.ts';
import { rulesOf } from '../rules-of.ts';
import { points } from '../../support/points.ts';
import { openIn, temporaryFolder } from './open.ts';

const STEPS = rounds(130, 260);
const START = 1_700_000_000;
const NAMES = ['a', 'b', 'c', 'd.e', 'd.f'];
const rules = rulesOf({ '^d': 'sum 10s:20m,1m:2h', '': '10s:30m,1m:3h' });

function randomOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) % below;
  };
}

/** More series than a question may have whose rows are kept. */
const MANY = 65;

async function verify(store: Store, now: number): Promise<void> {
  for (const name of store.allNames()) {
    const { id } = store.lookup(name)!;
    for (const seconds of [900, 7000]) {
      const [kept] = await store.fetch([id], now - seconds, now, now);
      const many = Array.from({ length: MANY }, () => id);
      const [plain] = await store.fetch(many, now - seconds, now, now);
      assert.is(kept!.start, plain!.start);
      assertValues(kept!.values, plain!.values);
    }
  }
}

describe('rows kept by the reader', (it) => {
  for (const thread of [false, true]) {
    const test = thread ? it : it.slow;
    test(
      `are those of the store, ${thread ? 'written in a thread' : 'written here'}`,
      async () => {
        const folder = temporaryFolder();
        const store = await openIn(folder, rules, { thread });
        const random = randomOf(thread ? 5 : 9);
        let now = START;
        try {
          for (let step = 0; step < STEPS; step++) {
            now += 10;
            const flush = Object.fromEntries(NAMES.map((name) => [name, random(1000)]));
            await store.append(frameOf(now, flush));
            const name = NAMES[random(NAMES.length)]!;
            const [action, time, value] = [random(12), now - 40 - random(800), random(1000)];
            if (action < 3) await store.append(points([name], [time], [value]), now);
            else if (action === 3) await store.delete([name]);
            else if (action === 4) await store.rename([{ from: name, to: `${name}x` }]);
            if (step === STEPS - 60) {
              now -= 1250; // the clock was set back
              await store.append(frameOf(now, flush));
            }
            if (step % 3 === 0) await verify(store, now);
          }
        } finally {
          await store.close();
          fs.rmSync(folder, { recursive: true });
        }
      },
      { timeoutMs: 60_000 },
    );
  }
});
