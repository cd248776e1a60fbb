/**
 * Whisper files through both stores and out again: header and every point are the same to the bit,
 * whatever is in them, and Debian's whisper tools read what comes out.
 */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { MemoryStore } from '../../model/memory-store.ts';
import { DEFAULT_RULES } from '../../../src/storage/retention/default-rules.ts';
import type { Store } from '../../../src/storage/roles.ts';
import { exportWhisper } from '../../../src/storage/whisper/export.ts';
import type { WhisperSeries } from '../../../src/storage/whisper/format.ts';
import { importWhisper } from '../../../src/storage/whisper/import.ts';
import { whisperPath } from '../../../src/storage/whisper/path.ts';
import { readWhisper } from '../../../src/storage/whisper/read.ts';
import { writeWhisper } from '../../../src/storage/whisper/write.ts';
import { assert, describe, rounds } from '../../support/suite.ts';
import { openIn, temporaryFolder } from '../lmdb/open.ts';
import { hasOracle, ORACLE_MISSING } from './oracle.ts';
import { startPlayer } from './player.ts';
import { type World, worldArbitrary } from './world.ts';
import { selectSeries } from './selected.ts';

const NOW = 1_900_000_000;
/** Dotted, tagged, with dots in tags and with more than ASCII. */
const NAMES = ['plain', 'a.b.c', 'x;dc=eu.west;host=a', 'über.größe', 'm.n;t=1.5;u=x_DOT_y', 'q'];

/** Any doubles that whisper tells from nothing. */
const value = fc.oneof(
  fc.double({ noNaN: true }),
  fc.integer({ min: -99, max: 99 }),
  fc.constantFrom(0, -0, 5e-324, Infinity, -Infinity, 0.1 + 0.2),
);

/** Series that share no archives, so that each has rings of its own, however old it is. */
const filesArbitrary: fc.Arbitrary<WhisperSeries[]> = fc
  .tuple(
    worldArbitrary(NAMES.length, 0),
    fc.array(value, { minLength: 1, maxLength: 40 }),
    fc.nat(600),
  )
  .map(([{ series }, values, age]) =>
    distinct(series).map(({ archives, method, xFilesFactor }, i) => ({
      archives,
      aggregationMethod: method,
      xFilesFactor: Math.fround(xFilesFactor),
      data: archives.map(({ step, points }, k) => {
        const newest = Math.floor(1_700_000_000 / step) - (age % (3 * points));
        // Every other archive has gaps; some are empty.
        const rows = Array.from({ length: points }, (_, j) => newest - points + 1 + j).filter(
          (row) => (k + i) % 3 !== 2 && (k % 2 === 0 || row % 3 !== 0),
        );
        return {
          step,
          times: Float64Array.from(rows, (row) => row * step),
          values: Float64Array.from(rows, (row) => values[row % values.length]!),
        };
      }),
    })),
  );

function distinct(series: World['series']): World['series'] {
  const seen = new Set<string>();
  return series.filter(({ archives }) => {
    const key = JSON.stringify(archives);
    return !seen.has(key) && seen.add(key);
  });
}

/** Imports the files, exports all of it and returns what comes out, in the order of `names`. */
async function throughStore(
  files: readonly Uint8Array[],
  kind: 'memory' | 'lmdb',
  use?: (folder: string) => void,
): Promise<Buffer[]> {
  const folder = temporaryFolder();
  const open = (): Promise<Store> | Store =>
    kind === 'lmdb'
      ? openIn(path.join(folder, 'data'), DEFAULT_RULES)
      : new MemoryStore(DEFAULT_RULES);
  let store = await open();
  try {
    const paths = files.map((_, i) => whisperPath(NAMES[i]!)!);
    files.forEach((file, i) => {
      const whole = path.join(folder, 'in', paths[i]!);
      fs.mkdirSync(path.dirname(whole), { recursive: true });
      fs.writeFileSync(whole, file);
    });
    const into = await importWhisper(store, path.join(folder, 'in'), { now: NOW });
    assert.equal([into.series, into.damaged, into.partial], [files.length, [], []]);
    if (kind === 'lmdb') {
      await store.close();
      store = await open();
    }
    const out = path.join(folder, 'out');
    const back = await exportWhisper(store, selectSeries(store, '**'), out);
    assert.equal([back.points, back.refused], [into.points, []]);
    use?.(out);
    return paths.map((below) => fs.readFileSync(path.join(out, below)));
  } finally {
    await store.close();
    fs.rmSync(folder, { recursive: true });
  }
}

