import { assert, describe } from '../../support/suite.ts';
import { call, contextOf, evaluates, given } from './table.ts';

const shown = [given('a', [1, 2, 3], { start: 600 })];

describe('other times', (it) => {
  it('timeShift shows the past at the present', async () => {
    const windows: unknown[] = [];
    const context = contextOf({
      from: 600,
      until: 800,
      refetch: async (_argument, window) => {
        windows.push(window);
        return [given('a', [7, 8], { start: 300 })];
      },
    });
    await evaluates('timeShift', [shown, '5min'], ['timeShift(a, "-5min") @600/60: 7 8'], context);
    await evaluates('timeShift', [shown, '+5min'], ['timeShift(a, "+5min") @600/60: 7 8'], context);
    assert.equal(windows, [
      { from: 300, until: 500 },
      { from: 900, until: 1100 },
    ]);
    const [reset] = await call('timeShift', [shown, '5min', true], context);
    const [kept] = await call('timeShift', [shown, '5min', false], context);
    assert.equal([reset!.end, kept!.end], [780, 720]);
    assert.is(reset!.pathExpression, 'a');
    await evaluates('timeShift', [[], '5min'], []);
  });

  it('timeShift makes up for a change of the clocks when asked to', async () => {
    const july = Date.UTC(2023, 6, 15) / 1000;
    const december = Date.UTC(2023, 11, 15) / 1000;
    const shift = async (from: number, tz: string): Promise<number> => {
      let moved = 0;
      const context = contextOf({
        from,
        until: from + 3600,
        tz,
        refetch: async (_argument, window) => {
          moved = window.from! - from;
          return [];
        },
      });
      await call('timeShift', [shown, '150d', true, true], context);
      return moved + 150 * 86_400;
    };
    assert.is(await shift(december, 'Europe/Berlin'), -3600);
    assert.is(await shift(july, 'Europe/Berlin'), 3600);
    assert.is(await shift(july, 'UTC'), 0);
    assert.is(await shift(december + 30 * 86_400, 'Asia/Kolkata'), 0);
  });

  it('timeStack shows several times, the present as number 0', async () => {
    const context = contextOf({
      from: 600,
      refetch: async (_argument, { from }) => [given('a', [from!])],
    });
    await evaluates(
      'timeStack',
      [shown, '1min', 0, 3],
      ['timeShift(a, -1min, 0)', 'timeShift(a, -1min, 1)', 'timeShift(a, -1min, 2)'].map(
        (name, i) => `${name} @600/60: ${600 - i * 60}`,
      ),
      context,
    );
    await evaluates('timeStack', [shown, '1min', 3, 3], [], context);
    await evaluates('timeStack', [[]], [], context);
  });

  it('timeSlice nulls out the rest, counted from the start of the window', async () => {
    const context = contextOf({ from: 590 });
    const name = 'timeSlice(a, 640, 700) @600/60';
    await evaluates('timeSlice', [shown, '640', '700'], [`${name}: _ 2 _`], context);
    await evaluates('timeSlice', [[], '0', '1'], []);
  });

  it('delay moves points, out of sight in the end', async () => {
    await evaluates('delay', [shown, 1], ['delay(a,1) @600/60: _ 1 2']);
    await evaluates('delay', [shown, 0], ['delay(a,0) @600/60: 1 2 3']);
    await evaluates('delay', [shown, 9], ['delay(a,9) @600/60: _ _ _']);
    await evaluates('delay', [[given('n', [null])], 1], ['delay(n,1): _']);
  });
});
