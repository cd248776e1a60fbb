/**
 * One sample into its metric, whatever its kind: what statsd-fast-path.ts does in place for the commonest
 * lines. A timer gets its cell with the first value of an epoch.
 */
import {
  type Cursor,
  KIND_COUNTER,
  KIND_GAUGE,
  KIND_TIMER,
  VALUE,
  WEIGHT,
} from '../protocol/cursor.ts';
import { isAscii, NameWriter, putDecoded } from '../protocol/statsd/sanitize.ts';
import { littleEndianView } from '../protocol/words.ts';
import { writeGauge } from './gauge.ts';
import type { Metrics } from './metrics.ts';
import { DOUBLE_VALUES, RECORD_WORDS, WORD_ONE, WORD_STATE } from './name-table.ts';
import { NO_ROOM_MEMBER } from './rejected-series.ts';
import { MEMBER_NEW, MEMBER_REJECTED } from './set.ts';
import { NO_CELL } from './timer.ts';

export class SampleStore {
  private readonly metrics: Metrics;
  private readonly member = new NameWriter();
  private memberView = littleEndianView(this.member.bytes);

  constructor(metrics: Metrics) {
    this.metrics = metrics;
  }

  /** Adds the cursor's sample to the metric. */
  apply(cursor: Cursor, id: number): void {
    const { metrics } = this;
    const { epoch, names } = metrics;
    const { numbers } = cursor;
    const record = id * RECORD_WORDS;
    const side = epoch & 1;
    switch (cursor.kind) {
      case KIND_COUNTER: {
        const index = id * (RECORD_WORDS / 2) + DOUBLE_VALUES + side;
        const sum = names.doubles[index]!;
        // StatsD starts anew where it finds NaN, which `0|c|@0` leaves behind.
        names.doubles[index] = (Number.isNaN(sum) ? 0 : sum) + numbers[VALUE]! * numbers[WEIGHT]!;
        names.words[record + WORD_STATE + side] = epoch;
        break;
      }
      case KIND_TIMER: {
        names.doubles[id * (RECORD_WORDS / 2) + DOUBLE_VALUES + side]! += numbers[WEIGHT]!;
        let cell = names.words[record + WORD_STATE + side]!;
        if (cell === NO_CELL) {
          cell = metrics.timers.take(id);
          names.words[record + WORD_STATE + side] = cell;
          names.words[record + WORD_ONE] = epoch;
        }
        if (cursor.weighted && numbers[WEIGHT]! !== 1) {
          metrics.timers.addWeighted(cell, numbers, VALUE, WEIGHT);
        } else metrics.timers.add(cell, numbers, VALUE);
        break;
      }
      case KIND_GAUGE:
        writeGauge(metrics, id, cursor);
        break;
      default:
        this.addMember(cursor, id);
    }
  }

  /** An empty member is StatsD's "0"; broken UTF-8 counts as decoded. */
  private addMember(cursor: Cursor, id: number): void {
    const { metrics, member } = this;
    const { epoch, names } = metrics;
    const side = epoch & 1;
    const index = metrics.valueIndex(id, epoch);
    const mayAdd = names.doubles[index]! < metrics.config.maxSetMembers;
    const { memberFrom, memberTo } = cursor;
    let result: number;
    if (memberFrom < memberTo && isAscii(cursor.bytes, memberFrom, memberTo)) {
      const length = memberTo - memberFrom;
      result = metrics.members[side]!.add(id, cursor.view, memberFrom, length, mayAdd);
    } else {
      member.start(3 * (memberTo - memberFrom) + 1);
      if (memberFrom === memberTo) member.put(0x30);
      else putDecoded(member, cursor.bytes, memberFrom, memberTo);
      if (this.memberView.buffer !== member.bytes.buffer) {
        this.memberView = littleEndianView(member.bytes);
      }
      result = metrics.members[side]!.add(id, this.memberView, 0, member.length, mayAdd);
    }
    names.words[id * RECORD_WORDS + WORD_STATE + side] = epoch;
    if (result === MEMBER_NEW) names.doubles[index]! += 1;
    else if (result === MEMBER_REJECTED) metrics.reject(id, NO_ROOM_MEMBER);
  }
}
