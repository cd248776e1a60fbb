/**
 * The last word on who writes. Record `owner` of database `meta` says who committed last, and how
 * often. Each commit reads it within its own transaction and raises it: an owner that was suspended
 * while another took the folder over finds what the other wrote, and ends without a write.
 */
import { UserError } from '../../../lib/errors.ts';
import type { Environment } from '../db/environment.ts';
import { type Committer, putCommitter, readCommitter } from '../db/meta.ts';
import type { WriteBatch } from '../db/write-batch.ts';

export class Fence {
  private readonly environment: Environment;
  private readonly token: string;
  /** As the last commit left it, ours or whoever's had the folder before. */
  private last: Committer;

  /** To be made before anything else is read that the commits rely on. */
  constructor(environment: Environment, token: string) {
    this.environment = environment;
    this.token = token;
    this.last = readCommitter(environment);
  }

  /** Called within each transaction, before it puts anything. Throws `dataDirTaken`. */
  renew(batch: WriteBatch): void {
    const found = readCommitter(this.environment);
    const isAsLeft = found.token === this.last.token && found.commits === this.last.commits;
    // Ours in any case where a commit was reported as failed and is there nevertheless.
    if (!isAsLeft && found.token !== this.token) {
      throw new UserError(
        'dataDirTaken',
        'another tallyd has taken the data folder over while this one did not move: ' +
          'nothing more is written to it',
      );
    }
    const next = { token: this.token, commits: found.commits + 1 };
    putCommitter(batch, this.environment, next);
    batch.onCommitted(() => (this.last = next));
  }
}
