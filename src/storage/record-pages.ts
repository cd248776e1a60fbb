/** All records of a prefix, however many there are: a page at a time, others run in between. */
import { yieldInOrder } from '../lib/yield-in-order.ts';
import type { RecordStore } from './roles.ts';

/** Pages of about so many bytes, in the order of the keys. */
export async function* recordPages(
  store: RecordStore,
  prefix: string,
  bytes: number,
): AsyncGenerator<ReturnType<RecordStore['recordsAfter']>, void, undefined> {
  for (let after = ''; ;) {
    const page = store.recordsAfter(prefix, after, bytes);
    const last = page.at(-1);
    if (last === undefined) return;
    yield page;
    after = last.key;
    await yieldInOrder();
  }
}
