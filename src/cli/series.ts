/**
 * `tallyd series find|info|fetch|dump|fill|merge|diff|delete|rename|retain`: whisper's tools, over
 * the store, while the server runs or not. One file a verb; the two that copy share one.
 */
import type { Command } from 'commander';
import { addSeriesDelete } from './series-delete.ts';
import { addSeriesDiff } from './series-diff.ts';
import { addSeriesDump } from './series-dump.ts';
import { addSeriesFetch } from './series-fetch.ts';
import { addSeriesCopies } from './series-fill.ts';
import { addSeriesFind } from './series-find.ts';
import { addSeriesInfo } from './series-info.ts';
import { addSeriesRename } from './series-rename.ts';
import { addSeriesRetain } from './series-retain.ts';

export function addSeries(program: Command): void {
  const series = program
    .command('series')
    .description(
      'List, read, copy, compare, delete and rename series, also while the server runs.',
    );
  addSeriesFind(series);
  addSeriesInfo(series);
  addSeriesFetch(series);
  addSeriesDump(series);
  addSeriesCopies(series);
  addSeriesDiff(series);
  addSeriesDelete(series);
  addSeriesRename(series);
  addSeriesRetain(series);
}
