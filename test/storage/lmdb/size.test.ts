/** The file of a store at its worst against what `retention show` promises. */
import fs from 'node:fs';
import type { Archive } from '../../../src/storage/retention/archives.ts';
import { RetentionRules } from '../../../src/storage/retention/rules.ts';
import { seriesBytesMax, storeBytesMax } from '../../../src/storage/retention/size.ts';
import { frameOf } from '../../support/frame.ts';
import { assert, describe, rounds } from '../../support/suite.ts';
import { openIn, temporaryFolder } from './open.ts';

const ARCHIVES: Archive[] = [
  { step: 1, points: 200 },
  { step: 3, points: 90 },
  { step: 6, points: 60 },
];
/** After four the file has its final size, but for a page now and then. */
const LAPS = rounds(2, 5);
const START = 1_700_000_000;

function rules(): RetentionRules {
  const source = { file: undefined, line: 0, section: 'all', pattern: '' };
  return new RetentionRules(
    [{ source, archives: ARCHIVES }],
    [{ source, aggregationMethod: 'last', xFilesFactor: 0 }],
  );
}

/** Doubles that no coding makes smaller. */
function incompressible(): () => number {
  let state = 12_345;
  const random = (): number => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
  return () => (random() + random() / 2 ** 31 - 0.5) * 10 ** (random() * 400 - 200);
}

describe('size of a store at its worst', (it) => {
  for (const count of [1, 260]) {
    const test = count === 1 ? it : it.slow;
    test(
      `stays within the promise for ${count} series, over several laps`,
      async () => {
        const dataDir = temporaryFolder();
        const store = await openIn(dataDir, rules());
        try {
          const names = Array.from({ length: count }, (_, i) => `servers.web${i}.cpu.user`);
          const value = incompressible();
          const lap = ARCHIVES.at(-1)!.step * ARCHIVES.at(-1)!.points;
          for (let second = 1; second <= LAPS * lap; second++) {
            const values = Object.fromEntries(names.map((name) => [name, value()]));
            await store.append(frameOf(START + second, values, { intervalMs: 1000 }));
          }
          const seriesBytes = names.reduce((sum, name) => sum + seriesBytesMax(ARCHIVES, name), 0);
          const promise = storeBytesMax([{ archives: ARCHIVES, seriesBytes }]);
          const used = store.health().fileBytes;
          assert.ok(used <= promise, `${used} bytes, promised ${promise}`);
          // A promise far above what is ever used would be of no use.
          if (count > 200) assert.ok(used > promise / 2, `${used} bytes, promised ${promise}`);
        } finally {
          await store.close();
          fs.rmSync(dataDir, { recursive: true });
        }
      },
      { timeoutMs: 60_000 },
    );
  }
});
