import { intervalSeconds, unitSeconds } from '../../../src/query/series/interval.ts';
import { assert, describe } from '../../support/suite.ts';

describe('intervals', (it) => {
  it('adds up numbers and units', () => {
    const seconds: Record<string, number> = {
      '5min': 300,
      '-1h': -3600,
      '+2days': 172_800,
      '1d12h': 129_600,
      '1w': 604_800,
      '1mon': 2_592_000,
      '2months': 5_184_000,
      '1year': 31_536_000,
      '90seconds': 90,
      '1dd': 86_400,
      '': 0,
      '-': 0,
    };
    for (const [text, expected] of Object.entries(seconds)) {
      assert.is(intervalSeconds(text) + 0, expected, text);
    }
  });

  it('refuses what is none', () => {
    for (const text of ['bogus', '5', '5x', '1m', '1M', '1.5h', '1h-2h', 'h']) {
      assert.throws(() => intervalSeconds(text), /interval ".*" read, expected/);
    }
  });

  it('knows units by their first letters', () => {
    assert.is(unitSeconds('hours'), 3600);
    assert.is(unitSeconds('weeks3'), 604_800);
    assert.throws(() => unitSeconds('bogus'), /expected a unit/);
  });
});
