/**
 * graphite-web leaves the last bucket of compressPeriodicGaps out; tallyd keeps it, because the
 * datapoint in it is the newest that the sender sent.
 */
import { assert, describe } from '../../support/suite.ts';
import { evaluated } from './series-of-one-window.ts';

describe('compressPeriodicGaps', (it) => {
  it('keeps the last datapoint and ends behind it', async () => {
    const values = Array.from({ length: 19 }, (_, i) => (i > 6 && i % 2 === 1 ? i : null));
    const columns = { x: { step: 10, values } };
    const target = 'compressPeriodicGaps(x)';
    const [series] = await evaluated(columns, target, { from: 60, until: 180 });
    assert.equal([series?.start, series?.end, series?.step], [70, 190, 20]);
    assert.equal([...series!.values], [7, 9, 11, 13, 15, 17]);
  });
});
