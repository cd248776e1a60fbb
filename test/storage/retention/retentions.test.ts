import fc from 'fast-check';
import { UserError } from '../../../src/lib/errors.ts';
import {
  formatRetentions,
  parseRetentions,
  readRetentions,
  validateArchives,
} from '../../../src/storage/retention/retentions.ts';
import { assert, describe } from '../../support/suite.ts';

function reads(text: string, ...archives: [step: number, points: number][]): void {
  const expected = archives.map(([step, points]) => ({ step, points }));
  assert.equal(parseRetentions(text), expected, text);
}

function refuses(text: string, sentence: string): void {
  try {
    parseRetentions(text);
  } catch (error) {
    assert.instance(error, UserError);
    assert.is((error as UserError).code, 'badConfig');
    assert.is((error as UserError).message, sentence);
    return;
  }
  assert.unreachable(`${text} was read`);
}

describe('retentions', (it) => {
  it('reads steps and durations', () => {
    reads('10s:6h,1m:7d,10m:5y', [10, 2160], [60, 10_080], [600, 262_800]);
    reads('60:1440', [60, 1440]);
    reads('1min:1day', [60, 1440]);
    reads('15m:8', [900, 8]);
    reads('1h:7d', [3600, 168]);
    reads('12h:2y', [43_200, 1460]);
    reads('1s:1w', [1, 604_800]);
    reads('5seconds:2minutes', [5, 24]);
    reads(' 10s:1h , 60s:1d ', [10, 360], [60, 1440]);
    reads('7s:1m', [7, 8]);
  });

  it('sorts by step', () => reads('10m:1d,1m:2h', [60, 120], [600, 144]));

  it('refuses what is no retention, with the reason', () => {
    refuses('5m:1x', 'retention "5m:1x": unknown unit "x", expected s m h d w y');
    refuses('5m:1mon', 'retention "5m:1mon": unknown unit "mon", expected s m h d w y');
    refuses('1M:1d', 'retention "1M:1d": unknown unit "M", expected s m h d w y');
    refuses('10s', 'retention "10s": expected step:duration, such as 10s:6h');
    refuses('', 'retention "": expected step:duration, such as 10s:6h');
    refuses('1m:2h:3', 'retention "1m:2h:3": expected step:duration, such as 10s:6h');
    refuses(
      's:1h',
      'retention "s:1h": "s" is not a number with a unit, expected such as 10s or 6h',
    );
    refuses(
      '-1s:1h',
      'retention "-1s:1h": "-1s" is not a number with a unit, expected such as 10s or 6h',
    );
    refuses('1.5m:1h', 'retention "1.5m:1h": unknown unit ".5m", expected s m h d w y');
    refuses('0s:1h', 'retention "0s:1h": a step of 0 seconds, expected at least 1');
    refuses(
      '1h:1m',
      'retention "1h:1m": shorter than one step, expected room for a point at least',
    );
    refuses('1s:200y', 'retention "1s:200y": 6307200000 seconds, expected at most 4294967295');
  });

  it("keeps whisper's rules between archives", () => {
    refuses(
      '1m:1h,60s:2h',
      'retentions "1m:1h,60s:2h": 1m:1h and 1m:2h have the same step, expected distinct ones',
    );
    refuses(
      '7s:1h,10s:2h',
      'retentions "7s:1h,10s:2h": 7s:3598s and 10s:2h: step 10 s is not a multiple of step 7 s',
    );
    refuses(
      '1m:2h,10m:2h',
      'retentions "1m:2h,10m:2h": 1m:2h and 10m:2h: ' +
        'the coarser one must cover more time than the finer one',
    );
    refuses(
      '1s:5s,10s:1m',
      'retentions "1s:5s,10s:1m": 1s:5s and 10s:1m: ' +
        'the finer one holds 5 points, one point of the coarser one needs 10',
    );
    assert.equal(validateArchives([]), ['no archive, expected at least one step:duration']);
    assert.is(validateArchives([{ step: 0, points: 5 }]).length, 1);
    assert.is(validateArchives([{ step: 5, points: 0 }]).length, 1);
    assert.is(validateArchives([{ step: 1000, points: 5_000_000 }]).length, 1);
  });

  it('tells everything that is wrong, with the place', () => {
    const { faults } = readRetentions('1m:1h, 5q:1d,x');
    assert.equal(
      faults.map(({ offset }) => offset),
      [7, 13],
    );
  });

  it('writes what it reads', () => {
    assert.is(formatRetentions(parseRetentions('10s:6h,1m:7d,10m:5y')), '10s:6h,1m:7d,10m:5y');
    const archive = fc.record({
      step: fc.integer({ min: 1, max: 100_000 }),
      points: fc.integer({ min: 1, max: 40_000 }),
    });
    fc.assert(
      fc.property(archive, (one) => {
        assert.equal(parseRetentions(formatRetentions([one])), [{ ...one }]);
      }),
    );
  });
});
