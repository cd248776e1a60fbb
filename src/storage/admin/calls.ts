/**
 * The admin calls: what verbs may ask of a store, one row a call. From the table follow the routes
 * `POST /admin/<call>` of a running server (http/admin.ts), the client that asks them
 * (cli/http-admin.ts) and the local form, for a store that is open in this process
 * (local-admin.ts): so there is never a second writer. To add a call, add its row.
 *
 * Names are canonical. Every list and every answer is limited (limits.ts): what is longer takes
 * several calls, which whole-series.ts makes.
 */
import { UserError } from '../../lib/errors.ts';
import type { LocalStore } from './local-store.ts';
import { ADMIN_PAGE, NOTE_BYTES_MAX, NOTE_KEY_BYTES_MAX } from './limits.ts';
import {
  checked,
  flag,
  list,
  nullable,
  number,
  object,
  optional,
  type Schema,
  shortText,
  text,
  type TypeOf,
} from './schema.ts';
import {
  archives,
  fetchedSeries,
  filledArchives,
  pointsPage,
  seriesDetail,
  seriesName,
  seriesNames,
  storedSeries,
  verifiedPart,
  wantedSeries,
} from './shapes.ts';

/**
 * What a call may do: read the store, write to it, or write a file on the machine of the store,
 * which only programs on that machine may ask for.
 */
export type AdminScope = 'read' | 'write' | 'machine';

interface AdminCall<Ask, Answer> {
  scope: AdminScope;
  ask: Schema<Ask>;
  answer: Schema<Answer>;
  /** Answers from a store that is open in this process. */
  run(local: LocalStore, ask: Ask): Answer | Promise<Answer>;
}

/** Keeps the types of a row. */
function row<Ask, Answer>(call: AdminCall<Ask, Answer>): AdminCall<Ask, Answer> {
  return call;
}

const counted = object({ count: number });
const noteKey = shortText(NOTE_KEY_BYTES_MAX, 'key');
const noteText = checked(text, (note) => {
  if (Buffer.byteLength(note) <= NOTE_BYTES_MAX) return;
  throw new UserError('tooLarge', `a note of over ${NOTE_BYTES_MAX} bytes`);
});

