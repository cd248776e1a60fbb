/**
 * Writes a .wsp file (format.ts) that whisper's own tools, carbon and graphite-web read: in full
 * size, with every archive's oldest point in slot 0. Called by `export whisper`.
 */
import assert from 'node:assert/strict';
import type { Archive } from '../retention/archives.ts';
import { validateArchives } from '../retention/retentions.ts';
import type { ImportedArchive } from '../roles.ts';
import {
  ARCHIVE_BYTES,
  HEADER_BYTES,
  METHOD_NUMBERS,
  SLOT_BYTES,
  type WhisperSeries,
} from './format.ts';

/** Size of the file in bytes: fixed by its retentions. */
function whisperBytes(archives: readonly Archive[]): number {
  return archives.reduce(
    (sum, { points }) => sum + ARCHIVE_BYTES + points * SLOT_BYTES,
    HEADER_BYTES,
  );
}

/** The bytes of a file. Points that the ring has no room for, and NaN, are left out. */
export function writeWhisper(series: WhisperSeries): Uint8Array {
  const { archives, data } = series;
  assert.deepEqual(validateArchives(archives), []);
  assert.equal(data.length, archives.length);
  const bytes = new Uint8Array(whisperBytes(archives));
  const view = new DataView(bytes.buffer);
  const longest = archives.at(-1)!; // validated: at least one
  view.setUint32(0, METHOD_NUMBERS.indexOf(series.aggregationMethod) + 1);
  view.setUint32(4, longest.step * longest.points);
  view.setFloat32(8, series.xFilesFactor);
  view.setUint32(12, archives.length);
  let offset = HEADER_BYTES + archives.length * ARCHIVE_BYTES;
  for (const [i, archive] of archives.entries()) {
    const at = HEADER_BYTES + i * ARCHIVE_BYTES;
    view.setUint32(at, offset);
    view.setUint32(at + 4, archive.step);
    view.setUint32(at + 8, archive.points);
    writeRing(view, offset, archive, data[i]!); // same length as archives
    offset += archive.points * SLOT_BYTES;
  }
  return bytes;
}

function writeRing(
  view: DataView,
  offset: number,
  { step, points }: Archive,
  { times, values }: ImportedArchive,
): void {
  const newest = times.at(-1) ?? 0;
  let origin = 0;
  for (let i = 0; i < times.length; i++) {
    const time = times[i]!; // i < length
    const value = values[i]!;
    assert.equal(time % step, 0);
    if (time <= newest - step * points || Number.isNaN(value)) continue;
    if (origin === 0) origin = time;
    const at = offset + ((time - origin) / step) * SLOT_BYTES;
    view.setUint32(at, time);
    view.setFloat64(at + 4, value);
  }
}