describe('whisper files, in and out', (it) => {
  for (const kind of ['memory', 'lmdb'] as const) {
    it(
      `are the same after the ${kind} store`,
      async () => {
        await fc.assert(
          fc.asyncProperty(filesArbitrary, async (series) => {
            const files = series.map((one) => writeWhisper(one));
            for (const [i, file] of (await throughStore(files, kind)).entries()) {
              assert.equal(readWhisper(file), readWhisper(files[i]!));
              assert.equal(readWhisper(file), series[i]);
            }
          }),
          {
            numRuns: kind === 'lmdb' ? rounds(3, 25) : rounds(4, 100),
            includeErrorInReport: true,
          },
        );
      },
      { timeoutMs: 60_000 },
    );
  }

  if (!hasOracle()) {
    it.skipAloud('are the same when whisper wrote them', ORACLE_MISSING);
    it.skipAloud("are read by whisper's tools", ORACLE_MISSING);
    return;
  }

  it(
    'are the same when whisper wrote them',
    async () => {
      const player = startPlayer();
      let points = 0;
      try {
        await fc.assert(
          fc.asyncProperty(worldArbitrary(NAMES.length, 60), async (world) => {
            const series = distinct(world.series);
            const index = (name: string) => series.findIndex((one) => one.name === name);
            const updates = world.updates
              .map((one) => ({ ...one, series: index(world.series[one.series]!.name) }))
              .filter((one) => one.series >= 0);
            const { files } = await player.play(series, updates, []);
            for (const [i, file] of (await throughStore(files, 'lmdb')).entries()) {
              const theirs = readWhisper(files[i]!);
              assert.equal(readWhisper(file), theirs);
              assert.equal(file.subarray(0, 16), files[i]!.subarray(0, 16));
              points += theirs.data.reduce((sum, { times }) => sum + times.length, 0);
            }
          }),
          { numRuns: rounds(3, 25), includeErrorInReport: true },
        );
      } finally {
        player.close();
      }
      assert.ok(points > rounds(0, 100), `${points} points compared`);
    },
    { timeoutMs: 60_000 },
  );

  it("are read by whisper's tools", async () => {
    const now = Math.floor(Date.now() / 1000);
    const minute = Math.floor(now / 60) * 60 - 60;
    const archives = [
      { step: 60, points: 30 },
      { step: 300, points: 60 },
    ];
    const known: [number, number][] = [
      [minute - 600, 1.5],
      [minute - 60, -0.25],
      [minute, 1e300],
    ];
    const file = writeWhisper({
      archives,
      aggregationMethod: 'absmax',
      xFilesFactor: 0.25,
      data: [
        {
          step: 60,
          times: Float64Array.from(known, ([time]) => time),
          values: Float64Array.from(known, ([, one]) => one),
        },
        { step: 300, times: Float64Array.of(), values: Float64Array.of() },
      ],
    });
    await throughStore([file], 'lmdb', (folder) => {
      const run = (tool: string, ...args: string[]) =>
        execFileSync(`/usr/bin/whisper-${tool}`, [path.join(folder, 'plain.wsp'), ...args], {
          encoding: 'utf8',
        });
      const info = JSON.parse(run('info', '--json')) as Record<string, unknown>;
      assert.equal(
        [info['aggregationMethod'], info['xFilesFactor'], info['maxRetention']],
        ['absmax', 0.25, 18_000],
      );
      const fetched = JSON.parse(run('fetch', '--json', `--from=${now - 1500}`)) as {
        start: number;
        step: number;
        values: (number | null)[];
      };
      const found = fetched.values.flatMap((one, i): [number, number][] =>
        one === null ? [] : [[fetched.start + i * fetched.step, one]],
      );
      assert.equal([fetched.step, found], [60, known]);
      const dumped = [...run('dump').matchAll(/^\d+: (\d+), *(\S+)$/gm)]
        .map(([, time, one]): [number, number] => [Number(time), Number(one)])
        .filter(([time]) => time > 0);
      assert.equal(dumped, known);
    });
  });
});
