/** The store whose bits are flipped: something of each kind, and all answers that it gives. */
import { createHash } from 'node:crypto';
import type { LmdbStore } from '../../src/storage/lmdb/lmdb-store.ts';
import { openIn } from '../storage/lmdb/open.ts';
import { rulesOf } from '../storage/rules-of.ts';
import { frameOf } from '../support/frame.ts';
import { timerFrame } from '../support/timer-frame.ts';

const NOW = 1_700_000_000;
const FLUSHES = 130;
const LAST = NOW + FLUSHES * 10;
const RULES = rulesOf({ '^one': '10s:30m,1m:2h', '^(web|stats)': '10s:30m,1m:6h', '': '10s:30m' });
const SPANS = [300, 1800, 7200, 21600];

export async function fillStore(dataDir: string): Promise<void> {
  const store = await openIn(dataDir, RULES);
  const names = Array.from({ length: 140 }, (_, i) => `${i % 2 ? 'web' : 'db'}.s${i}.load`);
  names.push('one', 'one.two', 'tagged;a=1;b=2', `long.${'x'.repeat(2000)}`, 'gone.a', 'gone.b');
  for (let flush = 1; flush <= FLUSHES; flush++) {
    const time = NOW + flush * 10;
    const values = names.map((name, i) => [name, ((flush * 31 + i * 7) % 997) / (1 + (i % 3))]);
    await store.append(frameOf(time, Object.fromEntries(values)));
    const timers = { 'api.a': [flush, 2, 3], 'api.b': flush % 3 === 0 ? [] : [flush * 2] };
    await store.append(timerFrame(time, timers));
    if (flush === 60) await store.delete(['gone.a']);
  }
  await store.tagSeries('made;by=hand');
  await store.putRecord('event/1', 'a deployment of the web');
  await store.putRecord('metadata/unit/one', '"ms"');
  await store.close();
}

/** A digest of every answer that the store gives. */
export async function answersOf(dataDir: string): Promise<string> {
  const store = await openIn(dataDir, RULES);
  try {
    return await digestOf(store);
  } finally {
    await store.close();
  }
}

async function digestOf(store: LmdbStore): Promise<string> {
  const hash = createHash('sha256');
  const add = (answer: unknown): void => void hash.update(JSON.stringify(answer));
  const names = store.allNames();
  add(names);
  for (const pattern of ['*', 'web.*.load', 'stats.timers.**', '**']) add(store.find(pattern));
  add(store.findTagged([{ tag: 'a', operator: '=', value: '1' }]));
  const ids = names.map((name) => store.lookup(name)!.id);
  const sketched = store.findSketched('**');
  add(sketched);
  for (const span of SPANS) {
    for (const now of [LAST, LAST + span / 2]) {
      for (const found of await store.fetch(ids, now - span, now, now)) {
        add(found === undefined ? 0 : [found.start, found.step]);
        if (found !== undefined) hash.update(found.values);
      }
      const of = sketched.map(({ id }) => id);
      add(await store.fetchSketches(of, now - span, now, now));
    }
  }
  for (const id of ids) add([store.newestTimes(id), store.info(id)]);
  for (const prefix of ['', 'event/', 'metadata/']) add(store.listRecords(prefix));
  return hash.digest('hex');
}
