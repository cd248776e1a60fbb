/**
 * The other end of what was received: a real store in a folder of its own. All that goes in has an
 * outcome that is counted, each sketch decodes to what it was, and values are read back as sent.
 */
import { DEFAULT_CONFIG } from '../../src/config/load.ts';
import type { AggregationConfig } from '../../src/config/config.ts';
import { eventLogOf } from '../../src/intake/event-log.ts';
import { EventsAndChecks } from '../../src/intake/events-and-checks.ts';
import { UserError } from '../../src/lib/errors.ts';
import { decodeSketch, encodeSketch } from '../../src/sketch/codec.ts';
import {
  decodeDistinct,
  DISTINCT_VERSION,
  encodeDistinct,
} from '../../src/sketch/distinct-codec.ts';
import type { LmdbStore } from '../../src/storage/lmdb/lmdb-store.ts';
import type { EventOrCheck } from '../../src/wire/ingest-messages.ts';
import { eachBytes } from '../../src/wire/packed-strings.ts';
import {
  emptyReport,
  type FlushBatch,
  type SampleBatch,
  type SampleCounts,
} from '../../src/wire/sample-batch.ts';
import { canonicalName } from '../../src/wire/series-name.ts';
import type { Dice } from './kind.ts';

/** Series of a flush that are read back. */
const READ_BACK = 40;

export class Stored {
  readonly faults: string[] = [];
  readonly totals: SampleCounts = emptyReport();
  private readonly store: LmdbStore;
  private readonly notices: EventsAndChecks;
  private readonly dice: Dice;

  constructor(store: LmdbStore, config: AggregationConfig, dice: Dice) {
    this.store = store;
    this.dice = dice;
    const log = eventLogOf(store);
    log.keeping = DEFAULT_CONFIG.events;
    this.notices = new EventsAndChecks(store, log, config.namespace);
  }

  async put(batch: SampleBatch, now: number): Promise<SampleCounts> {
    const report = await this.store.append(batch, now);
    let sum = 0;
    for (const reason of Object.keys(this.totals) as (keyof SampleCounts)[]) {
      this.totals[reason] += report[reason];
      sum += report[reason];
    }
    const { length } = batch.refs;
    if (sum !== length) this.faults.push(`${length} samples, ${JSON.stringify(report)}`);
    return report;
  }

  async flush(batch: FlushBatch, nameOf: (ref: number) => string): Promise<void> {
    this.checkSketches(batch);
    const report = await this.put(batch, batch.times);
    await this.readBack(batch, nameOf, report.overLimit > 0);
    const { corruptRecords } = this.store.health() as { corruptRecords: number };
    if (corruptRecords > 0) this.faults.push(`${corruptRecords} corrupt records`);
  }

  async take(notices: readonly EventOrCheck[], now: number): Promise<void> {
    try {
      await this.notices.take(notices, now);
    } catch (error) {
      const counted = this.notices.rejections().some(({ count }) => count > 0);
      if (!(error instanceof UserError) || !counted) this.faults.push(String(error));
    }
  }

  /** All sketches that were stored, as a request reads them. */
  async readSketches(now: number): Promise<void> {
    const known = this.store.findSketched('**', { limit: Infinity });
    const ids = known.map(({ id }) => id);
    for (const found of await this.store.fetchSketches(ids, now - 3600, now, now)) {
      for (const bytes of found?.sketches ?? []) if (bytes !== undefined) this.checkSketch(bytes);
    }
  }

  private checkSketches({ sketches }: FlushBatch): void {
    if (sketches === undefined) return;
    eachBytes(sketches.bytes, (bytes) => this.checkSketch(bytes));
  }

  private checkSketch(bytes: Uint8Array): void {
    try {
      const again =
        bytes[0] === DISTINCT_VERSION
          ? encodeDistinct(decodeDistinct(bytes))
          : encodeSketch(decodeSketch(bytes));
      if (Buffer.compare(again, bytes) === 0) return;
      this.faults.push(`a sketch is another one when written again: ${hex(bytes)}, ${hex(again)}`);
    } catch (error) {
      this.faults.push(`a sketch cannot be read, ${String(error)}: ${hex(bytes)}`);
    }
  }

  private async readBack(
    { refs, values, times }: FlushBatch,
    nameOf: (ref: number) => string,
    hasRefused: boolean,
  ): Promise<void> {
    if (refs.length === 0) return;
    const forms = Array.from(refs, (ref) => canonicalName(nameOf(ref)));
    const counts = new Map<string | undefined, number>();
    for (const form of forms) counts.set(form, (counts.get(form) ?? 0) + 1);
    for (let i = 0; i < READ_BACK; i++) {
      const at = this.dice.whole(refs.length);
      const form = forms[at];
      // Two that are one series join; what has no form was refused and counted.
      if (form === undefined || counts.get(form) !== 1 || !Number.isFinite(values[at]!)) continue;
      const id = this.store.lookup(form)?.id;
      if (id === undefined) {
        if (!hasRefused) this.faults.push(`${JSON.stringify(form)} is not found`);
        continue;
      }
      const [found] = await this.store.fetch([id], times - 10, times, times);
      const value = found?.values[0];
      if (value === values[at]) continue;
      this.faults.push(`${JSON.stringify(form)}: ${values[at]} stored, ${value} read`);
    }
  }
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex').slice(0, 200);
}
