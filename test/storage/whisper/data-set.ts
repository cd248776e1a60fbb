/** The data set of test/conformance/graphite: its whisper tree, and what is in each archive. */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const DATA_SET = fileURLToPath(new URL('../../conformance/graphite/dataset/', import.meta.url));

export interface RecordedSeries {
  name: string;
  aggregationMethod: string;
  xFilesFactor: number;
  archives: { step: number; points: number; retention: number; data: [number, number][] }[];
}

export function recordedSeries(): RecordedSeries[] {
  const text = fs.readFileSync(path.join(DATA_SET, 'archives.jsonl'), 'utf8');
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as RecordedSeries);
}

/** Unpacks the tree into a temporary folder; the caller removes it. */
export function unpackWhisperTree(): { folder: string; tree: string } {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tallyd-whisper-'));
  execFileSync('tar', ['-xzf', path.join(DATA_SET, 'whisper.tar.gz'), '-C', folder]);
  return { folder, tree: path.join(folder, 'whisper') };
}
