/**
 * Records that belong to a series by its name, brought to its one form: what is untagged
 * (index/untagged.ts) and metadata (http/metadata.ts). Where there is one for the form already, that
 * one stays.
 */
import type { Environment } from '../db/environment.ts';
import { openText, sealText } from '../db/sealed-text.ts';
import { parseJson, textOf } from '../db/text.ts';
import { commitBatch } from '../db/write-batch.ts';
import { untaggedKey, UNTAGGED_PREFIX } from '../../index/untagged.ts';
import { lookupName } from '../../../wire/series-name.ts';

/** `metadata/<key>/<metric>` */
const METADATA = /^(metadata\/[^/]*\/)(.*)$/s;

export function bringRecordsToForm(environment: Environment): void {
  const { records } = environment;
  const moved: { key: Uint8Array; to: string; text: Uint8Array }[] = [];
  for (const { key, value } of records.getRange()) {
    const copy = Uint8Array.from(key);
    const name = textOf(copy);
    const text = openText(copy, value);
    const to = name === undefined || text === undefined ? undefined : movedTo(name, text);
    if (to !== undefined) moved.push({ key: copy, ...to });
  }
  if (moved.length === 0) return;
  commitBatch(environment, (batch) => {
    for (const { key, to, text } of moved) {
      batch.remove(records, key);
      const toKey = Buffer.from(to);
      if (records.get(toKey) === undefined) batch.put(records, toKey, sealText(toKey, text));
    }
  });
}

function movedTo(key: string, value: Uint8Array): { to: string; text: Uint8Array } | undefined {
  if (key.startsWith(UNTAGGED_PREFIX)) {
    const untagged = parseJson(Uint8Array.from(value)) as { name?: string; since?: number };
    if (typeof untagged?.name !== 'string') return undefined;
    const name = lookupName(untagged.name);
    if (name === untagged.name) return undefined;
    return { to: untaggedKey(name), text: Buffer.from(JSON.stringify({ ...untagged, name })) };
  }
  const [, before, metric] = METADATA.exec(key) ?? [];
  if (before === undefined || metric === undefined) return undefined;
  const name = lookupName(metric);
  return name === metric ? undefined : { to: before + name, text: Uint8Array.from(value) };
}
