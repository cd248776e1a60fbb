/** Folders as an older tallyd left them: with names that were stored as they came. */
import { openEnvironment } from '../../../src/storage/lmdb/db/environment.ts';
import { decodeSeries, encodeSeries, nameKey } from '../../../src/storage/lmdb/db/series-names.ts';
import {
  decodeSketched,
  encodeSketched,
  sketchedKey,
} from '../../../src/storage/lmdb/db/sketch-names.ts';

/** Puts series, timers and sets under their old names, records beside them; the format is the old one. */
export async function makeOld(
  dataDir: string,
  oldNames: Record<string, string>,
  records: Record<string, string> = {},
): Promise<void> {
  const environment = openEnvironment(dataDir, 2 ** 30);
  const { names, sketchNames, meta, root } = environment;
  root.transactionSync(() => {
    for (const [name, old] of Object.entries(oldNames)) {
      const key = nameKey(name);
      const record = names.get(key);
      if (record === undefined) continue; // a timer's
      const found = decodeSeries(key, Uint8Array.from(record))!;
      names.removeSync(key);
      names.putSync(nameKey(old), encodeSeries(old, found.series));
    }
    const sketched = Array.from(sketchNames.getRange(), ({ key, value }) => {
      return decodeSketched(Uint8Array.from(key), Uint8Array.from(value))!;
    });
    for (const one of sketched) {
      const old = oldNames[one.name];
      if (old === undefined) continue;
      sketchNames.removeSync(sketchedKey(one.kind, one.name));
      sketchNames.putSync(sketchedKey(one.kind, old), encodeSketched({ ...one, name: old }));
    }
    for (const [key, text] of Object.entries(records)) {
      environment.records.putSync(Buffer.from(key), Buffer.from(text));
    }
    meta.putSync(Buffer.from('format'), Buffer.from('{"version":2}'));
  });
  await root.close();
}
