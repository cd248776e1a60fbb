/**
 * What happens to a handful of series over some time, drawn by fast-check: schemas, points in order
 * and out of it, questions. Ages are drawn at the borders of the retentions, where mistakes live.
 */
import fc from 'fast-check';
import { AGGREGATION_METHODS, type Archive } from '../../../src/storage/retention/archives.ts';
import type { AggregationMethod } from '../../../src/storage/retention/archives.ts';

export interface WorldSeries {
  name: string;
  archives: Archive[];
  method: AggregationMethod;
  xFilesFactor: number;
}

/** Points of one series, in the order in which they come; `now` never goes back. */
export interface Update {
  series: number;
  now: number;
  /** As one `update_many`, newest first and one a slot; else one after the other. */
  many: boolean;
  times: number[];
  values: number[];
}

export interface Question {
  series: number;
  from: number;
  until: number;
  now: number;
}

export interface World {
  series: WorldSeries[];
  updates: Update[];
  questions: Question[];
  /** When the last point came. */
  end: number;
}

const START = 1_700_000_000;
/** From here on time makes no leaps, so that it stays within whisper's 32 bits. */
const LATEST = 3_800_000_000;
/** Archives of a class share their rings, so some series must share their schema. */
const SCHEMAS_MAX = 4;

const RATIOS = [2, 3, 5, 6, 10, 12, 60, 90];

const schema = (base: number): fc.Arbitrary<Archive[]> =>
  fc
    .record({
      factor: fc.constantFrom(1, 1, 2, 3),
      points: fc.integer({ min: 1, max: 130 }),
      coarser: fc.array(
        fc.record({ ratio: fc.constantFrom(...RATIOS), more: fc.integer({ min: 1, max: 70 }) }),
        { maxLength: 3, size: 'max' },
      ),
    })
    .map(({ factor, points, coarser }) => {
      const archives = [{ step: base * factor, points }];
      for (const { ratio, more } of coarser) {
        const finer = archives.at(-1)!; // starts with one
        if (finer.step * ratio > 86_400 * 7) break;
        finer.points = Math.max(finer.points, ratio);
        archives.push({
          step: finer.step * ratio,
          points: Math.floor(finer.points / ratio) + more,
        });
      }
      return archives;
    });

const value = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: -1000, max: 1000 }) },
  { weight: 3, arbitrary: fc.double({ noNaN: true, min: -1e6, max: 1e6 }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(0, -0, 5e-324, -5e-324, 1.7e308, -1.7e308, 0.1, 1e-310, 2 ** 53),
  },
);

/** Seconds ago, for archives that are known only later. */
type Age = (archives: readonly Archive[]) => number;

const age: fc.Arbitrary<Age> = fc.oneof(
  { weight: 3, arbitrary: fc.constant<Age>(() => 0) },
  {
    weight: 3,
    arbitrary: fc.nat(999).map((part): Age => ([finest]) => {
      return Math.floor((finest!.step * finest!.points * part) / 1000); // never empty
    }),
  },
  {
    weight: 3,
    arbitrary: fc.tuple(fc.nat(3), fc.nat(1050)).map(([index, part]): Age => (archives) => {
      const { step, points } = archives[index % archives.length]!;
      return Math.floor((step * points * part) / 1000);
    }),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.nat(3), fc.constantFrom(-1, 0, 1), fc.boolean())
      .map(([index, off, steps]): Age => (archives) => {
        const { step, points } = archives[index % archives.length]!;
        return step * points + off * (steps ? step : 1);
      }),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom<Age>(
      ([finest]) => -finest!.step,
      ([finest]) => -finest!.step - 1,
      () => -1,
      () => -86_400 * 400,
    ),
  },
);

const late = fc.record({
  series: fc.nat(),
  many: fc.boolean(),
  points: fc.array(fc.tuple(age, value), { minLength: 1, maxLength: 5, size: 'max' }),
});

const tick = fc.record({
  wait: fc.constantFrom(0, 1, 1, 1, 1, 1, 1, 2, 3, 7, 40, 300, 2000),
  seconds: fc.nat(2),
  beat: fc.array(value, { maxLength: 7, size: 'max' }),
  late: fc.array(late, { maxLength: 3, size: 'max' }),
});

