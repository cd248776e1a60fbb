/** A data folder that an older tallyd wrote, format 1, and what it must answer. */
import fs from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { SeriesInfo } from '../../src/storage/roles.ts';

const FIXTURES = new URL('fixtures/', import.meta.url);

export interface Answers {
  now: number;
  series: {
    name: string;
    info: SeriesInfo;
    answers: { from: number; until: number; start: number; step: number; values: number[] }[];
  }[];
}

/** Puts the data file into a folder. */
export function unpackFormat1(dataDir: string): Answers {
  const read = (file: string): Buffer => gunzipSync(fs.readFileSync(new URL(file, FIXTURES)));
  fs.writeFileSync(path.join(dataDir, 'data.mdb'), read('format-1.mdb.gz'));
  return JSON.parse(read('format-1.json.gz').toString()) as Answers;
}
