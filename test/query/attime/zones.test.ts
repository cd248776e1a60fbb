/**
 * Offsets of zones against zone-offsets.json, which luxon 3.7 recorded: sixty instants of 1970 to
 * 2022 in each zone, and every change of the clocks in 1986, 2011 and 2021.
 */
import fs from 'node:fs';
import { isSummerTime, knownZone, offsetSeconds } from '../../../src/query/attime/zones.ts';
import { assert, describe } from '../../support/suite.ts';

interface Recorded {
  /** Epoch seconds. */
  instants: number[];
  /** By zone, seconds ahead of UTC at each instant. */
  offsets: Record<string, number[]>;
  /** By zone: the second of a change, the offset before and after. */
  changes: Record<string, [number, number, number][]>;
}

const recorded = JSON.parse(
  fs.readFileSync(new URL('./zone-offsets.json', import.meta.url), 'utf8'),
) as Recorded;

describe('time zones', (it) => {
  it('have the offsets that were recorded', () => {
    for (const [tz, offsets] of Object.entries(recorded.offsets)) {
      const found = recorded.instants.map((instant) => offsetSeconds(instant, tz));
      assert.equal(found, offsets, tz);
    }
  });

  it('change their offset at the very second', () => {
    for (const [tz, changes] of Object.entries(recorded.changes)) {
      for (const [second, before, after] of changes) {
        const found = [offsetSeconds(second - 1, tz), offsetSeconds(second, tz)];
        assert.equal(found, [before, after], `${tz} at ${second}`);
      }
    }
  });

  it('are local mean time before there were zones, UTC beyond what a Date holds', () => {
    assert.is(offsetSeconds(-62_135_596_800, 'Europe/Berlin'), 3208);
    assert.is(offsetSeconds(-62_135_596_800, 'America/New_York'), -17_762);
    for (const epoch of [NaN, Infinity, 8.64e12 + 1, -1e300]) {
      assert.is(offsetSeconds(epoch, 'Asia/Tokyo'), 0);
    }
  });

  it('takes an unknown zone for UTC', () => {
    assert.is(knownZone('Europe/Berlin'), 'Europe/Berlin');
    assert.is(knownZone('Mars/Olympus'), 'UTC');
    assert.is(knownZone(''), 'UTC');
    assert.is(knownZone(undefined), 'UTC');
  });

  it('stay known, however many spellings come in', () => {
    for (let i = 0; i < 2 ** 11; i++) {
      const spelled = Array.from('europe/berlin', (letter, bit) =>
        (i >> bit) % 2 === 1 ? letter.toUpperCase() : letter,
      ).join('');
      assert.is(knownZone(spelled), spelled);
    }
    assert.is(offsetSeconds(0, 'Europe/Berlin'), 3600);
  });

  it('knows summer time on both halves of the globe', () => {
    const january = Date.UTC(2023, 0, 15) / 1000;
    const july = Date.UTC(2023, 6, 15) / 1000;
    const zones = ['Europe/Berlin', 'Australia/Sydney', 'Asia/Kolkata'];
    assert.equal(
      zones.map((tz) => [isSummerTime(january, tz), isSummerTime(july, tz)]),
      [
        [false, true],
        [true, false],
        [false, false],
      ],
    );
  });
});