const question = fc.record({
  series: fc.nat(),
  from: age,
  until: fc.option(age, { freq: 2 }),
  later: fc.constantFrom(0, 0, 0, 1, 5, 100),
});

/** `seriesCount` series in `ticks` steps of time. */
export const worldArbitrary = (seriesCount: number, ticks: number): fc.Arbitrary<World> =>
  fc.constantFrom(1, 1, 5, 10, 60, 3600, 86_400).chain((base) =>
    fc
      .record({
        schemas: fc.array(schema(base), { minLength: 1, maxLength: SCHEMAS_MAX, size: 'max' }),
        kinds: fc.array(
          fc.tuple(
            fc.nat(SCHEMAS_MAX),
            fc.constantFrom(...AGGREGATION_METHODS),
            fc.oneof(
              fc.constantFrom(0, 0.1, 0.3, 0.5, 1),
              fc.nat(1000).map((part) => part / 1000),
            ),
          ),
          { minLength: 1, maxLength: seriesCount, size: 'max' },
        ),
        ticks: fc.array(tick, { maxLength: ticks, size: 'max' }),
        questions: fc.array(question, { maxLength: seriesCount * 3, size: 'max' }),
      })
      .map((drawn) => build(base, drawn)),
  );

/** The finest archive that reaches so far back, -1 when none does. */
export function archiveOf(archives: readonly Archive[], seconds: number): number {
  return archives.findIndex(({ step, points }) => step * points >= seconds);
}

interface Drawn {
  schemas: Archive[][];
  kinds: [number, AggregationMethod, number][];
  ticks: {
    wait: number;
    seconds: number;
    beat: number[];
    late: { series: number; many: boolean; points: [Age, number][] }[];
  }[];
  questions: { series: number; from: Age; until: Age | null; later: number }[];
}

function build(base: number, { schemas, kinds, ticks, questions }: Drawn): World {
  const series = kinds.map(([index, method, xFilesFactor], i): WorldSeries => {
    const archives = schemas[index % schemas.length]!; // at least one
    return { name: `s${i}`, archives, method, xFilesFactor };
  });
  const updates: Update[] = [];
  let now = START;
  ticks.forEach(({ wait, seconds, beat, late: lates }, at) => {
    now += (now < LATEST ? wait : 1) * base + (base > 2 ? seconds : 0);
    beat.forEach((one, i) => {
      // The first few come at every tick, so that their rings go round.
      const index = i < 4 ? i : i * 31 + at;
      updates.push({
        series: index % series.length,
        now,
        many: false,
        times: [now],
        values: [one],
      });
    });
    for (const { series: index, many, points } of lates) {
      const chosen = index % series.length;
      const { archives } = series[chosen]!; // one of them
      const timed = points.map(([ago, one]): [number, number] => [now - ago(archives), one]);
      updates.push({ series: chosen, now, many, ...columnsOf(timed, archives, many, now) });
    }
  });
  const asked = questions.map(({ series: index, from, until, later }): Question => {
    const chosen = index % series.length;
    const { archives } = series[chosen]!; // one of them
    const then = now + later * base;
    const start = then - from(archives);
    const end = until === null ? then : then - until(archives);
    return { series: chosen, from: start, until: end, now: then };
  });
  return { series, updates, questions: asked, end: now };
}

function columnsOf(
  points: [number, number][],
  archives: readonly Archive[],
  many: boolean,
  now: number,
): { times: number[]; values: number[] } {
  let kept = points;
  if (many) {
    // Of two in one slot update_many takes the later by time, and the first of the same time.
    const slots = new Set<string>();
    kept = points
      .toSorted(([a], [b]) => b - a)
      .filter(([time]) => {
        const index = archiveOf(archives, now - time);
        const slot = `${index} ${Math.floor(time / (archives[index]?.step ?? 1))}`;
        const isNew = !slots.has(slot);
        slots.add(slot);
        // More points in a row than the ring has room for are written past its end.
        return isNew && (time <= now || points.length === 1);
      });
  }
  return { times: kept.map(([time]) => time), values: kept.map(([, one]) => one) };
}
