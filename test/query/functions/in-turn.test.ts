/** Work over one long series lets others run, and is charged. */
import { columnInParts } from '../../../src/query/functions/in-turn.ts';
import { assert, describe } from '../../support/suite.ts';
import { call, contextOf, given } from './table.ts';

const LENGTH = 60_000;

describe('work on a long series', (it) => {
  const long = [
    given(
      'a',
      Array.from({ length: LENGTH }, (_, i) => i % 100),
    ),
  ];
  const counting = () => {
    const counts = { pauses: 0, steps: 0 };
    const context = contextOf(
      {
        pause: async () => void (counts.pauses += 1),
        spend: (steps) => void (counts.steps += steps),
      },
      long,
    );
    return { counts, context };
  };

  it('pauses as often as it costs', async () => {
    const { counts, context } = counting();
    const values = await columnInParts(context, LENGTH, (i) => i);
    assert.equal([values.length, values[0], values.at(-1)], [LENGTH, 0, LENGTH - 1]);
    assert.is(counts.pauses, 2);
    await columnInParts(context, LENGTH, (i) => i, 10);
    assert.is(counts.pauses, 2 + 12);
  });

  it('of transforms, medians of long windows and polynomials too', async () => {
    for (const [name, args, pauses] of [
      ['fft', [long, 'abs'], 40],
      ['polyfit', [long, 3, '0d'], 15],
      ['movingMedian', [long, 3200], 50],
    ] as const) {
      const { counts, context } = counting();
      await call(name, [...args], context);
      assert.ok(counts.pauses > pauses, `${name}: ${counts.pauses}`);
    }
  });

  it('is charged by the length of its windows', async () => {
    const { counts, context } = counting();
    await call('movingWindow', [long, 100, 'stddev'], context);
    assert.ok(counts.steps >= 25 * (LENGTH - 100), String(counts.steps));
  });
});
