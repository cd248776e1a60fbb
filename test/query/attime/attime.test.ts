import { fromWallClock, parseAtTime, startOfUnit } from '../../../src/query/attime/attime.ts';
import { assert, describe } from '../../support/suite.ts';

/** Tuesday, 2023-11-14 22:13:20 UTC. */
const NOW = 1_700_000_000;

function reads(text: string, expected: string, tz = 'UTC'): void {
  const found = new Date(parseAtTime(text, NOW, tz) * 1000).toISOString();
  assert.is(found, `${expected}.000Z`, `${text}: ${found}`);
}

function refuses(text: string, sentence: RegExp): void {
  assert.throws(() => parseAtTime(text, NOW, 'UTC'), sentence);
}

describe('at-time', (it) => {
  it('reads now, offsets and epochs', () => {
    assert.is(parseAtTime('', NOW, 'UTC'), NOW);
    assert.is(parseAtTime('now', NOW, 'UTC'), NOW);
    assert.is(parseAtTime('-1h', NOW, 'UTC'), NOW - 3600);
    assert.is(parseAtTime('NOW+1d', NOW, 'UTC'), NOW + 86_400);
    assert.is(parseAtTime('1699999000', NOW, 'UTC'), 1_699_999_000);
    assert.is(parseAtTime('12345678', NOW, 'UTC'), 12_345_678); // no month 56
  });

  it('reads times of day, the odd 12am and 12pm among them', () => {
    reads('8:50', '2023-11-14T08:50:00');
    reads('8:50pm', '2023-11-14T20:50:00');
    reads('6pm yesterday', '2023-11-13T18:00:00');
    reads('12am', '2023-11-14T12:00:00');
    reads('12pm', '2023-11-14T00:00:00');
    reads('noon_tomorrow', '2023-11-15T12:00:00');
    reads('teatime', '2023-11-14T16:00:00');
    reads('midnight+6h', '2023-11-14T06:00:00');
  });

  it('reads dates', () => {
    reads('20231101', '2023-11-01T00:00:00');
    reads('04:00_20231101', '2023-11-01T04:00:00');
    reads('10/31/2023', '2023-10-31T00:00:00');
    reads('10/31/23', '2023-10-31T00:00:00');
    reads('1/2/70', '1970-01-02T00:00:00');
    reads('oct 5', '2023-10-05T00:00:00');
    reads('december25', '2023-12-25T00:00:00');
    reads('5pm_nov 1-1h', '2023-11-01T16:00:00');
  });

  it('takes a weekday as the last such day, today included', () => {
    reads('tuesday', '2023-11-14T00:00:00');
    reads('wednesday', '2023-11-08T00:00:00');
    reads('monday-1h', '2023-11-12T23:00:00');
    reads('noon sun', '2023-11-12T12:00:00');
  });

  it('takes day words in the zone', () => {
    reads('midnight', '2023-11-14T05:00:00', 'America/New_York');
    reads('today', '2023-11-14T18:30:00', 'Asia/Kolkata'); // the 15th there
    reads('-1d', '2023-11-13T22:13:20', 'Asia/Kolkata');
  });

  it('takes a reading that comes twice or never in winter time', () => {
    reads('02:30_20231029', '2023-10-29T01:30:00', 'Europe/Berlin');
    reads('02:30_20230326', '2023-03-26T01:30:00', 'Europe/Berlin');
    reads('20230327', '2023-03-26T22:00:00', 'Europe/Berlin');
    reads('01:30_20231105', '2023-11-05T06:30:00', 'America/New_York');
    assert.is(fromWallClock(0, 'UTC'), 0);
  });

  it('refuses what is no time', () => {
    refuses('bogus', /time "bogus" read, expected a time such as/);
    refuses('1h', /expected a time such as/);
    refuses('25:00', /an hour of 0 to 23/);
    refuses('8:5pm', /expected a time/);
    refuses('13/45/2023', /a day that the calendar has/);
    refuses('20230231', /a day that the calendar has/);
    refuses('november', /a day of the month/);
    refuses('now-1d-1h', /expected a number and a unit/);
    refuses('-5m', /expected a unit/);
    refuses('1796099887000', /epoch seconds: from milliseconds, leave out the last three digits/);
    refuses('999999999999999', /a year of 1 to 9999/);
    refuses('-9000y', /a year of 1 to 9999/);
  });

  it('knows where units start', () => {
    const starts: [string, string, string][] = [
      ['hours', 'UTC', '2023-11-14T22:00:00'],
      ['minutes', 'UTC', '2023-11-14T22:13:00'],
      ['days', 'UTC', '2023-11-14T00:00:00'],
      ['days', 'Asia/Kolkata', '2023-11-14T18:30:00'],
      ['weeks', 'UTC', '2023-11-13T00:00:00'],
      ['weeks3', 'UTC', '2023-11-08T00:00:00'],
      ['weeks7', 'UTC', '2023-11-12T00:00:00'],
      ['months', 'UTC', '2023-11-01T00:00:00'],
      ['years', 'Europe/Berlin', '2022-12-31T23:00:00'],
    ];
    for (const [unit, tz, expected] of starts) {
      const found = new Date(startOfUnit(NOW, unit, tz) * 1000).toISOString();
      assert.is(found, `${expected}.000Z`, `${unit} in ${tz}`);
    }
    assert.throws(() => startOfUnit(NOW, 'bogus', 'UTC'), /expected a unit/);
  });
});
