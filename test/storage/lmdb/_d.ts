import fs from 'node:fs';
import { temporaryFolder } from './open.ts';
import { rulesOf } from '../store-suite.ts';
import { openEnvironment } from '../../../src/storage/lmdb/environment.ts';
import { Writer } from '../../../src/storage/lmdb/writer.ts';
import { Reader } from '../../../src/storage/lmdb/reader.ts';
import { MemoryStore } from '../../../src/storage/memory/memory-store.ts';
const schemas = { '^s0': 'sum 10s:5m,1m:1h', '^s1': 'last 10s:5m,1m:1h', '': '1s:2m,10s:1h' };
const rules = rulesOf(schemas, 0.3);
const d = temporaryFolder(); const env = openEnvironment(d, 2 ** 32);
const writer = new Writer(env, rules, 1e6); const reader = new Reader(env); const model = new MemoryStore(rules);
let seed = 7; const rnd = (n: number) => Math.floor((seed = (seed * 48271) % 2147483647) / 2147483647 * n);
let bad = 0;
for (let run = 1; run < 2000 && bad < 3; run++) {
  let now = 1_700_000_000 + run * 10_000; const log: unknown[] = [];
  for (let k = 0; k < 1 + rnd(20); k++) {
    now += rnd(2) ? rnd(15) : rnd(400); const age = rnd(4) ? 0 : rnd(3700); const name = `s${rnd(4)}.run${run}`; const value = rnd(1000);
    log.push([now, age, name, value]);
    const batch = { kind: 'points' as const, names: [name], times: Float64Array.of(now - age), values: Float64Array.of(value) };
    await model.appendPoints(batch, now);
    const id = reader.catalogue.get(name);
    writer.applyPoints({ kind: 'points', job: 0, now, ids: Int32Array.of(id), names: id < 0 ? [name] : [], times: batch.times, values: batch.values });
    const ch = writer.commit(); if (ch) reader.apply(ch);
  }
  for (let i = 0; i < 4; i++) { const name = `s${i}.run${run}`; if (!model.lookup(name)) continue;
    for (const age of [100, 290, 3590]) {
      const a = (await reader.fetch([reader.catalogue.get(name)], now - age, now, now))[0]!; const b = (await model.fetch([model.lookup(name)!.id], now - age, now, now))[0]!;
      for (let j = 0; j < b.values.length; j++) if (!Object.is(a.values[j], b.values[j])) { bad++; console.log('run', run, name, age, a.step, 'at', a.start + j * a.step, 'got', a.values[j], 'want', b.values[j], log.filter((l) => (l as any[])[2] === name), log.length, log, writer.table.classes.map((c) => JSON.stringify(c.rings.states))); }
    } }
  await new Promise((r) => setImmediate(r));
}
console.log('bad', bad); await env.root.close(); fs.rmSync(d, { recursive: true });
