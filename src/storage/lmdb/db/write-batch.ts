/**
 * One unit of work: what a commit puts and removes, and what its parts do once that is durable. When
 * the transaction fails nothing of that is done, so every part still has its changes and adds them
 * to the next batch: a failed commit is tried again as a whole.
 */
import type { Binary, RecordCodec, Root } from './database.ts';

export class WriteBatch {
  private readonly parts: (() => void)[] = [];

  put(database: Binary, key: Uint8Array, value: Uint8Array): void {
    database.putSync(key, value);
  }

  remove(database: Binary, key: Uint8Array): void {
    database.removeSync(key);
  }

  /** Puts all that changed, removes what is undefined; the changes are cleared once committed. */
  putChanges<Key, Value>(
    database: Binary,
    codec: RecordCodec<Key, Value>,
    changes: Map<Key, Value | undefined>,
  ): void {
    for (const [key, value] of changes) {
      if (value === undefined) this.remove(database, codec.key(key));
      else this.put(database, codec.key(key), codec.encode(key, value));
    }
    this.onCommitted(() => changes.clear());
  }

  /** In the order in which they were added. */
  onCommitted(part: () => void): void {
    this.parts.push(part);
  }

  /** Called once, when everything is durable. */
  committed(): void {
    for (const part of this.parts) part();
  }
}

/** Commits what `fill` adds to a batch, and answers what it does; throws when the disk refuses. */
export function commitBatch<Result>(
  { root }: { root: Root },
  fill: (batch: WriteBatch) => Result,
): Result {
  const batch = new WriteBatch();
  const result = root.transactionSync(() => fill(batch));
  batch.committed();
  return result;
}
