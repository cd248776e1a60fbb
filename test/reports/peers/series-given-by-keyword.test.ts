/**
 * A series may be given by keyword. One recorded answer of graphite-web says that transformNull
 * reads a plain path so given as no series; what it reads there otherwise is a pattern or a call.
 */
import { assert, describe } from '../../support/suite.ts';
import { evaluated, namesOf, ramp } from './series-of-one-window.ts';

const NONE = { step: 60, values: [null, null, null, null, null] };
const COLUMNS = {
  m: NONE,
  'ref.a': { step: 60, values: [null, null, 1, null, null] },
  'ref.b': { step: 60, values: [null, null, null, 1, null] },
  'a.x': ramp(5),
};
const window = { from: 0, until: 240 };

describe('a series by keyword', (it) => {
  it('is the reference of transformNull', async () => {
    const target = 'transformNull(m, default=5, referenceSeries=ref.*)';
    const [series] = await evaluated(COLUMNS, target, window);
    assert.equal(series!.name, 'transformNull(m,5,referenceSeries)');
    assert.equal([...series!.values], [NaN, 5, 5, NaN]);
  });

  it('is no reference where graphite-web reads none', async () => {
    const target = 'transformNull(m,default=0,referenceSeries=ref.a)';
    assert.equal(await namesOf(COLUMNS, target, window), ['transformNull(m,0)']);
  });

  it('is read anywhere else', async () => {
    for (const [target, name] of [
      ['fallbackSeries(nosuch,fallback=a.x)', 'a.x'],
      ['divideSeries(a.x,divisorSeries=a.x)', 'divideSeries(a.x,a.x)'],
      ['asPercent(a.x,total=sumSeries(a.*))', 'asPercent(a.x,sumSeries(a.*))'],
    ] as const) {
      assert.equal(await namesOf(COLUMNS, target, window), [name], target);
    }
  });
});
