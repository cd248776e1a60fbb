/** Names of an older format, brought to their one form by the first start. */
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import readline from 'node:readline';
import { UNTAGGED_PREFIX, untaggedKey } from '../../../src/storage/index/untagged.ts';
import { openEnvironment } from '../../../src/storage/lmdb/db/environment.ts';
import type { LmdbStore } from '../../../src/storage/lmdb/lmdb-store.ts';
import { verifyFile } from '../../../src/storage/lmdb/check/verify.ts';
import { decodeSketch } from '../../../src/sketch/codec.ts';
import { points } from '../../support/points.ts';
import { timerFrame } from '../../support/timer-frame.ts';
import { scriptArgs } from '../../support/program.ts';
import { assert, describe, rounds } from '../../support/suite.ts';
import { rulesOf } from '../rules-of.ts';
import { values } from '../store-maker.ts';
import { makeOld } from './old-names.ts';
import { openIn, temporaryFolder } from './open.ts';

const NOW = 1_700_000_000;
const RULES = rulesOf({ '^long': '10s:2h,1m:1d', '': '10s:1h' });

async function inFolder(body: (dataDir: string) => Promise<void>): Promise<void> {
  const dataDir = temporaryFolder();
  try {
    await body(dataDir);
  } finally {
    fs.rmSync(dataDir, { recursive: true });
  }
}

async function fill(store: LmdbStore, given: Record<string, [number, number][]>): Promise<void> {
  for (const [name, all] of Object.entries(given)) {
    const times = all.map(([time]) => time);
    const batch = points(
      times.map(() => name),
      times,
      all.map(([, value]) => value),
    );
    await store.append(batch, NOW);
  }
}

async function known(store: LmdbStore, name: string): Promise<number[]> {
  assert.ok(store.lookup(name) !== undefined, name);
  return [...(await values(store, name, NOW - 60, NOW, NOW))].filter((value) => value === value);
}

async function isSound(dataDir: string): Promise<void> {
  const faults: string[] = [];
  await verifyFile(`${dataDir}/data.mdb`, {
    onFault: ({ where, what }) => faults.push(`${where}: ${what}`),
    onProgress: () => {},
  });
  assert.equal(faults, []);
}

