/**
 * Joins series whose names have become one: what the one in the form lacks it gets from the other,
 * which ends in the same transaction. For name-forms.ts, before a store is opened.
 */
import { readPoints } from '../../admin/all-points.ts';
import type { RetentionRules } from '../../retention/rules.ts';
import type { ImportedArchive } from '../../roles.ts';
import type { Environment } from '../db/environment.ts';
import { LmdbStoreReader } from '../read/store-reader.ts';
import { Writer } from '../write/writer.ts';
import { formOfStored } from './stored-name.ts';

interface Joined {
  joined: number;
  /** Those that stay, under a name of their own. */
  kept: { from: string; to: string }[];
}

export async function joinSeries(
  environment: Environment,
  rules: RetentionRules,
  names: readonly string[],
): Promise<Joined> {
  const writer = new Writer(environment, rules, { maxSeries: Infinity });
  const reader = new LmdbStoreReader(environment, true);
  const result: Joined = { joined: 0, kept: [] };
  for (const from of names) {
    const to = formOfStored(from);
    const info = reader.info(reader.catalogue.get(to));
    const parts = info === undefined ? undefined : await missingPoints(reader, from, to);
    if (info !== undefined && parts !== undefined) {
      writer.importSeries(info, parts);
      writer.remove([from]);
      result.joined += 1;
    } else {
      const free = freeName(to, (name) => reader.catalogue.get(name) >= 0);
      writer.rename([{ from, to: free }]);
      result.kept.push({ from, to: free });
    }
    const changes = writer.commit();
    if (changes !== undefined) reader.apply(changes);
    reader.forgetRead();
  }
  return result;
}

/** By archive, what `to` lacks of the points of `from`; undefined where their archives do not fit. */
async function missingPoints(
  reader: LmdbStoreReader,
  from: string,
  to: string,
): Promise<ImportedArchive[] | undefined> {
  const [source, target] = [from, to].map((name) => reader.catalogue.get(name)) as [number, number];
  const steps = reader.info(target)!.archives.map(({ step }) => step); // asked for before
  const archives = reader.info(source)!.archives; // it is one of the names
  if (reader.previousCount(to) > 0) return undefined;
  if (archives.some(({ step }) => !steps.includes(step))) return undefined;
  const parts: ImportedArchive[] = [];
  for (const [i, { step }] of archives.entries()) {
    const held = new Set((await allPoints(reader, target, steps.indexOf(step))).times);
    const { times, values } = await allPoints(reader, source, i);
    const missing = [...times.keys()].filter((at) => !held.has(times[at]!));
    parts.push({
      step,
      times: Float64Array.from(missing, (at) => times[at]!),
      values: Float64Array.from(missing, (at) => values[at]!),
    });
  }
  return parts;
}

async function allPoints(reader: LmdbStoreReader, id: number, archive: number) {
  const times: number[] = [];
  const values: number[] = [];
  let after: number | undefined = 0;
  while (after !== undefined) {
    const page: Awaited<ReturnType<typeof readPoints>> = await readPoints(
      reader,
      id,
      archive,
      after,
    );
    page?.times.forEach((time, i) => {
      times.push(time);
      values.push(page.values[i]!); // as long as times
    });
    after = page?.next;
  }
  return { times, values };
}

/** `a.b;x=1` as `a.b_2;x=1`, or the next number that is free. */
function freeName(name: string, isTaken: (name: string) => boolean): string {
  const tags = name.indexOf(';');
  const end = tags < 0 ? name.length : tags;
  for (let number = 2; ; number++) {
    const free = `${name.slice(0, end)}_${number}${name.slice(end)}`;
    if (!isTaken(free)) return free;
  }
}
