/** Database `record`: any text under any text (events, metadata, dashboards …). */
import { UserError } from '../../../lib/errors.ts';
import type { Binary, RecordCodec } from './database.ts';
import type { Check, DatabaseSpec } from './database-spec.ts';
import { openText, sealText } from './sealed-text.ts';
import { shown, textOf } from './text.ts';

export const RECORD_CODEC: RecordCodec<string, string> = {
  key: (name) => Buffer.from(name),
  encode: (name, text) => sealText(Buffer.from(name), Buffer.from(text)),
};

/** Undefined when the record is damaged. */
export function decodeRecordText(key: Uint8Array, value: Uint8Array): string | undefined {
  const text = openText(key, value);
  return text === undefined ? undefined : textOf(Uint8Array.from(text));
}

/** LMDB's limit on a key, less a byte. */
const KEY_BYTES_MAX = 1977;

/** Throws `badRequest` for a key that is empty or too long. */
export function requireRecordKey(key: string): void {
  const bytes = Buffer.byteLength(key);
  if (bytes > 0 && bytes <= KEY_BYTES_MAX) return;
  throw new UserError('badRequest', `record key of ${bytes} bytes, expected 1 to ${KEY_BYTES_MAX}`);
}

/**
 * Records whose keys begin with `prefix` and stand behind `after`, in the order of their keys, until
 * the texts have so many bytes; one at least, unless there is none. Those that are damaged are left out.
 */
export function listRecords(
  { records }: { records: Binary },
  prefix: string,
  after = '',
  bytes = Infinity,
): { key: string; text: string }[] {
  const found: { key: string; text: string }[] = [];
  let room = bytes;
  const start = Buffer.from(after < prefix ? prefix : after);
  for (const { key, value } of records.getRange({ start })) {
    const name = Buffer.from(key).toString('utf8');
    if (!name.startsWith(prefix)) break;
    if (name === after) continue;
    room -= value.length;
    if (room < 0 && found.length > 0) break;
    const text = decodeRecordText(key, value);
    if (text !== undefined) found.push({ key: name, text });
  }
  return found;
}

const CHECK: Check = {
  where: (key) => `record ${shown(textOf(key) ?? Buffer.from(key).toString('latin1'))}`,
  fault(key, value) {
    if (textOf(key) === undefined) return 'its key is not UTF-8';
    const text = openText(key, value);
    if (text === undefined) return 'its checksum is wrong';
    return textOf(text) === undefined ? 'its text is not UTF-8' : undefined;
  },
  loss: () => 'the record',
};

export const RECORDS: DatabaseSpec = { name: 'record', check: () => CHECK };
