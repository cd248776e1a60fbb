/** The server that tests of the page look at: the model store with an hour of points up to now. */
import type { HttpDeps } from '../../src/http/http-deps.ts';
import { testServer, type TestServer } from '../http/client.ts';
import type { MemoryStore } from '../model/memory-store.ts';
import { modelStore } from '../model/model-store.ts';
import { points } from '../support/points.ts';

const STEP = 10;
const COUNT = 360;

export const nowSeconds = (): number => Math.floor(Date.now() / 1000);

/** `values` gives each series its value at the i-th of 360 points, 10 s apart. */
export async function pageServer(
  values: Record<string, (i: number) => number>,
  changes: Partial<HttpDeps> = {},
): Promise<TestServer & { store: MemoryStore }> {
  const store = modelStore();
  const newest = nowSeconds() - (nowSeconds() % STEP);
  for (const [name, valueOf] of Object.entries(values)) {
    const times = Array.from({ length: COUNT }, (_, i) => newest - (COUNT - 1 - i) * STEP);
    const names = times.map(() => name);
    await store.append(
      points(
        names,
        times,
        times.map((_, i) => valueOf(i)),
      ),
      newest,
    );
  }
  const server = await testServer(store, { nowSeconds, timeZone: 'UTC', ...changes });
  return { ...server, store };
}
