/** `verify` of database `seen`: blocks of times with their checksum. */
import { SEEN_BLOCK, decodeSeen } from '../db/last-write.ts';
import type { Check } from './check.ts';

export class LastWriteCheck implements Check {
  readonly database = 'seen';

  where(key: Uint8Array): string {
    if (key.length !== 4) return `key ${Buffer.from(key).toString('hex')}`;
    return `block ${new DataView(key.buffer, key.byteOffset).getUint32(0)}`;
  }

  fault(key: Uint8Array, value: Uint8Array): string | undefined {
    if (key.length !== 4) return `its key has ${key.length} bytes, expected 4`;
    if (decodeSeen(value) === undefined) return `its checksum is wrong (${value.length} bytes)`;
    return undefined;
  }

  loss(): string {
    return `when up to ${SEEN_BLOCK} series were last seen; their points stay`;
  }
}
