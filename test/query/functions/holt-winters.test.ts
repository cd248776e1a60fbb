import { assert, assertValues, describe } from '../../support/suite.ts';
import { call, contextOf, evaluates, given } from './table.ts';

/** Reads as if the series had always been flat at 10, a minute a point. */
function flat(length: number, last: (number | null)[] = []): ReturnType<typeof contextOf> {
  return contextOf({
    from: 7200,
    refetch: async (_argument, { from }) => [
      given('a', [...Array.from({ length }, () => 10), ...last], { start: from! + 60 }),
    ],
  });
}

const shown = [given('a', [10, 30, null], { start: 7260 })];

describe('Holt-Winters', (it) => {
  it('forecasts a flat series as it was, and follows a step slowly', async () => {
    const context = flat(60, [10, 30, 10]);
    const [forecast] = await call('holtWintersForecast', [shown, '1h', '10min'], context);
    assert.is(forecast!.name, 'holtWintersForecast(a)');
    assert.is(forecast!.start, 7260);
    // A season of ten points, learnt from noise-free data, still adds up to the level.
    assert.is(forecast!.values.length, 3);
    assert.ok(Math.abs(forecast!.values[0]! - 10) < 1);
    assert.ok(forecast!.values[2]! > forecast!.values[1]!);
    assert.ok(forecast!.values[2]! < 30);
  });

  it('has no forecast after a null, and starts over', async () => {
    const context = flat(0, [10, null, null, 20, 20]);
    const [forecast] = await call('holtWintersForecast', [shown, '0s', '1h'], context);
    assertValues(forecast!.values.slice(0, 4), [10, 10, null, null]);
    // level and trend of 20 alone: 0.1 * 20 + 0.9 * 20
    assertValues(forecast!.values.slice(4), [20], 1e-12);
  });

  it('has bands as wide as delta says around the forecast', async () => {
    const context = flat(60, [10, 30, 10]);
    const [forecast] = await call('holtWintersForecast', [shown, '1h', '10min'], context);
    const bands = async (delta: number): Promise<Float64Array[]> => {
      const both = await call('holtWintersConfidenceBands', [shown, delta, '1h', '10min'], context);
      assert.equal(
        both.map((one) => one.name),
        ['holtWintersConfidenceLower(a)', 'holtWintersConfidenceUpper(a)'],
      );
      return both.map((one) => one.values);
    };
    const [lower, upper] = await bands(1);
    const [lower3, upper3] = await bands(3);
    const middle = lower!.map((value, i) => (value + upper![i]!) / 2);
    assertValues(middle, forecast!.values, 1e-12);
    const width = upper!.map((value, i) => 3 * (value - lower![i]!));
    assertValues(
      upper3!.map((value, i) => value - lower3![i]!),
      width,
      1e-12,
    );
    const area = await call('holtWintersConfidenceArea', [shown, 1, '1h', '10min'], context);
    assertValues(area[1]!.values, upper!);
    assert.is(area[0]!.name, 'holtWintersConfidenceArea(a)');
    assert.is(area[1]!.pathExpression, 'holtWintersConfidenceArea(a)');
    assert.equal(area[0]!.options, { stacked: true, invisible: true });
  });

  it('measures how far a series is outside its bands', async () => {
    const context = flat(60, [10, 30, 10]);
    const bands = await call('holtWintersConfidenceBands', [shown, 3, '1h', '10min'], context);
    const [aberration] = await call('holtWintersAberration', [shown, 3, '1h', '10min'], context);
    assertValues(aberration!.values, [0, 30 - bands[1]!.values[1]!, 0], 1e-12);
    assert.ok(aberration!.values[1]! > 0);
  });

  it('let others run between any two series', async () => {
    const many = Array.from({ length: 20 }, (_, i) => given(`s${i}`, [10, 30], { start: 7260 }));
    for (const name of ['Forecast', 'ConfidenceBands', 'ConfidenceArea', 'Aberration']) {
      let pauses = 0;
      const pause = async (): Promise<void> => void (pauses += 1);
      const context = contextOf({ from: 7200, refetch: async () => many, pause });
      const answers = await call(`holtWinters${name}`, [many], context);
      assert.ok(answers.length >= 20);
      // Once where it is smoothed, and once for each list that is made of it.
      const lists = { Forecast: 2, ConfidenceBands: 2, ConfidenceArea: 3, Aberration: 3 }[name]!;
      assert.is(pauses, 20 * lists, name);
    }
  });

  it('of nothing is nothing', async () => {
    for (const name of ['Forecast', 'ConfidenceBands', 'ConfidenceArea', 'Aberration']) {
      await evaluates(`holtWinters${name}`, [[]], []);
    }
  });
});
