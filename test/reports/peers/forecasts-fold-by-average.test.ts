import { assert, describe } from '../../support/suite.ts';
import { evaluated, ramp } from './series-of-one-window.ts';

const CALLS = [
  'linearRegression(S)',
  'holtWintersForecast(S,"5min","2min")',
  'holtWintersConfidenceBands(S,3,"5min","2min")',
  'holtWintersConfidenceArea(S,3,"5min","2min")',
  'holtWintersAberration(S,3,"5min","2min")',
];

describe('a series of its own, made of one with consolidateBy', (it) => {
  for (const call of CALLS) {
    it(`${call} is averaged`, async () => {
      const target = call.replace('S', 'consolidateBy(x,"sum")');
      const made = await evaluated({ x: ramp(40) }, target, { from: 600, until: 1200 });
      assert.ok(made.length > 0);
      assert.equal(new Set(made.map((series) => series.consolidateBy)), new Set(['average']));
    });
  }

  it('folds to as many datapoints as were asked for with averages', async () => {
    const window = { from: 0, until: 600, maxDataPoints: 5 };
    const columns = { x: ramp(40) };
    const [plain] = await evaluated(columns, 'linearRegression(x)', window);
    const [summed] = await evaluated(columns, 'linearRegression(consolidateBy(x,"sum"))', window);
    assert.equal([...summed!.values], [...plain!.values]);
  });
});
