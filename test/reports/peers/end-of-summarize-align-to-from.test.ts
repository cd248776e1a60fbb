import { assert, describe } from '../../support/suite.ts';
import { evaluated, ramp } from './series-of-one-window.ts';

describe('summarize(x, i, f, true)', (it) => {
  it('ends with a whole bucket', async () => {
    const window = { from: 50, until: 180 };
    const columns = { x: ramp(40, 10) };
    const [series] = await evaluated(columns, 'summarize(x,"1min","sum",true)', window);
    assert.equal([series?.start, series?.end, series?.step], [60, 240, 60]);
  });

  it('is what stands around it takes for its end', async () => {
    const window = { from: 50, until: 180 };
    const target = 'hitcount(summarize(x,"1min","sum",true),"2min")';
    const [series] = await evaluated({ x: ramp(40, 10) }, target, window);
    assert.equal([series?.start, series?.end], [0, 240]);
  });
});
