/**
 * From a name and its tags as they came to the metric's id: written in the form in which names are
 * kept, looked up, made when it is not there and nothing is in the way. Asked when a spelling is new
 * (spellings.ts remembers the answer).
 */
import { FULL_NAMES, ROOM } from '../../rejections/prefix-limit.ts';
import type { Cursor } from '../protocol/cursor.ts';
import { NameWriter } from '../protocol/statsd/sanitize.ts';
import { NAME_OK, writeName } from '../protocol/statsd/tags.ts';
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
    const { config, names } = this.metrics;
    const { canonical } = this;
    const result = writeName(canonical, cursor, config.keyNameSanitize, config.maxNameBytes);
    if (result !== NAME_OK) return REJECTED_BAD - result;
    if (canonical.changes !== 0) this.metrics.changedNames.note(canonical.changes, cursor);
    if (this.canonicalView.buffer !== canonical.bytes.buffer) {
      this.canonicalView = littleEndianView(canonical.bytes);
    }
    const view = this.canonicalView;
    const hash = hashWords(view, 0, canonical.length, this.secret);
    const id = names.find(view, 0, canonical.length, hash, cursor.kind);
    if (id !== NONE) return id;
    const { prefixes, sources } = this.metrics;
    const obstacle = prefixes.obstacle(canonical.bytes, 0, canonical.length);
    if (obstacle === FULL_NAMES) return this.reject(NO_ROOM_PREFIX);
    if (obstacle !== ROOM) return this.reject(NO_ROOM_PREFIX_BYTES);
    if (!sources.hasRoom()) return this.reject(NO_ROOM_SOURCE);
    const declared = this.metrics.declare(view, 0, canonical.length, hash, cursor.kind);
    return declared === NONE ? this.reject(NO_ROOM_SERIES) : declared;
  }

  private reject(reason: number): number {
    const { bytes, length } = this.canonical;
    this.metrics.rejected.note(reason, bytes, 0, length);
    return NO_ROOM;
  }
}
