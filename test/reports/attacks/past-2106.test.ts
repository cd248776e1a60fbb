/** Times after 2106-02-07 06:28:15 UTC are not stored: a window of them is an error, not nulls. */
import { renderRange } from '../../../src/http/time-range.ts';
import { LAST_SECOND } from '../../../src/lib/last-second.ts';
import { parseForm } from '../../../src/http/params.ts';
import { assert, describe } from '../../support/suite.ts';

const window = (query: string, now: number): number[] => {
  const { from, until } = renderRange(parseForm(query), { now, timeZone: 'UTC' });
  return [from, until];
};

describe('a clock past 2106', (it) => {
  const now = Date.UTC(2107, 0, 1) / 1000;

  it('gets an error for what cannot be stored', () => {
    for (const query of [
      '',
      'from=-1h',
      'from=5000000000&until=5000000060',
      'from=20261201&now=20300101&now=5000000000&until=6000000000&from=5000000000',
    ]) {
      assert.throws(
        () => window(query, now),
        /^from and until: 2\d{3}-.* UTC to .* UTC read, expected times before 2106-02-07 06:28:15 UTC: later ones are not stored$/,
        query,
      );
    }
  });

  it('draws what was stored, up to the last second', () => {
    assert.equal(window('from=-2y', now), [now - 2 * 365 * 86_400, LAST_SECOND]);
    assert.equal(
      window('from=20261130&until=20261201', now).map((time) => time % 86_400),
      [0, 0],
    );
  });

  it('matters to no clock before it', () => {
    assert.equal(window('until=5000000000', 1_700_000_000), [
      1_700_000_000 - 86_400,
      5_000_000_000,
    ]);
    assert.equal(window('from=5000000000&until=5000000060', 1_700_000_000), [5e9, 5e9 + 60]);
  });
});
