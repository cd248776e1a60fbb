/** Files of ours read by Debian's python3-whisper, and files of its read by us. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { AGGREGATION_METHODS, type Archive } from '../../../src/storage/retention/archives.ts';
import type { WhisperSeries } from '../../../src/storage/whisper/format.ts';
import { readWhisper } from '../../../src/storage/whisper/read.ts';
import { writeWhisper } from '../../../src/storage/whisper/write.ts';
import { assert, describe } from '../../support/suite.ts';
import { askOracle, hasOracle, ORACLE_MISSING } from './oracle.ts';

const NOW = 1_700_000_003;

/** Archives that keep whisper's rules: each 2 to 6 times coarser, and longer, than the last. */
const archivesArbitrary = fc
  .tuple(
    fc.integer({ min: 1, max: 90 }),
    fc.integer({ min: 6, max: 40 }),
    fc.array(fc.tuple(fc.integer({ min: 2, max: 6 }), fc.integer({ min: 1, max: 30 })), {
      maxLength: 3,
    }),
  )
  .map(([step, points, more]) => {
    const archives: Archive[] = [{ step, points }];
    for (const [factor, extra] of more) {
      const finer = archives.at(-1)!; // starts with one
      const enough = Math.max(6, Math.floor(finer.points / factor) + 1);
      archives.push({ step: finer.step * factor, points: enough + extra });
    }
    return archives;
  });

const valueArbitrary = fc.oneof(
  fc.double({ noNaN: true }),
  fc.integer({ min: -1000, max: 1000 }),
  fc.constantFrom(0, -0, 5e-324, 1e308),
);

const headArbitrary = fc.record({
  archives: archivesArbitrary,
  aggregationMethod: fc.constantFrom(...AGGREGATION_METHODS),
  xFilesFactor: fc.constantFrom(0, 0.1, 0.25, 0.3, 0.5, 1),
});

const seriesArbitrary: fc.Arbitrary<WhisperSeries> = headArbitrary.chain((head) =>
  fc
    .tuple(
      ...head.archives.map(({ points }) =>
        fc.tuple(
          fc.nat(3 * points),
          fc.array(fc.option(valueArbitrary, { freq: 3 }), { maxLength: points }),
        ),
      ),
    )
    .map((rings) => ({
      ...head,
      data: rings.map(([age, values], i) => {
        const { step } = head.archives[i]!; // one ring an archive
        const newest = Math.floor(NOW / step) * step - age * step;
        const known = [...values.entries()].filter(
          (entry): entry is [number, number] => entry[1] !== null && Number.isFinite(entry[1]),
        );
        return {
          step,
          times: Float64Array.from(known, ([at]) => newest - (values.length - 1 - at) * step),
          values: Float64Array.from(known, ([, value]) => value),
        };
      }),
    })),
);

interface OracleArchive {
  secondsPerPoint: number;
  points: number;
  retention: number;
  /** Of the whole ring, ending at the newest point; as [start, end, step], values. */
  fetched: [[number, number, number], (number | null)[]];
}

interface OracleFile {
  info: { aggregationMethod: string; xFilesFactor: number; maxRetention: number };
  archives: OracleArchive[];
}

const READ = `
answers = []
for path, nows in data:
  info = whisper.info(path)
  archives = []
  for archive, now in zip(info.pop('archives'), nows):
    archive['fetched'] = whisper.fetch(path, now - archive['retention'], now, now=now,
                                       archiveToSelect=archive['secondsPerPoint'])
    archives.append(archive)
  answers.append({'info': info, 'archives': archives})
print(json.dumps(answers))
`;

const WRITE = `
for path, archives, method, factor, batches, now in data:
  whisper.create(path, [tuple(a) for a in archives], factor, method)
  for points in batches:
    if points: whisper.update_many(path, [tuple(p) for p in points], now=now)
print(json.dumps(True))
`;

function pointsOf({ times, values }: { times: Float64Array; values: Float64Array }) {
  return [...times].map((time, i): [number, number] => [time, values[i]! + 0]);
}

function fetchedPoints({ fetched: [[start, , step], values] }: OracleArchive) {
  return values.flatMap((value, i): [number, number][] =>
    value === null ? [] : [[start + i * step, value + 0]],
  );
}

