/**
 * A server that holds the recorded data set (test/conformance/graphite/dataset), loaded as LOAD.md
 * says: finished archives as they are, events posted in order. For the goldens and the fuzz test.
 */
import { readFileSync } from 'node:fs';
import type { HttpDeps } from '../../src/http/server.ts';
import { MemoryStore } from '../model/memory-store.ts';
import { DEFAULT_RULES } from '../../src/storage/retention/default-rules.ts';
import type { AggregationMethod } from '../../src/storage/retention/archives.ts';
import { GRAPHITE_DATA } from '../support/golden.ts';
import { testServer, type TestServer } from './client.ts';

interface DatasetSeries {
  name: string;
  aggregationMethod: AggregationMethod;
  xFilesFactor: number;
  archives: { step: number; points: number; data: [number, number][] }[];
}

export async function goldenServer(changes: Partial<HttpDeps> = {}): Promise<TestServer> {
  const store = new MemoryStore(DEFAULT_RULES);
  for (const line of dataset('archives.jsonl').split('\n')) {
    if (line === '') continue;
    const { name, aggregationMethod, xFilesFactor, archives } = JSON.parse(line) as DatasetSeries;
    await store.importSeries(
      {
        name,
        aggregationMethod,
        xFilesFactor,
        archives: archives.map(({ step, points }) => ({ step, points })),
      },
      archives.map(({ step, data }) => ({
        step,
        times: Float64Array.from(data, ([time]) => time),
        values: Float64Array.from(data, ([, value]) => value),
      })),
    );
  }
  const server = await testServer(store, changes);
  for (const event of JSON.parse(dataset('events.json')) as object[]) {
    const { status } = await server.ask('/events/', {
      body: JSON.stringify(event),
      headers: { 'content-type': 'application/json' },
    });
    if (status !== 200) throw new Error(`event refused: ${status}`);
  }
  return server;
}

function dataset(file: string): string {
  return readFileSync(new URL(`dataset/${file}`, GRAPHITE_DATA), 'utf8');
}
