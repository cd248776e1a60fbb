/**
 * Every question that the embedded store answers without its worker: names are looked up in memory,
 * points, sketches and records read from LMDB.
 */
import type { InSteps } from '../../../lib/in-steps.ts';
import { decodeRecordText, listRecords } from '../db/records.ts';
import type {
  FetchedSketches,
  RecordStore,
  StoreReader,
  StoreView,
  StoreViews,
} from '../../roles.ts';
import { viewStore } from '../../store-view.ts';
import { Reader } from './reader.ts';

export class LmdbStoreReader
  extends Reader
  implements
    StoreReader,
    StoreViews,
    Pick<RecordStore, 'listRecords' | 'getRecord' | 'recordsAfter'>
{
  /** Commits and deletions so far. */
  protected visibleWrites = 0;

  viewing(isVisible: (name: string) => boolean): InSteps<StoreView> {
    const { catalogue: series, sketchedNames: sketched } = this;
    return viewStore({ store: this, series, sketched }, isVisible);
  }

  revision(): number {
    return this.visibleWrites;
  }

  fetchSketches(
    ids: readonly number[],
    from: number,
    until: number,
    now: number,
  ): Promise<(FetchedSketches | undefined)[]> {
    return this.sketches.fetch(ids, from, until, now);
  }

  listRecords(prefix: string): { key: string; text: string }[] {
    return this.recordsAfter(prefix, '', Infinity);
  }

  getRecord(key: string): string | undefined {
    const { records, root } = this.environment;
    root.resetReadTxn();
    const name = Buffer.from(key);
    const value = records.get(name);
    const text = value === undefined ? undefined : decodeRecordText(name, value);
    root.resetReadTxn();
    return text;
  }

  recordsAfter(prefix: string, after: string, bytes: number): { key: string; text: string }[] {
    const { root } = this.environment;
    root.resetReadTxn();
    const found = listRecords(this.environment, prefix, after, bytes);
    root.resetReadTxn();
    return found;
  }
}