describe('whisper, by its own library', (it) => {
  if (!hasOracle()) {
    it.skipAloud('reads our files', ORACLE_MISSING);
    it.skipAloud('writes files that we read', ORACLE_MISSING);
    return;
  }
  let folder = '';
  it.before(() => void (folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tallyd-oracle-'))));
  it.after(() => fs.rmSync(folder, { recursive: true }));

  it(
    'reads our files: header and every archive',
    () => {
      const cases = fc.sample(seriesArbitrary, 300);
      const asked = cases.map((series, i) => {
        const file = path.join(folder, `ours-${i}.wsp`);
        fs.writeFileSync(file, writeWhisper(series));
        return [file, series.data.map(({ times }) => times.at(-1) ?? NOW)];
      });
      const answers = askOracle(READ, asked) as OracleFile[];
      let points = 0;
      for (const [i, series] of cases.entries()) {
        const { info, archives } = answers[i]!; // one a case
        assert.is(info.aggregationMethod, series.aggregationMethod);
        assert.is(info.xFilesFactor, Math.fround(series.xFilesFactor));
        assert.equal(
          archives.map((one) => ({ step: one.secondsPerPoint, points: one.points })),
          series.archives,
        );
        for (const [j, archive] of archives.entries()) {
          const expected = pointsOf(series.data[j]!);
          assert.equal(fetchedPoints(archive), expected, JSON.stringify(series.archives));
          points += expected.length;
        }
      }
      assert.ok(points > 1000, `${points} points compared`);
    },
    { timeoutMs: 60_000 },
  );

  it(
    'writes files that we read: rollups, laps and gaps',
    () => {
      const batches = fc.array(
        fc.array(fc.tuple(fc.nat(999), valueArbitrary), {
          maxLength: 60,
        }),
        { minLength: 1, maxLength: 4 },
      );
      const cases = fc.sample(fc.tuple(headArbitrary, batches), 300).map(([head, parts], i) => {
        const { step, points } = head.archives.at(-1)!; // at least one
        // Each batch ends later than the one before, so that rings wrap over older points.
        const last = parts.length - 1;
        const timed = parts.map((part, k) =>
          part
            .filter(([, value]) => Number.isFinite(value) && Math.abs(value) < 1e100)
            .map(([age, value]): [number, number] => {
              return [NOW - Math.floor((age / 1000 + (last - k) * 0.3) * step * points), value];
            }),
        );
        const nows = parts.map((_, k) => NOW - Math.floor((last - k) * 0.3 * step * points));
        return { file: path.join(folder, `theirs-${i}.wsp`), head, timed, nows };
      });
      const archivesOf = (archives: Archive[]) =>
        archives.map(({ step, points }) => [step, points]);
      const writes = cases.flatMap(({ file, head, timed, nows }) =>
        timed.map((part, k) => ({ file, head, part, now: nows[k]!, first: k === 0 })),
      );
      const script = WRITE.replace('  whisper.create', '  if archives: whisper.create');
      askOracle(
        script,
        writes.map(({ file, head, part, now, first }) => [
          file,
          first ? archivesOf(head.archives) : [],
          head.aggregationMethod,
          head.xFilesFactor,
          [part],
          now,
        ]),
      );
      const answers = askOracle(
        READ,
        cases.map(({ file, head }) => [file, head.archives.map(() => NOW)]),
      ) as OracleFile[];
      let points = 0;
      for (const [i, { file, head }] of cases.entries()) {
        const series = readWhisper(fs.readFileSync(file));
        assert.equal(series.archives, head.archives);
        assert.is(series.aggregationMethod, head.aggregationMethod);
        for (const [j, archive] of answers[i]!.archives.entries()) {
          // Whisper answers what is young enough at NOW; we keep the ring's last lap.
          const [start, end] = archive.fetched[0];
          const kept = pointsOf(series.data[j]!).filter(([t]) => t >= start && t < end);
          assert.equal(kept, fetchedPoints(archive), JSON.stringify(head));
          points += kept.length;
        }
      }
      assert.ok(points > 1000, `${points} points compared`);
    },
    { timeoutMs: 60_000 },
  );
});