describe('names of an older format', (it) => {
  it('are brought to their form by the first start, with all that is theirs', async () => {
    await inFolder(async (dataDir) => {
      let store = await openIn(dataDir, RULES);
      const long = `m${'.long'.repeat(500)};a=1;b=2`;
      await fill(store, {
        'm;host2=b;host=a': [[NOW, 1]],
        'app.web.hits': [[NOW - 20, 2]],
        'bad_env=': [[NOW, 3]],
        [long]: [[NOW, 4]],
        'un;a=1;b=2': [[NOW, 5]],
        'plain.name': [[NOW, 6]],
      });
      await store.close();
      await makeOld(
        dataDir,
        {
          'm;host2=b;host=a': 'm;host=a;host2=b',
          'app.web.hits': 'app..web.hits.',
          'bad_env=': 'bad;env=',
          [long]: long.replace('.long', '..long'),
          'un;a=1;b=2': 'un.;a=1;b=2',
        },
        {
          'metadata/unit/app..web.hits.': '"ms"',
          [untaggedKey('un.;a=1;b=2')]: `{"name":"un.;a=1;b=2","since":${NOW + 1}}`,
        },
      );
      await isSound(dataDir); // whoever verifies before the first start loses nothing
      const log: string[] = [];
      store = await openIn(dataDir, RULES, { log });
      assert.match(log.join('\n'), /5 names are in another form from now on/);
      assert.equal(await known(store, 'm;host=a;host2=b'), [1]);
      assert.is(store.lookup('m;host=a;host2=b')!.name, 'm;host2=b;host=a');
      assert.equal(await known(store, 'app.web.hits'), [2]);
      assert.equal(await known(store, 'bad_env='), [3]);
      assert.equal(await known(store, long), [4]);
      assert.equal(await known(store, 'plain.name'), [6]);
      assert.equal(
        store.find('app.*.hits').map(({ path }) => path),
        ['app.web.hits'],
      );
      const untagged = store.findTagged([{ tag: 'name', operator: '=', value: 'un' }]);
      assert.equal([untagged, await known(store, 'un;b=2;a=1')], [[], [5]]);
      assert.equal(store.listRecords('metadata/'), [
        { key: 'metadata/unit/app.web.hits', text: '"ms"' },
      ]);
      assert.is(store.listRecords(UNTAGGED_PREFIX).length, 1);
      assert.is(store.allNames().length, 6);
      await store.close();
      await isSound(dataDir);
      const again: string[] = [];
      await (await openIn(dataDir, RULES, { log: again })).close();
      assert.equal(again, []);
    });
  });

  it('that have become one are joined: what one lacks, the other gives', async () => {
    await inFolder(async (dataDir) => {
      let store = await openIn(dataDir, RULES);
      await fill(store, {
        'a.b': [[NOW - 30, 1], [NOW - 20, 2]],
        'a.b_old': [[NOW - 20, 7], [NOW - 10, 8]],
        'other.c': [[NOW - 10, 3]],
        'long.c': [[NOW - 10, 4]],
      }); // prettier-ignore
      await store.close();
      await makeOld(dataDir, { 'a.b_old': 'a..b', 'other.c': 'x.c', 'long.c': 'x..c' });
      const log: string[] = [];
      store = await openIn(dataDir, RULES, { log });
      assert.match(log.join('\n'), /1 series was joined/);
      assert.match(log.join('\n'), /"x\.\.c" is "x\.c_2" from now on: its archives do not fit/);
      assert.equal(await known(store, 'a.b'), [1, 2, 8]);
      assert.equal(await known(store, 'x.c'), [3]);
      assert.equal(await known(store, 'x.c_2'), [4]);
      assert.equal(store.allNames(), ['a.b', 'x.c', 'x.c_2']);
      await store.close();
      await isSound(dataDir);
      assert.is(openFormat(dataDir), '{"version":3}');
    });
  });

  it('are those of timers as well, whose sketches stay', async () => {
    await inFolder(async (dataDir) => {
      const time = NOW - (NOW % 10);
      let store = await openIn(dataDir, RULES);
      await store.append(timerFrame(time, { 't.one': [1, 2, 3], 't.two': [4], 't.old': [5] }));
      const all = store.allNames();
      await store.close();
      const old = (from: string, to: string): [string, string][] =>
        all
          .filter((name) => name.startsWith(from))
          .map((name) => [name, to + name.slice(from.length)]);
      await makeOld(
        dataDir,
        Object.fromEntries([['t.one', 't..one'], ...old('t.one.', 't..one.')]
          .concat([['t.old', 't..two'], ...old('t.old.', 't..two.')])),
      ); // prettier-ignore
      const log: string[] = [];
      store = await openIn(dataDir, RULES, { log });
      assert.match(log.join('\n'), /1 timers and sets had two forms of a name/);
      assert.equal(
        store.findSketched('t.*').map(({ name }) => name),
        ['t.one', 't.two'],
      );
      const ids = store.findSketched('t.*').map(({ id }) => id);
      const found = await store.fetchSketches(ids, time - 10, time, time);
      const counts = found.map((one) => decodeSketch(one!.sketches.at(-1)!).count);
      assert.equal(counts, [3, 1]);
      assert.equal(store.info(store.lookup('t.one.upper_90')!.id)!.timer?.name, 't.one');
      assert.equal(await known(store, 't.two.upper'), [4], 'the form had it already');
      assert.is(
        store.allNames().some((name) => name.includes('..')),
        false,
      );
      await store.close();
      await isSound(dataDir);
    });
  });

  it('are brought there by the next start when one is killed on its way', async () => {
    for (let round = 0; round < rounds(1, 8); round++) {
      await inFolder(async (dataDir) => {
        const count = rounds(1500, 12_000);
        let store = await openIn(dataDir, RULES);
        const names = Array.from({ length: count }, (_, i) => `n${i};host2=b;host=a`);
        await store.append(
          points(
            names,
            names.map(() => NOW),
            names.map((_, i) => i),
          ),
          NOW,
        );
        await store.close();
        const old = names.map((name) => [name, name.replace(/(;.*)(;.*)$/, '$2$1')]);
        await makeOld(dataDir, Object.fromEntries(old) as Record<string, string>);
        const child = spawn(
          process.execPath,
          scriptArgs(import.meta.url, './name-forms-child').concat(dataDir),
          { stdio: ['ignore', 'pipe', 'inherit'] },
        );
        const lines = readline.createInterface({ input: child.stdout });
        lines.on('line', (line) => {
          if (line === 'opening') setTimeout(() => child.kill('SIGKILL'), 40 + round * 40);
        });
        await new Promise((resolve) => child.once('exit', resolve));
        store = await openIn(dataDir, RULES);
        assert.equal(store.allNames().sort(), names.toSorted());
        for (let i = 0; i < count; i += 1000) assert.equal(await known(store, names[i]!), [i]);
        await store.close();
        await isSound(dataDir);
      });
    }
  });
});

function openFormat(dataDir: string): string {
  const environment = openEnvironment(dataDir, 2 ** 30);
  const text = Buffer.from(environment.meta.get(Buffer.from('format'))!).toString();
  void environment.root.close();
  return text;
}