const ADMIN_CALLS = {
  /**
   * Names after `after` in byte order, at most ADMIN_PAGE, that match: a glob of dotted nodes for
   * plain names, a glob and `;**` for the tagged series whose metric name matches, `**` for all
   * names of both kinds, an exact name, or `seriesByTag('a=b', …)`.
   */
  names: row({
    scope: 'read',
    ask: object({ query: text, after: optional(text) }),
    answer: object({ names: list(text) }),
    run: (local, { query, after }) => ({ names: local.names(query, after) }),
  }),
  /** In the order of the names; undefined for a name that is not known. */
  info: row({
    scope: 'read',
    ask: object({ names: seriesNames }),
    answer: object({ series: list(nullable(seriesDetail)) }),
    run: (local, { names }) => ({ series: names.map((name) => local.detail(name)) }),
  }),
  /** How series are stored, without the rest of `info`: costs less. */
  kept: row({
    scope: 'read',
    ask: object({ names: seriesNames }),
    answer: object({ series: list(nullable(storedSeries)) }),
    run: (local, { names }) => ({ series: names.map((name) => local.stored(name)) }),
  }),
  /**
   * As `Store.fetch`; undefined also for a name that is not known. The answer may be shorter than
   * the names: ask again for the rest.
   */
  fetch: row({
    scope: 'read',
    ask: object({ names: seriesNames, from: number, until: number, now: number }),
    answer: object({ series: list(nullable(fetchedSeries)) }),
    run: async (local, ask) => ({ series: await local.fetch(ask) }),
  }),
  /** Known points of one archive that are later than `after`, whatever their age. */
  points: row({
    scope: 'read',
    ask: object({ name: text, archive: number, after: number }),
    answer: object({ page: nullable(pointsPage) }),
    run: async (local, ask) => ({ page: await local.points(ask) }),
  }),
  /**
   * As `Store.importSeries`: creates the series when it is new, puts the points as they are.
   * Answers the archives that the series has, undefined when the store has no more space for it.
   */
  put: row({
    scope: 'write',
    ask: object({ info: wantedSeries, archives: filledArchives }),
    answer: object({ kept: nullable(archives) }),
    run: async (local, ask) => ({ kept: await local.put(ask.info, ask.archives) }),
  }),
  /** Deletes series; answers how many there were. */
  delete: row({
    scope: 'write',
    ask: object({ names: seriesNames }),
    answer: counted,
    run: async ({ store }, { names }) => ({ count: await store.delete(names) }),
  }),
  /** Renames series; one whose new name is taken stays as it is. Answers how many were renamed. */
  rename: row({
    scope: 'write',
    ask: object({
      pairs: list(
        object({ from: seriesName, to: seriesName }, { description: 'pairs of from and to' }),
        { itemsMax: ADMIN_PAGE },
      ),
    }),
    answer: counted,
    run: async ({ store }, { pairs }) => ({ count: await store.rename(pairs) }),
  }),
  /** Stores series by new archives, method and factor (Store.retain); answers how many changed. */
  retain: row({
    scope: 'write',
    ask: object({ changes: list(wantedSeries, { itemsMax: ADMIN_PAGE }), rewrite: flag }),
    answer: counted,
    run: async ({ store }, { changes, rewrite }) => ({
      count: await store.retain(changes, { rewrite }),
    }),
  }),
  /**
   * The rules by which the store makes new series, as JSON of RulesInForce; undefined where
   * it has none.
   */
  rules: row({
    scope: 'read',
    ask: object({}),
    answer: object({ rules: nullable(text) }),
    run: (local) => ({ rules: local.rules() }),
  }),
  /**
   * Consistent copy without free pages into a file that must not exist, path as the store sees it.
   */
  backup: row({
    scope: 'machine',
    ask: object({ file: text }),
    answer: object({ bytes: number }),
    run: ({ store }, { file }) => store.backup(file),
  }),
  /**
   * Checks some records while the store goes on, each part in a snapshot of its own: the first part
   * without `after`, then each with the `next` of the part before.
   */
  verify: row({
    scope: 'read',
    ask: object({ after: optional(text) }),
    answer: verifiedPart,
    run: ({ store }, { after }) => store.verifyPart(after),
  }),
  /** A small text that a verb stores to go on later, such as how far an import came. */
  note: row({
    scope: 'read',
    ask: object({ key: noteKey }),
    answer: object({ text: nullable(text) }),
    run: (local, { key }) => ({ text: local.note(key) }),
  }),
  /** Stores a note, or removes it when there is no text. */
  putNote: row({
    scope: 'write',
    ask: object({ key: noteKey, text: optional(noteText) }),
    answer: object({}),
    run: async (local, { key, text: note }) => {
      await local.putNote(key, note);
      return {};
    },
  }),
};

type Table = typeof ADMIN_CALLS;
export type CallName = keyof Table;
type Ask<Name extends CallName> = TypeOf<Table[Name]['ask']>;
export type Answer<Name extends CallName> = TypeOf<Table[Name]['answer']>;

/** A method for every call. */
type AdminCalls = {
  [Name in CallName]: (ask: Ask<Name>) => Promise<Answer<Name>>;
};

/** A store as verbs see it, open here or in a server (`withAdmin` of cli/open-store.ts). */
export interface StoreAdmin extends AdminCalls {
  /** The data folder, or the server's address. For messages. */
  readonly location: string;
  close(): Promise<void>;
}

/** The rows by name, for those that treat all calls alike. */
export const ADMIN_ROWS = Object.entries(ADMIN_CALLS) as [CallName, AdminCall<unknown, unknown>][];

/** Makes the methods of all calls: each runs `run` with its row. */
export function adminCalls(
  run: (name: CallName, call: AdminCall<unknown, unknown>, ask: unknown) => Promise<unknown>,
): AdminCalls {
  const methods = ADMIN_ROWS.map(([name, call]) => [
    name,
    async (ask: unknown) => run(name, call, ask),
  ]);
  return Object.fromEntries(methods) as AdminCalls;
}
