/**
 * Brings the names of a folder that an older tallyd wrote into the one form of today
 * (wire/series-name.ts), once, before anything else is opened on it. A page of names is one
 * transaction, and the folder is of this format only when all are done: one that was stopped, or
 * killed, is done again from the start, where what was done is found done.
 *
 * Two names that become one: the points of the one that is not in its form fill the gaps of the
 * other, in one transaction with its end; where their archives do not fit each other it stays
 * beside it, under a name of its own.
 */
import { setImmediate as turn } from 'node:timers/promises';
import type { RetentionRules } from '../../retention/rules.ts';
import type { Binary } from '../db/database.ts';
import type { Environment } from '../db/environment.ts';
import { decodeSeries, encodeSeries, nameKey } from '../db/series-names.ts';
import { decodeSketched, encodeSketched, sketchedKey } from '../db/sketch-names.ts';
import { commitBatch } from '../db/write-batch.ts';
import { bringRecordsToForm } from './name-records.ts';
import { joinSeries } from './join-series.ts';
import { formOfStored } from './stored-name.ts';
import { counted } from '../../../lib/counted.ts';

const PAGE_NAMES = 2000;
/** Names between two lines of the log. */
const LOGGED_NAMES = 100_000;

type Log = (message: string) => void;

/** What became of names; an example of each kind. */
interface Outcome {
  done: number;
  total: number;
  changed: number;
  /** Their form is that of another series, or of another timer. */
  taken: string[];
  example: string | undefined;
}

/** Resolves when all is durable; `log` is told only where something changes. */
export async function bringNamesToForm(
  environment: Environment,
  rules: RetentionRules,
  log: Log,
): Promise<void> {
  const series = await renameAll(environment, environment.names, log, (key, value) => {
    const found = decodeSeries(key, value);
    if (found === undefined) return undefined; // damaged: whoever reads it counts it
    return { name: found.name, under: (name) => record(name, nameKey, found.series, encodeSeries) };
  });
  const timers = await renameAll(environment, environment.sketchNames, log, (key, value) => {
    const one = decodeSketched(key, value);
    if (one === undefined) return undefined;
    const { kind } = one;
    return {
      name: one.name,
      under: (name) => [sketchedKey(kind, name), encodeSketched({ ...one, name })],
    };
  });
  bringRecordsToForm(environment);
  if (series.changed > 0) {
    log(
      `${counted(series.changed, 'name is', 'names are')} in another form from now on, such as ${series.example}`,
    );
  }
  if (series.taken.length > 0) {
    const { joined, kept } = await joinSeries(environment, rules, series.taken);
    log(
      `${counted(joined, 'series was', 'series were')} joined to what has the other form of its name`,
    );
    for (const { from, to } of kept) {
      log(`${JSON.stringify(from)} is ${JSON.stringify(to)} from now on: its archives do not fit`);
    }
  }
  await dropTimers(environment, timers.taken, log);
}

function record<Value>(
  name: string,
  key: (name: string) => Uint8Array,
  value: Value,
  encode: (name: string, value: Value) => Uint8Array,
): [Uint8Array, Uint8Array] {
  return [key(name), encode(name, value)];
}

interface Named {
  name: string;
  /** Key and record under another name. */
  under(name: string): [key: Uint8Array, value: Uint8Array];
}

async function renameAll(
  environment: Environment,
  database: Binary,
  log: Log,
  read: (key: Uint8Array, value: Uint8Array) => Named | undefined,
): Promise<Outcome> {
  const { entryCount } = database.getStats() as { entryCount: number };
  const outcome: Outcome = {
    done: 0,
    total: entryCount,
    changed: 0,
    taken: [],
    example: undefined,
  };
  let start: Uint8Array | undefined;
  for (;;) {
    const page = pageOf(database, start, read);
    const old = page.named.filter(({ name }) => formOfStored(name) !== name);
    if (old.length > 0)
      commitBatch(environment, (batch) => {
        for (const { key, name, under } of old) {
          const form = formOfStored(name);
          const [newKey, value] = under(form);
          if (database.get(newKey) !== undefined) {
            outcome.taken.push(name);
            continue;
          }
          batch.remove(database, key);
          batch.put(database, newKey, value);
          outcome.changed += 1;
          outcome.example ??= `${JSON.stringify(form)} for ${JSON.stringify(name)}`;
        }
      });
    const before = outcome.done;
    outcome.done += page.count;
    if (Math.floor(outcome.done / LOGGED_NAMES) > Math.floor(before / LOGGED_NAMES)) {
      log(`names are brought to one form: ${outcome.done} of ${outcome.total}`);
    }
    if (page.count < PAGE_NAMES) return outcome;
    start = page.last;
    await turn();
  }
}

/** Records from a key on, which may have been removed meanwhile; damaged ones are left out. */
function pageOf(
  database: Binary,
  start: Uint8Array | undefined,
  read: (key: Uint8Array, value: Uint8Array) => Named | undefined,
) {
  const named: (Named & { key: Uint8Array })[] = [];
  let count = 0;
  let last: Uint8Array | undefined;
  const range = start === undefined ? {} : { start };
  for (const { key, value } of database.getRange({ ...range, limit: PAGE_NAMES })) {
    last = Uint8Array.from(key);
    const one = read(last, value);
    if (one !== undefined) named.push({ ...one, key: last });
    count += 1;
  }
  return { named, count, last };
}

/**
 * Timers and sets whose name in its form is another's: their series are joined to that one's, and
 * sketches of two cannot be told apart by slot any more, so those of the name out of form go.
 */
async function dropTimers(environment: Environment, names: string[], log: Log): Promise<void> {
  if (names.length === 0) return;
  const taken = new Set(names);
  const keys: Uint8Array[] = [];
  for (const { key, value } of environment.sketchNames.getRange()) {
    const copy = Uint8Array.from(key);
    if (taken.has(decodeSketched(copy, value)?.name ?? '')) keys.push(copy);
  }
  // Those whose series were all joined have gone with them.
  if (keys.length > 0) {
    commitBatch(environment, (batch) => {
      for (const key of keys) batch.remove(environment.sketchNames, key);
    });
    await turn();
  }
  log(`${names.length} timers and sets had two forms of a name: sketches of one of them stay`);
}
