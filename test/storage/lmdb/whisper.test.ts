/**
 * The store against whisper itself (Debian's python3-whisper), point by point. Left out are points
 * whose own or coarser slot whisper's ring has begun to overwrite: ours keeps up to a chunk more.
 */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { fileURLToPath } from 'node:url';
import { archiveForPoint } from '../../../src/storage/archive/ring.ts';
import { AGGREGATION_METHODS, type Archive } from '../../../src/storage/retention/archives.ts';
import { parseRetentions } from '../../../src/storage/retention/retentions.ts';
import type { RetentionRulesData } from '../../../src/storage/retention/rules.ts';
import { RetentionRules } from '../../../src/storage/retention/rules.ts';
import { assert, assertValues, describe } from '../../support/suite.ts';
import { openIn, temporaryFolder } from './open.ts';

const PYTHON = '/usr/bin/python3';
const RETENTIONS = ['10s:5m,1m:1h,5m:6h', '1s:2m,10s:20m', '10s:1h'];
const FACTORS = [0, 0.1, 0.3, 0.5, 1];
const START = 1_700_000_000;

interface Series {
  name: string;
  archives: Archive[];
  method: (typeof AGGREGATION_METHODS)[number];
  xFilesFactor: number;
}

type Numbers = [number, number, number, number];

const SERIES: Series[] = RETENTIONS.flatMap((text, r) =>
  AGGREGATION_METHODS.map((method, m) => ({
    name: `r${r}.${method}`,
    archives: parseRetentions(text),
    method,
    xFilesFactor: FACTORS[(r * 3 + m) % FACTORS.length]!,
  })),
);

/** Whether whisper still has the point's slot and all that its coarser slots are made of. */
function isClear(archives: readonly Archive[], time: number, now: number): boolean {
  const index = archiveForPoint(archives, time, now);
  if (index < 0) return false;
  const { step, points } = archives[index]!;
  const next = archives[index + 1]?.step ?? step;
  return Math.floor(time / next) * next > Math.floor(now / step) * step - step * points;
}

function play(random: (below: number) => number): { points: Numbers[]; fetches: Numbers[] } {
  const points: Numbers[] = [];
  const fetches: Numbers[] = [];
  let now = START;
  for (let i = 0; i < 6000; i++) {
    now += random(6) === 0 ? random(120) : random(3);
    const series = random(SERIES.length);
    const time = now - (random(4) === 0 ? random(7000) : 0);
    if (!isClear(SERIES[series]!.archives, time, now)) continue;
    points.push([series, time, (random(20_000) - 10_000) / 8, now]);
  }
  SERIES.forEach((_, series) => {
    for (const age of [50, 119, 120, 299, 300, 301, 1199, 3599, 3600, 3601, 21_599, 30_000]) {
      fetches.push([series, now - age, now, now], [series, now - age, now - age / 2, now]);
      fetches.push([series, now - age, now - age, now]);
    }
    fetches.push([series, now + 1, now + 2, now], [series, now - 10, now + 500, now]);
  });
  return { points, fetches: fetches.map((one) => one.map(Math.floor) as Numbers) };
}

function rulesFor(): RetentionRules {
  const source = (pattern: string) => ({ file: undefined, line: 0, section: pattern, pattern });
  const data: RetentionRulesData = {
    schemas: SERIES.map(({ name, archives }) => ({ source: source(`^${name}$`), archives })),
    aggregations: SERIES.map(({ name, method: aggregationMethod, xFilesFactor }) => {
      return { source: source(`^${name}$`), aggregationMethod, xFilesFactor };
    }),
  };
  return RetentionRules.fromData(data);
}

describe('against whisper', (it) => {
  if (spawnSync(PYTHON, ['-c', 'import whisper']).status !== 0) {
    it.skipAloud('answers like whisper', `${PYTHON} has no whisper (Debian: python3-whisper)`);
    return;
  }

  it(
    'answers like whisper',
    async () => {
      let state = 20_231_114;
      const random = (below: number): number => {
        state = (state * 48_271) % 2_147_483_647;
        return state % below;
      };
      const { points, fetches } = play(random);
      const series = SERIES.map(({ archives, method, xFilesFactor }) => {
        return { archives: archives.map((one) => [one.step, one.points]), method, xFilesFactor };
      });
      const oracle = fileURLToPath(new URL('../whisper_oracle.py', import.meta.url));
      const run = spawnSync(PYTHON, [oracle], {
        input: JSON.stringify({ series, points, fetches }),
        encoding: 'utf8',
        maxBuffer: 2 ** 28,
      });
      assert.is(run.status, 0, run.stderr);
      const expected = JSON.parse(run.stdout) as (
        [number, number, number, (number | null)[]] | null
      )[];
      const dataDir = temporaryFolder();
      const store = await openIn(dataDir, rulesFor());
      try {
        for (const [index, time, value, now] of points) {
          const { name } = SERIES[index]!;
          const batch = { names: [name], times: Float64Array.of(time) };
          const values = Float64Array.of(value);
          const report = await store.appendPoints({ kind: 'points', ...batch, values }, now);
          assert.is(report.stored, 1);
        }
        for (const [i, [index, from, until, now]] of fetches.entries()) {
          const { name } = SERIES[index]!;
          const [found] = await store.fetch([store.lookup(name)!.id], from, until, now);
          const want = expected[i] ?? undefined;
          const about = `${name} ${from - now}..${until - now}`;
          if (want === undefined || found === undefined) {
            assert.is(found, want, about);
            continue;
          }
          const [start, end, step, values] = want;
          assert.equal([found.start, found.end, found.step], [start, end, step], about);
          try {
            assertValues(found.values, values);
          } catch (error) {
            throw new Error(about, { cause: error });
          }
        }
      } finally {
        await store.close();
        fs.rmSync(dataDir, { recursive: true });
      }
    },
    { timeoutMs: 90_000 },
  );
});
