/**
 * What a graphite-web has in its database, as rows: of its SQLite file, of what `dumpdata` writes as JSON
 * (whatever its database), or of the events that `/events/get_data` answers. Facts: the models of
 * graphite-web 1.1.10 (`dashboard`, `account`, `events`, `url_shortener`); times are UTC.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { asList, asObject, asText, type Given } from '../lib/given.ts';
import { splitTags } from '../intake/event-text.ts';
import { UserError } from '../lib/errors.ts';
import { readGivenFile } from '../lib/given-file.ts';
import { isNestedTooDeeply } from '../lib/nesting.ts';

export interface GraphiteWeb {
  dashboards: { name: string; state: string }[];
  templates: { name: string; state: string }[];
  /** Of users, by their names. */
  graphs: Map<string, { name: string; url: string }[]>;
  /** In order of time; `when` in epoch seconds. */
  events: { when: number; what: string; data: string; tags: string[] }[];
  /** Rows of tables that are not read, by table. */
  others: Map<string, number>;
}

type Rows = (table: string) => Given[];

const SQLITE_START = 'SQLite format 3\0';
const JSON_BYTES_MAX = 256 * 1024 * 1024;
const TABLES = ['dashboard_dashboard', 'dashboard_template', 'account_mygraph', 'events_event'];
/** Whose a graph is. */
const JOINED = ['account_profile'];
/** Not read: what nobody would look for in another program. */
const OTHERS = ['auth_user', 'account_view', 'account_window', 'account_variable'].concat([
  'url_shortener_link',
]);
const DUMP =
  'graphite-manage dumpdata --natural-foreign dashboard account events url_shortener > graphite.json';

/** Throws `badFile` for a file that is none of these. */
export async function readGraphiteWeb(file: string): Promise<GraphiteWeb> {
  const bytes = readGivenFile(file, `graphite-web's SQLite file, or its JSON: ${DUMP}`);
  const isSqlite = bytes.toString('latin1', 0, SQLITE_START.length) === SQLITE_START;
  return fromRows(isSqlite ? await sqliteRows(file) : jsonRows(file, bytes));
}

function fromRows(rows: Rows): GraphiteWeb {
  const named = (table: string): { name: string; state: string }[] =>
    rows(table).map(({ name, state }) => ({ name: shown(name), state: shown(state) }));
  const users = new Map(rows('auth_user').map(({ id, username }) => [id, username]));
  const owners = new Map(rows('account_profile').map((one) => [one['id'], ownerOf(one, users)]));
  const graphs: GraphiteWeb['graphs'] = new Map();
  for (const { profile_id: profile, name, url } of rows('account_mygraph')) {
    const owner = owners.get(profile) ?? `profile ${shown(profile)}`;
    const graph = { name: shown(name), url: shown(url) };
    graphs.set(owner, [...(graphs.get(owner) ?? []), graph]);
  }
  return {
    dashboards: named('dashboard_dashboard'),
    templates: named('dashboard_template'),
    graphs,
    events: rows('events_event')
      .map(eventOf)
      .sort((a, b) => a.when - b.when),
    others: new Map(OTHERS.map((table) => [table, rows(table).length])),
  };
}

/** A dump has the number of a user, or with natural keys a list of their name. */
function ownerOf({ user_id: user }: Given, users: ReadonlyMap<unknown, unknown>): string {
  const name = Array.isArray(user) ? asList(user)[0] : users.get(user);
  return asText(name) ?? `user ${shown(user)}`;
}

function eventOf({ when, what, data, tags }: Given): GraphiteWeb['events'][number] {
  const texts = Array.isArray(tags) ? asList(tags).map(shown) : [asText(tags) ?? ''];
  return {
    when: secondsOf(when),
    what: shown(what),
    data: asText(data) ?? '',
    tags: [...new Set(texts.flatMap(splitTags))],
  };
}

/** Any value as text; an object may have a `toString` of its own, which is no function. */
function shown(value: unknown): string {
  const isPlain =
    typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint';
  return isPlain ? String(value) : JSON.stringify(value ?? null);
}

/** Of epoch seconds, `2026-12-01 14:43:35.1` or `2026-12-01T14:43:35Z`. */
function secondsOf(when: unknown): number {
  if (typeof when === 'number') return Math.trunc(when);
  const text = shown(when).replace(' ', 'T');
  const ms = Date.parse(/Z|[+-]\d\d:?\d\d$/.test(text) ? text : `${text}Z`);
  if (!Number.isNaN(ms)) return Math.floor(ms / 1000);
  throw new UserError('badFile', `an event's time: read "${text}", expected a date`);
}

/** Of a copy: who may read the file need not be able to write beside it, as SQLite does. */
async function sqliteRows(file: string): Promise<Rows> {
  const { default: sqlite } = await import('node-sqlite3-wasm');
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tallyd-graphite-web-'));
  try {
    const copy = path.join(folder, 'graphite.db');
    for (const end of ['', '-journal', '-wal']) {
      if (fs.existsSync(file + end)) fs.copyFileSync(file + end, copy + end);
    }
    const database = new sqlite.Database(copy, { fileMustExist: true });
    try {
      const known = database.all("select name from sqlite_master where type = 'table'");
      const names = known.map((one) => (one as Given)['name']);
      const rows = new Map<string, Given[]>();
      for (const table of [...TABLES, ...JOINED, ...OTHERS]) {
        if (names.includes(table)) rows.set(table, database.all(`select * from ${table}`));
      }
      return rows.has('events_event')
        ? tables(rows)
        : notGraphite(file, `tables ${names.join(', ')}`);
    } finally {
      database.close();
    }
  } catch (error) {
    if (error instanceof UserError) throw error;
    const reason = (error as Error).message;
    throw new UserError(
      'badFile',
      `${file}: SQLite says "${reason}": stop graphite-web, or let it write JSON: ${DUMP}`,
    );
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

function jsonRows(file: string, bytes: Buffer): Rows {
  if (bytes.length > JSON_BYTES_MAX) {
    const sentence = `${file}: ${bytes.length} bytes read, expected up to ${JSON_BYTES_MAX}`;
    throw new UserError('tooLarge', sentence);
  }
  let list: unknown;
  try {
    list = JSON.parse(bytes.toString());
  } catch (error) {
    return notGraphite(file, (error as Error).message);
  }
  if (isNestedTooDeeply(list)) return notGraphite(file, 'what is nested too deeply');
  const rows = new Map<string, Given[]>();
  for (const item of asList(list)) {
    const row = asObject(item);
    const model = asText(row?.['model']);
    const fields = asObject(row?.['fields']);
    const isEvent = row !== undefined && 'when' in row && 'what' in row;
    if (row === undefined || (!isEvent && (model === undefined || fields === undefined))) {
      return notGraphite(file, JSON.stringify(item).slice(0, 80));
    }
    const table = isEvent ? 'events_event' : model!.replace('.', '_');
    const { pk } = row;
    const own = { id: pk, name: pk, user_id: fields?.['user'], profile_id: fields?.['profile'] };
    const taken = rows.get(table) ?? [];
    taken.push(isEvent ? row : { ...own, ...fields });
    rows.set(table, taken);
  }
  return Array.isArray(list) ? tables(rows) : notGraphite(file, JSON.stringify(list).slice(0, 80));
}

function tables(rows: ReadonlyMap<string, Given[]>): Rows {
  return (table) => rows.get(table) ?? [];
}

function notGraphite(file: string, read: string): never {
  throw new UserError(
    'badFile',
    `${file}: read ${read}, expected graphite-web's SQLite file (graphite.db), or JSON: ${DUMP}`,
  );
}
