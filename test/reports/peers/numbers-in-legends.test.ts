import { assert, describe } from '../../support/suite.ts';
import { namesOf } from './series-of-one-window.ts';

const X = { x: { step: 60, values: [0, 1500, -0.5, 2500] } };
const window = { from: 0, until: 180 };

describe('numbers in legends', (it) => {
  it('has k for thousands', async () => {
    const names = await namesOf(X, 'group(cactiStyle(x,"si"),legendValue(x,"max","si"))', window);
    assert.equal(names, [
      'x Current:2.50k    Max:2.50k    Min:-0.50   ',
      'x                   max  2.50k     ',
    ]);
  });

  it('spells whole numbers without a fraction', async () => {
    const names = await namesOf(
      X,
      'legendValue(group(countSeries(x),isNonNull(x),changed(x),x),"last","sum","avg")',
      window,
    );
    assert.equal(names, [
      'countSeries(x) (last: 1) (sum: 3) (avg: 1.0)',
      'isNonNull(x) (last: 1) (sum: 3) (avg: 1.0)',
      'changed(x) (last: 1) (sum: 2) (avg: 0.6666666666666666)',
      'x (last: 2500.0) (sum: 3999.5) (avg: 1333.1666666666667)',
    ]);
  });

  it('measures values between -1 and 0 without their sign', async () => {
    const values = { x: { step: 60, values: [0, -0.5] } };
    assert.equal(await namesOf(values, 'cactiStyle(x)', { from: 0, until: 60 }), [
      'x Current:-0.50   Max:-0.50   Min:-0.50   ',
    ]);
  });
});
