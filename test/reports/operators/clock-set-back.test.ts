/** A clock that is set back: the uptime goes on, and no figure takes the others along. */
import { SelfMetrics } from '../../../src/health/self-metrics.ts';
import { assert, describe } from '../../support/suite.ts';

describe('reports: a clock that is set back', (it) => {
  it('does not make the uptime negative', async () => {
    const clock = { wall: 1_700_000_000_000, monotonic: 5000 };
    const own = new SelfMetrics({
      version: '1.2.3',
      nowMs: () => clock.wall,
      monotonicMs: () => clock.monotonic,
    });
    clock.wall -= 3_600_000;
    clock.monotonic += 20_000;
    assert.equal(await own.consoleStats(), [['uptime', 20]]);
  });
});
