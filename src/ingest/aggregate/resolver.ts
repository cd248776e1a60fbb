/**
 * From a name and its tags as they came to the metric's id: written in the form in which names are
 * kept, looked up, made when it is not there and nothing is in the way. Asked when a spelling is new
 * (spellings.ts remembers the answer).
 */
import { FULL_NAMES, ROOM } from '../../rejections/prefix-limit.ts';
import type { Cursor } from '../protocol/cursor.ts';
import { NameWriter } from '../protocol/statsd/sanitize.ts';
import { isKeptAsSent, NAME_OK, writeName } from '../protocol/statsd/tags.ts';
import { hashWords, littleEndianView } from '../protocol/words.ts';
import type { Metrics } from './metrics.ts';
import { NONE } from './name-table.ts';
import {
  NO_ROOM_PREFIX,
  NO_ROOM_PREFIX_BYTES,
  NO_ROOM_SERIES,
  NO_ROOM_SOURCE,
} from './rejected-series.ts';

/** What `resolve` says beside an id: there is no room for a new name at the moment … */
export const NO_ROOM = -2;
/** … or minus 16 minus the REASON_ for which the name is none. */
export const REJECTED_BAD = -16;

export class Resolver {
  private readonly metrics: Metrics;
  private readonly secret: number;
  private readonly canonical = new NameWriter();
  private canonicalView = littleEndianView(this.canonical.bytes);

  constructor(metrics: Metrics, secret: number) {
    this.metrics = metrics;
    this.secret = secret;
  }

  /** The id of the cursor's metric, made if need be; NO_ROOM, or REJECTED_BAD - reason. */
  resolve(cursor: Cursor): number {
    const { config } = this.metrics;
    const { canonical } = this;
    const { bytes, nameFrom, nameTo } = cursor;
    const hasTags = cursor.tagsFrom < cursor.tagsTo;
    if (!hasTags && nameTo - nameFrom <= config.maxNameBytes) {
      if (isKeptAsSent(bytes, nameFrom, nameTo)) {
        return this.find(bytes, cursor.view, nameFrom, nameTo, cursor.kind);
      }
    }
    const result = writeName(canonical, cursor, config.keyNameSanitize, config.maxNameBytes);
    if (result !== NAME_OK) return REJECTED_BAD - result;
    if (canonical.changes !== 0) this.metrics.changedNames.note(canonical.changes, cursor);
    if (this.canonicalView.buffer !== canonical.bytes.buffer) {
      this.canonicalView = littleEndianView(canonical.bytes);
    }
    return this.find(canonical.bytes, this.canonicalView, 0, canonical.length, cursor.kind);
  }

  /** The id of a name in the form in which it is kept. */
  private find(bytes: Uint8Array, view: DataView, from: number, to: number, kind: number): number {
    const { names, prefixes, sources } = this.metrics;
    const length = to - from;
    const hash = hashWords(view, from, length, this.secret);
    const id = names.find(view, from, length, hash, kind);
    if (id !== NONE) return id;
    const obstacle = prefixes.obstacle(bytes, from, to);
    if (obstacle !== ROOM) {
      const reason = obstacle === FULL_NAMES ? NO_ROOM_PREFIX : NO_ROOM_PREFIX_BYTES;
      return this.reject(reason, bytes, from, length);
    }
    if (!sources.hasRoom()) return this.reject(NO_ROOM_SOURCE, bytes, from, length);
    const declared = this.metrics.declare(view, from, length, hash, kind);
    return declared === NONE ? this.reject(NO_ROOM_SERIES, bytes, from, length) : declared;
  }

  private reject(reason: number, bytes: Uint8Array, from: number, length: number): number {
    this.metrics.rejected.note(reason, bytes, from, length);
    return NO_ROOM;
  }
}
