/**
 * One sample into its metric, whatever its kind: what statsd-fast-path.ts does in place for the commonest
 * lines. A timer gets its cell with the first value of an epoch.
 */
import { ANY_NUMBERS } from '../../config/dialects.ts';
import { EXACT_MAX, isExactSum, isFiniteAt, isFiniteNumber } from '../../lib/admitted.ts';
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

/** A constant of this file is one of its code; an imported one is looked up. */
const SUM_MAX = EXACT_MAX;

/** What became of a sample. */
export const TAKEN = 0;
/** Taken, and its sum is not exact any more. */
export const TAKEN_INEXACT = 1;
/** Taken as StatsD does it, and what comes of it is no number that could be stored. */
const TAKEN_INFINITE = 2;
/** Refused: the sum would be none. */
export const SUM_TOO_LARGE = 3;

export class SampleStore {
  private readonly metrics: Metrics;
  private readonly member = new NameWriter();
  private memberView = littleEndianView(this.member.bytes);

  constructor(metrics: Metrics) {
    this.metrics = metrics;
  }

  /** Adds the cursor's sample to the metric; what became of it. */
  apply(cursor: Cursor, id: number): number {
    const { metrics } = this;
    const { epoch, names } = metrics;
    switch (cursor.kind) {
      case KIND_COUNTER:
        return this.count(cursor, id);
      case KIND_TIMER:
        return this.time(cursor, id);
      case KIND_GAUGE: {
        if (!writeGauge(metrics, id, cursor)) return SUM_TOO_LARGE;
        return isFiniteAt(names.doubles, metrics.valueIndex(id, epoch)) ? TAKEN : TAKEN_INFINITE;
      }
      default:
        this.addMember(cursor, id);
        return TAKEN;
    }
  }

  private count({ numbers, traits }: Cursor, id: number): number {
    const { epoch, names } = this.metrics;
    const { doubles } = names;
    const index = id * (RECORD_WORDS / 2) + DOUBLE_VALUES + (epoch & 1);
    const value = numbers[VALUE]! * numbers[WEIGHT]!;
    let sum = doubles[index]! + value;
    let result = TAKEN;
    if (!(Math.abs(sum) < SUM_MAX)) {
      // StatsD starts anew where it finds NaN, which `0|c|@0` leaves behind.
      if (Number.isNaN(doubles[index]!)) sum = value;
      result = oddity(isExactSum(sum), isFiniteNumber(sum));
      if (result === TAKEN_INFINITE && (traits & ANY_NUMBERS) === 0) return SUM_TOO_LARGE;
    }
    doubles[index] = sum;
    names.words[id * RECORD_WORDS + WORD_STATE + (epoch & 1)] = epoch;
    return result;
  }

  private time({ numbers, traits, weighted }: Cursor, id: number): number {
    const { epoch, names, timers } = this.metrics;
    const { doubles, words } = names;
    const index = id * (RECORD_WORDS / 2) + DOUBLE_VALUES + (epoch & 1);
    const weight = numbers[WEIGHT]!;
    const count = doubles[index]! + weight;
    const isExact = Math.abs(count) < SUM_MAX;
    if (!isExact && (traits & ANY_NUMBERS) === 0) return SUM_TOO_LARGE;
    doubles[index] = count;
    const state = id * RECORD_WORDS + WORD_STATE + (epoch & 1);
    let cell = words[state]!;
    if (cell === NO_CELL) {
      cell = timers.take(id);
      words[state] = cell;
      words[id * RECORD_WORDS + WORD_ONE] = epoch;
    }
    const isFinite = isFiniteAt(numbers, VALUE) && isFiniteAt(doubles, index);
    if (weighted && weight !== 1) timers.addWeighted(cell, numbers, VALUE, WEIGHT);
    else timers.add(cell, numbers, VALUE);
    return isExact && isFinite ? TAKEN : oddity(isExact, isFinite);
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

/** What is told of a sample that was taken. */
function oddity(isExact: boolean, isFinite: boolean): number {
  if (!isFinite) return TAKEN_INFINITE;
  return isExact ? TAKEN : TAKEN_INEXACT;
}
