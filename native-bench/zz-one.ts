import { openLmdbStore } from '../src/storage/lmdb/lmdb-store.ts';
import { RULES, START, nameOf } from './store-load.ts';
const store = await openLmdbStore({ dataDir: '/tmp/f/r', rules: RULES, mapSizeBytes: 2 ** 38, maxPendingFlushes: 10, maxSeries: 1e7, thread: false, onLog() {} });
const now = START + 22800;
async function t(what: string, from: number, until: number, pick: (i: number) => number) {
  const ids = Array.from({ length: 300 }, (_, i) => store.lookup(nameOf(pick(i)))!.id);
  for (const id of ids) await store.fetch([id], from, until, now);
  const w: number[] = [], c: number[] = [];
  for (const id of ids) { const u = process.cpuUsage(); const s = performance.now(); await store.fetch([id], from, until, now); w.push(performance.now() - s); const d = process.cpuUsage(u); c.push(d.user + d.system); }
  w.sort((a, b) => a - b); c.sort((a, b) => a - b);
  console.log(what.padEnd(30), 'wall', (w[150]! * 1000).toFixed(0), 'us cpu', c[150]);
}
for (let k = 0; k < 2; k++) {
  await t('same, 6h', now - 21600, now, () => 5);
  await t('same, chunks only', now - 21600, now - 1200, () => 5);
  await t('same, rows only', now - 600, now, () => 5);
  await t('same, 1 point', now - 10, now, () => 5);
  await t('spread, 6h', now - 21600, now, (i) => i * 333);
  await t('spread, chunks only', now - 21600, now - 1200, (i) => i * 333);
  await t('spread, rows only', now - 600, now, (i) => i * 333);
}
await store.close();
