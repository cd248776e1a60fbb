/** Times of csv across changes of the clocks, and long answers in pieces. */
import { formatNamed } from '../../../src/query/formats/formats.ts';
import { makeSeries, type Series } from '../../../src/query/series/series.ts';
import { assert, describe } from '../../support/suite.ts';

function ramp(name: string, start: number, step: number, count: number): Series {
  const values = Float64Array.from({ length: count }, (_, i) => (i % 7 === 3 ? NaN : i / 2));
  return makeSeries({ name, start, step, values });
}

/** What the platform says the clocks show. */
function shown(epoch: number, timeZone: string): string {
  const options = { timeZone, dateStyle: 'short', timeStyle: 'medium' } as const;
  return new Intl.DateTimeFormat('sv-SE', options).format(epoch * 1000);
}

describe('csv', (it) => {
  it('shows the clocks of the zone, also on the days on which they change', () => {
    const days: [zone: string, start: number, step: number][] = [
      ['UTC', 1_700_000_000, 3600],
      ['Europe/Berlin', Date.UTC(2023, 9, 28, 12) / 1000, 600],
      ['America/New_York', Date.UTC(2024, 2, 10, 0) / 1000, 59],
      ['Australia/Lord_Howe', Date.UTC(2024, 3, 6, 3) / 1000, 300],
      ['Asia/Kathmandu', -86_400 * 5, 7200],
      ['Africa/Monrovia', Date.UTC(1972, 0, 6, 12) / 1000, 45],
    ];
    for (const [tz, start, step] of days) {
      const series = ramp('a', start, step, 900);
      const lines = String(formatNamed('csv')!.write([series], { tz })).split('\r\n');
      assert.is(lines.pop(), '');
      for (const [i, line] of lines.entries()) {
        // The platform's zones have no seconds: those of Monrovia's are cut.
        const expected = shown(Math.trunc(start + i * step), tz);
        assert.is(line.split(',')[1]!.slice(0, 16), expected.slice(0, 16), `${tz} ${i}`);
      }
    }
  });
});

describe('pieces', (it) => {
  for (const name of ['csv', 'raw']) {
    it(`of ${name} are the answer, and none is long`, () => {
      const { write, pieces } = formatNamed(name)!;
      const series = [ramp('a', 0, 60, 9000), ramp('b,"', 60, 10, 0), ramp('c', 120, 1, 4097)];
      const made = [...pieces!(series, {})];
      assert.is(made.join(''), write(series, {}));
      assert.ok(made.length > 3 && made.every((piece) => piece.length < 150_000));
      assert.is([...pieces!([], {})].join(''), '');
    });
  }
});
