/**
 * From the name as it came to the metric's id. A name in its kept form is found at once. Any other
 * spelling (blanks, tags behind a bar, unsorted tags …) has an alias after its first time, so that
 * sanitising and sorting happen once per spelling. Aliases are a cache: bounded, the oldest leaves.
 *
 *     names     (kind, canonical name)                          -> metric
 *     aliases   (kind, dialect, name as sent "|#" tags as sent) -> metric, its generation
 */
import { FULL_NAMES, ROOM } from '../../rejections/prefix-limit.ts';
import type { Cursor } from '../protocol/cursor.ts';
import { NameWriter } from '../protocol/statsd/sanitize.ts';
import { NAME_OK, writeName } from '../protocol/statsd/tags.ts';
import { hashWords, littleEndianView } from '../protocol/words.ts';
import type { Metrics } from './metrics.ts';
import { NameTable, NONE, RECORD_WORDS, WORD_STATE } from './name-table.ts';
import {
  NO_ROOM_PREFIX,
  NO_ROOM_PREFIX_BYTES,
  NO_ROOM_SERIES,
  NO_ROOM_SOURCE,
} from './rejected-series.ts';

/** What `resolve` says beside an id. */
const REJECTED = -2;
/** … and minus 16 minus a BAD_ reason. */
export const REJECTED_BAD = -16;

const ALIASES_MAX = 1 << 18;
const ALIAS_BYTES = 64 * 2 ** 20;
/** Longest key of an alias; what is longer is canonicalised every time. */
const KEY_BYTES = 4096;

export class Resolver {
  private readonly metrics: Metrics;
  private readonly secret: number;
  private readonly aliases: NameTable;
  /** Ids of aliases in order of arrival, as a ring. */
  private readonly ring: Int32Array;
  private ringAt = 0;
  private readonly key = new Uint8Array(KEY_BYTES + 16);
  private readonly keyView = littleEndianView(this.key);
  private readonly canonical = new NameWriter();
  private canonicalView = littleEndianView(this.canonical.bytes);

  constructor(metrics: Metrics, secret: number) {
    this.metrics = metrics;
    this.secret = secret;
    const limit = Math.min(ALIASES_MAX, Math.max(1024, metrics.config.maxSeries));
    this.aliases = new NameTable(limit, ALIAS_BYTES, secret);
    this.ring = new Int32Array(limit).fill(NONE);
  }

  get nameBytes(): number {
    return this.aliases.nameBytes;
  }

  /** The id of the cursor's metric, made if need be; REJECTED, or REJECTED_BAD - reason. */
  resolve(cursor: Cursor): number {
    const { kind, nameFrom, nameTo } = cursor;
    if (cursor.tagsFrom === cursor.tagsTo) {
      const id = this.metrics.names.find(
        cursor.view,
        nameFrom,
        nameTo - nameFrom,
        cursor.hash,
        kind,
      );
      if (id !== NONE) return id;
    }
    return this.resolveAlias(cursor);
  }

  private resolveAlias(cursor: Cursor): number {
    const length = this.writeKey(cursor);
    if (length < 0) return this.resolveSlowly(cursor);
    const hash = hashWords(this.keyView, 0, length, this.secret);
    const kind = cursor.kind | 8 | (cursor.dialect << 4);
    const alias = this.aliases.find(this.keyView, 0, length, hash, kind);
    if (alias !== NONE) {
      const state = alias * RECORD_WORDS + WORD_STATE;
      const id = this.aliases.words[state]!;
      if (this.metrics.generations[id] === this.aliases.words[state + 1]!) return id;
    }
    const id = this.resolveSlowly(cursor);
    if (id < 0) return id;
    if (alias !== NONE) this.point(alias, id);
    else if (!this.isSpelledCanonically(cursor)) this.addAlias(length, hash, kind, id);
    return id;
  }

  private addAlias(length: number, hash: number, kind: number, id: number): void {
    const oldest = this.ring[this.ringAt]!;
    if (oldest !== NONE) this.aliases.remove(oldest);
    const alias = this.aliases.add(this.keyView, 0, length, hash, kind);
    this.ring[this.ringAt] = alias;
    this.ringAt = (this.ringAt + 1) % this.ring.length;
    if (alias !== NONE) this.point(alias, id);
  }

  private point(alias: number, id: number): void {
    const state = alias * RECORD_WORDS + WORD_STATE;
    this.aliases.words[state] = id;
    this.aliases.words[state + 1] = this.metrics.generations[id]!;
  }

  private resolveSlowly(cursor: Cursor): number {
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
    return REJECTED;
  }

  private isSpelledCanonically(cursor: Cursor): boolean {
    const { bytes, nameFrom, nameTo } = cursor;
    const { canonical } = this;
    if (cursor.tagsFrom !== cursor.tagsTo || nameTo - nameFrom !== canonical.length) return false;
    for (let i = 0; i < canonical.length; i++) {
      if (bytes[nameFrom + i]! !== canonical.bytes[i]!) return false;
    }
    return true;
  }

  /** Name and tags in one piece; -1 when they are too long for an alias. */
  private writeKey(cursor: Cursor): number {
    const { nameFrom, nameTo, tagsFrom, tagsTo, view } = cursor;
    const nameBytes = nameTo - nameFrom;
    const tagBytes = tagsTo - tagsFrom;
    if (nameBytes + tagBytes + 2 > KEY_BYTES) return NONE;
    const { keyView } = this;
    for (let i = 0; i < nameBytes; i += 4) {
      keyView.setInt32(i, view.getInt32(nameFrom + i, true), true);
    }
    if (tagBytes === 0) return nameBytes;
    keyView.setInt16(nameBytes, 0x237c, true);
    for (let i = 0; i < tagBytes; i += 4) {
      keyView.setInt32(nameBytes + 2 + i, view.getInt32(tagsFrom + i, true), true);
    }
    return nameBytes + 2 + tagBytes;
  }
}
