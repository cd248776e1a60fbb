/**
 * Gauges: the last value stays and is sent for ever, unless `deleteGauges` lets it live for
 * `gaugesMaxTTL` flushes after its last write. A relative value (`+5`) adds to the stored one, but
 * sets it when that is absent, 0 or NaN, as in StatsD, or is Infinity, which only StatsD adds to.
 */
import { ANY_NUMBERS } from '../../config/dialects.ts';
import { isFiniteAt } from '../../lib/admitted.ts';
import { type Cursor, VALUE } from '../protocol/cursor.ts';
import { FLAG_DORMANT, type Metrics } from './metrics.ts';
import { DOUBLE_VALUES, RECORD_WORDS, WORD_ONE, WORD_STATE } from './name-table.ts';

const sum = new Float64Array(1);

/** False when the changed value would be beyond a double; it stays as it is then. */
export function writeGauge(metrics: Metrics, id: number, cursor: Cursor): boolean {
  const { epoch, names } = metrics;
  const { words, doubles } = names;
  const record = id * RECORD_WORDS;
  const side = epoch & 1;
  const first = words[record + WORD_STATE + side]! !== epoch;
  const values = id * (RECORD_WORDS / 2) + DOUBLE_VALUES;
  const stored = values + (first ? 1 - side : side);
  if (cursor.relative && mayAdd(metrics, id, stored, first, cursor)) {
    sum[0] = doubles[stored]! + cursor.numbers[VALUE]!;
    if (!isFiniteAt(sum, 0) && (cursor.traits & ANY_NUMBERS) === 0) return false;
    doubles[values + side] = sum[0];
  } else doubles[values + side] = cursor.numbers[VALUE]!;
  if (!first) return true;
  words[record + WORD_ONE] = Math.max(words[record + WORD_STATE]!, words[record + WORD_STATE + 1]!);
  words[record + WORD_STATE + side] = epoch;
  return true;
}

/** Whether there is a value to add to, at `stored`. */
function mayAdd(
  metrics: Metrics,
  id: number,
  stored: number,
  first: boolean,
  { traits }: Cursor,
): boolean {
  const value = metrics.names.doubles[stored]!;
  if (value === 0 || Number.isNaN(value)) return false;
  if ((traits & ANY_NUMBERS) === 0 && !isFiniteAt(metrics.names.doubles, stored)) return false;
  return !first || isStored(metrics, id);
}

/** Whether StatsD would still hold a gauge that has no write in this epoch yet. */
function isStored(metrics: Metrics, id: number): boolean {
  if ((metrics.flags[id]! & FLAG_DORMANT) !== 0) return false;
  return !metrics.config.deleteGauges || !isGaugeExpired(metrics, id, metrics.epoch);
}

/** Whether an idle gauge's time is over in `epoch`, its writes before that epoch considered. */
export function isGaugeExpired(metrics: Metrics, id: number, epoch: number): boolean {
  const { words } = metrics.names;
  const record = id * RECORD_WORDS;
  const here = words[record + WORD_STATE + (epoch & 1)]!;
  const before = words[record + WORD_STATE + ((epoch - 1) & 1)]!;
  // A write in `epoch` itself hides the one two epochs ago; word 1 remembers it.
  const last = Math.max(before, here === epoch ? words[record + WORD_ONE]! : here);
  return epoch - Math.max(last, metrics.gaugesDeletedSince) >= metrics.config.gaugesMaxTTL;
}

/** Brings back a gauge of before a restart: written in the epoch before this one. */
export function restoreGauge(metrics: Metrics, id: number, value: number): void {
  const { names, epoch } = metrics;
  names.doubles[metrics.valueIndex(id, 0)] = value;
  names.doubles[metrics.valueIndex(id, 1)] = value;
  names.words[id * RECORD_WORDS + WORD_STATE + ((epoch - 1) & 1)] = epoch - 1;
}

/** Sets a gauge from outside of any packet, on both sides. */
export function setGauge(metrics: Metrics, id: number, value: number): void {
  const { names, epoch } = metrics;
  names.doubles[metrics.valueIndex(id, 0)] = value;
  names.doubles[metrics.valueIndex(id, 1)] = value;
  names.words[id * RECORD_WORDS + WORD_STATE + (epoch & 1)] = epoch;
}
