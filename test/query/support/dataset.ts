/**
 * The recorded data set (test/conformance/graphite/dataset) in a store, its archives as they are,
 * and its events. Evaluation runs against it without HTTP.
 */
import { readFileSync } from 'node:fs';
import type { EventProvider } from '../../../src/query/evaluate/evaluate.ts';
import { MemoryStore } from '../../model/memory-store.ts';
import type { AggregationMethod } from '../../../src/storage/retention/archives.ts';
import { DEFAULT_RULES } from '../../../src/storage/retention/default-rules.ts';
import type { Store } from '../../../src/storage/roles.ts';
import { GRAPHITE_DATA } from '../../support/golden.ts';

/** The clock at which the answers were recorded. */
export const NOW = 1_700_000_000;

interface DatasetSeries {
  name: string;
  aggregationMethod: AggregationMethod;
  xFilesFactor: number;
  archives: { step: number; points: number; data: [number, number][] }[];
}

export async function datasetStore(): Promise<Store> {
  const store = new MemoryStore(DEFAULT_RULES);
  for (const line of readData('archives.jsonl').split('\n')) {
    if (line === '') continue;
    const { archives, ...series } = JSON.parse(line) as DatasetSeries;
    const info = { ...series, archives: archives.map(({ step, points }) => ({ step, points })) };
    const imported = archives.map(({ step, data }) => ({
      step,
      times: Float64Array.from(data, ([time]) => time),
      values: Float64Array.from(data, ([, value]) => value),
    }));
    await store.importSeries(info, imported);
  }
  return store;
}

interface DatasetEvent {
  when: number;
  tags?: string | string[];
}

export function datasetEvents(): EventProvider {
  const events = (JSON.parse(readData('events.json')) as DatasetEvent[]).map(({ when, tags }) => ({
    when,
    tags: typeof tags === 'string' ? tags.split(' ') : (tags ?? []),
  }));
  return (wanted, from, until) =>
    events
      .filter(({ when }) => when >= from && when <= until)
      .filter(({ tags }) => wanted.every((tag) => tag === '*' || tags.includes(tag)))
      .sort((a, b) => a.when - b.when);
}

function readData(file: string): string {
  return readFileSync(new URL(`dataset/${file}`, GRAPHITE_DATA), 'utf8');
}
