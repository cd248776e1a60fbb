/** `verify` of database `record`: keys and texts (events, metadata) that are UTF-8. */
import type { Check } from './check.ts';
import { shown, textOf } from './check.ts';

export class RecordCheck implements Check {
  readonly database = 'record';

  where(key: Uint8Array): string {
    return `record ${shown(textOf(key) ?? Buffer.from(key).toString('latin1'))}`;
  }

  fault(key: Uint8Array, value: Uint8Array): string | undefined {
    if (textOf(key) === undefined) return 'its key is not UTF-8';
    return textOf(value) === undefined ? 'its text is not UTF-8' : undefined;
  }

  loss(): string {
    return 'the record';
  }
}
