/**
 * Reads a .wsp file (format.ts) whole: retentions, method, xFilesFactor and every archive with the
 * points that its ring still holds, whatever their age. Called by `import whisper`.
 */
import { UserError } from '../../lib/errors.ts';
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

/** Throws `badFile` with one sentence when the file is damaged. */
export function readWhisper(bytes: Uint8Array): WhisperSeries {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < HEADER_BYTES) {
    throw damaged(`${bytes.length} bytes, expected a header of ${HEADER_BYTES}`);
  }
  const aggregationMethod = METHOD_NUMBERS[view.getUint32(0) - 1];
  if (aggregationMethod === undefined) {
    throw damaged(`aggregation ${view.getUint32(0)}, expected 1 to ${METHOD_NUMBERS.length}`);
  }
  const xFilesFactor = view.getFloat32(8);
  if (!(xFilesFactor >= 0 && xFilesFactor <= 1)) {
    throw damaged(`xFilesFactor ${xFilesFactor}, expected 0 to 1`);
  }
  const placed = readHeaders(view).sort((a, b) => a.archive.step - b.archive.step);
  const archives = placed.map(({ archive }) => archive);
  const [broken] = validateArchives(archives);
  if (broken !== undefined) throw damaged(broken);
  const data = placed.map(({ offset, archive }) => readRing(view, offset, archive));
  return { archives, aggregationMethod, xFilesFactor, data };
}

interface PlacedArchive {
  offset: number;
  archive: Archive;
}

/** The archives and where they start; each must lie behind the headers and within the file. */
function readHeaders(view: DataView): PlacedArchive[] {
  const count = view.getUint32(12);
  const headerEnd = HEADER_BYTES + count * ARCHIVE_BYTES;
  if (count < 1) throw damaged('no archive, expected at least one');
  if (headerEnd > view.byteLength) {
    throw damaged(`${view.byteLength} bytes, expected ${headerEnd} for ${count} archive headers`);
  }
  const placed: PlacedArchive[] = [];
  for (let i = 0; i < count; i++) {
    const at = HEADER_BYTES + i * ARCHIVE_BYTES;
    const offset = view.getUint32(at);
    const archive = { step: view.getUint32(at + 4), points: view.getUint32(at + 8) };
    const end = offset + archive.points * SLOT_BYTES;
    if (offset < headerEnd) throw damaged(`archive ${i + 1} starts at ${offset}, in the headers`);
    if (end > view.byteLength) {
      throw damaged(`${view.byteLength} bytes, expected ${end} for archive ${i + 1}: cut short`);
    }
    placed.push({ offset, archive });
  }
  return placed;
}

/** The points of one ring's last lap in order of time, as whisper would return them. */
function readRing(view: DataView, offset: number, { step, points }: Archive): ImportedArchive {
  const origin = view.getUint32(offset);
  const valid = (slot: number, time: number): boolean =>
    time > 0 && time % step === 0 && mod((time - origin) / step, points) === slot;
  let newest = 0;
  if (origin !== 0 && origin % step === 0) {
    for (let slot = 0; slot < points; slot++) {
      const time = view.getUint32(offset + slot * SLOT_BYTES);
      if (time > newest && valid(slot, time)) newest = time;
    }
  }
  const times = new Float64Array(newest > 0 ? points : 0);
  const values = new Float64Array(times.length);
  let count = 0;
  const last = mod((newest - origin) / step, points);
  for (let i = 1; i <= times.length; i++) {
    const at = offset + ((last + i) % points) * SLOT_BYTES;
    const time = view.getUint32(at);
    const value = view.getFloat64(at + 4);
    if (time !== newest - (points - i) * step || Number.isNaN(value)) continue;
    times[count] = time;
    values[count] = value;
    count += 1;
  }
  return { step, times: times.slice(0, count), values: values.slice(0, count) };
}

function mod(value: number, by: number): number {
  return ((value % by) + by) % by;
}

function damaged(sentence: string): UserError {
  return new UserError('badFile', `not a whisper file: ${sentence}`);
}
