/**
 * The one cursor that a parser fills and the aggregator reads: where the name and the tags are,
 * what kind of sample follows them. Doubles go through `numbers`, because a double in a field, an
 * argument or a return value of a function that is not inlined costs an allocation.
 *
 *     api.hits:3|c|@0.1|#region:eu
 *     ^-------^         ^-------^
 *     nameFrom nameTo   tagsFrom tagsTo        numbers[VALUE] = 3, numbers[WEIGHT] = 10
 */
import { TRAITS } from '../../config/dialects.ts';
import { littleEndianView } from './words.ts';

export const KIND_COUNTER = 0;
export const KIND_TIMER = 1;
export const KIND_GAUGE = 2;
export const KIND_SET = 3;

/** `Cursor.metric` until a sample of the line found its own. */
export const NO_METRIC = -1;

/** Slots of `Cursor.numbers`. */
export const VALUE = 0;
/** 1 / sample rate. */
export const WEIGHT = 1;
/** Epoch seconds of the sample's `T` field, 0 without one. */
export const TIME = 2;

/** Why a sample is rejected: an index into `LINE_REASONS`. */
export const REASON_NO_TYPE = 0;
export const REASON_VALUE = 1;
export const REASON_NEGATIVE = 2;
export const REASON_RATE = 3;
export const REASON_TYPE = 4;
export const REASON_NAME = 5;
export const REASON_NAME_TOO_LONG = 6;
export const REASON_TAGS = 7;
export const REASON_TIMESTAMP = 8;
export const REASON_EVENT = 9;
export const REASON_CHECK = 10;
export const REASON_FIELD = 11;
export const REASON_FUTURE = 12;
export const REASON_TIMED_TYPE = 13;
export const REASON_COLON = 14;
export const REASON_SUM = 15;

export const LINE_REASONS = [
  'noType',
  'badValue',
  'negativeTimer',
  'badRate',
  'badType',
  'emptyName',
  'nameTooLong',
  'tooManyTags',
  'badTimestamp',
  'badEvent',
  'badCheck',
  'badField',
  'inFuture',
  'timestampOnType',
  'colonInName',
  'sumTooLarge',
] as const;

/**
 * What a reader says of a line that is one name, values, and what stands behind them: that its values
 * decide, whatever they are. Where such a line is rejected whatever its values are, it says the reason;
 * of any other line that nothing can be remembered of it.
 */
export const BY_VALUES = -1;
export const NOT_REMEMBERED = -2;

/** Receives what a parser reads: each sample, rejected sample, event and service check. */
export interface SampleSink {
  sample(cursor: Cursor): void;
  reject(cursor: Cursor, reason: number): void;
  event(cursor: Cursor): void;
  check(cursor: Cursor): void;
}

export class Cursor {
  bytes: Uint8Array = new Uint8Array(8);
  view: DataView = littleEndianView(this.bytes);
  /** Code of the dialect that the line is read in, and its traits: `config/dialects.ts`. */
  dialect = 0;
  traits = TRAITS[0]!;

  lineFrom = 0;
  lineTo = 0;
  nameFrom = 0;
  nameTo = 0;
  /** Without the leading '#'; from === to when there are none. */
  tagsFrom = 0;
  tagsTo = 0;
  kind = KIND_COUNTER;
  /**
   * Of the line's last sample, where it is known: others of that kind belong to it as well. Below
   * NO_METRIC: why there is none.
   */
  metric = NO_METRIC;
  metricKind = KIND_COUNTER;
  /** Gauge: add to the stored value. */
  relative = false;
  /** Timer: its sample rate weighs its values, not their count alone. */
  weighted = false;
  /** Timer: a value below zero is rejected. */
  unsigned = false;
  /** Set: the member's bytes. */
  memberFrom = 0;
  memberTo = 0;
  /**
   * The sample's value, type and further fields as written, for explanations. An event has its
   * title, text and fields here; a service check its status, nothing and its fields.
   */
  valueFrom = 0;
  valueTo = 0;
  typeFrom = 0;
  typeTo = 0;
  fieldsFrom = 0;
  fieldsTo = 0;
  readonly numbers = new Float64Array(3);
  /** For a reader's own use: what it will say of the line. */
  outcome = NOT_REMEMBERED;

  setDialect(code: number): void {
    this.dialect = code;
    this.traits = TRAITS[code]!;
  }

  /** Points the cursor at a packet. `bytes` must be readable 8 bytes past the packet's end. */
  attach(bytes: Uint8Array): void {
    if (this.bytes === bytes) return;
    this.bytes = bytes;
    this.view = littleEndianView(bytes);
  }
}
