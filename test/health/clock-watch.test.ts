/** A clock that is set, on a wall clock and a monotonic one of the test's own. */
import { ClockWatch } from '../../src/health/clock-watch.ts';
import { assert, describe } from '../support/suite.ts';

function watch() {
  const clock = { wall: 1_700_000_000_000, monotonic: 5000 };
  const seen = new ClockWatch(
    () => clock.wall,
    () => clock.monotonic,
  );
  return {
    seen,
    /** So long passes, and the clock is set by so much. */
    pass(ms: number, setMs = 0): void {
      clock.wall += ms + setMs;
      clock.monotonic += ms;
      seen.look();
    },
    steps: () => seen.metrics().map(({ series, value }) => `${series.split('.').pop()} ${value}`),
  };
}

describe('clock watch', (it) => {
  it('counts steps in both directions, and none where a clock is steered', () => {
    const { pass, steps } = watch();
    pass(10_000, 900);
    pass(3_600_000, -3000);
    assert.equal(steps(), ['back 0', 'forward 0']);
    pass(10_000, -3_600_000);
    pass(10_000, -1001);
    pass(10_000, 86_400_000);
    assert.equal(steps(), ['back 2', 'forward 1']);
  });

  it('tells of a step back for ten minutes', () => {
    const { seen, pass } = watch();
    pass(10_000, 60_000);
    assert.is(seen.setBack(), undefined);
    pass(10_000, -3_600_000);
    pass(599_000);
    assert.equal(seen.setBack(), { seconds: 3600, agoSeconds: 599 });
    pass(2000);
    assert.is(seen.setBack(), undefined);
  });
});
