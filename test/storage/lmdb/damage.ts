/** Damages records in an open environment, as a failing disk would. */
import type { Environment } from '../../../src/storage/lmdb/db/environment.ts';

export class ClassRecords {
  private readonly environment: Environment;

  constructor(environment: Environment) {
    this.environment = environment;
  }

  /**
   * Flips a bit of the first record of a database, at a position from its start or, when negative,
   * from its end; false when there is no record.
   */
  flipFirst(database: 'rows' | 'chunks' | 'names', position: number): boolean {
    for (const { key, value } of this.environment[database].getRange({ limit: 1 })) {
      const damaged = Uint8Array.from(value);
      damaged[position < 0 ? damaged.length + position : position]! ^= 4;
      this.environment[database].putSync(Uint8Array.from(key), damaged);
      return true;
    }
    return false;
  }
}
