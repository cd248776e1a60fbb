/**
 * `tallyd import graphite-web <file>`: what people saved in a graphite-web, into a running server:
 * dashboards, templates as dashboards with a variable, each user's graphs as one dashboard, events. What
 * is there already stays, so running it again does no harm. Exit code 1 when something was left out.
 */
import { createHash } from 'node:crypto';
import type { Command } from 'commander';
import type { Converted } from '../dashboards/converted.ts';
import { fromGraphite, fromSavedGraphs, fromTemplate } from '../dashboards/from-graphite.ts';
import { asObject } from '../lib/given.ts';
import { counted } from '../lib/counted.ts';
import { badRequest } from '../lib/errors.ts';
import { addExamples } from './examples.ts';
import { areObjects, GraphiteServer, saidBy } from './graphite-server.ts';
import { type GraphiteWeb, readGraphiteWeb } from './graphite-web-rows.ts';
import { accessHeaders } from './http-admin.ts';
import { addStoreFlags, serverUrl, type StoreFlags } from './open-store.ts';
import { printResult } from './output.ts';
import { postEvents, type Taken } from './post-events.ts';
import { Progress } from './progress.ts';
import { formatTable } from './table.ts';

interface GraphiteWebFlags extends StoreFlags {
  overwrite: boolean;
  dryRun: boolean;
  json: boolean;
}

const WHY_NOT: Record<string, string> = {
  auth_user: 'users and their passwords: tallyd does not ask for them',
  account_view: 'window layouts of the composer',
  account_window: 'windows of the composer',
  account_variable: 'variables of the composer',
  url_shortener_link: "short links: the page's address holds the whole view",
};
const ID_LENGTH_MAX = 100;

export function addImportGraphiteWeb(command: Command): void {
  const graphiteWeb = command
    .command('graphite-web')
    .description(
      "Take graphite-web's saved dashboards, templates, graphs and events into a running server. " +
        'Running it again does no harm.',
    )
    .argument('<file>', 'its SQLite file (graphite.db), or JSON of `graphite-manage dumpdata`')
    .option('--overwrite', 'Write over dashboards that have been changed since.', false)
    .option('--dry-run', 'Only say what would be taken.', false)
    .option('--json', 'Print the summary as one JSON object.', false)
    .action(importGraphiteWeb);
  addStoreFlags(graphiteWeb);
  addExamples(graphiteWeb, [
    ['tallyd import graphite-web /var/lib/graphite/graphite.db', 'all that can be taken'],
    ['tallyd import graphite-web graphite.json --dry-run', 'what that would be'],
  ]);
}

async function importGraphiteWeb(file: string, flags: GraphiteWebFlags): Promise<void> {
  const read = await readGraphiteWeb(file);
  const server = new GraphiteServer(serverUrl(flags), accessHeaders());
  const dashboards = await putDashboards(server, convertedOf(read), flags);
  const progress = new Progress('events');
  const events = await postEvents(server, read.events, {
    dryRun: flags.dryRun,
    onProgress: (done) => progress.show(done, read.events.length),
  });
  progress.clear();
  const notTaken = [...read.others].filter(([, count]) => count > 0);
  const rows = Object.entries({ dashboards, events }).map(([kind, { taken, there, leftOut }]) => [
    kind,
    ...[taken, there, leftOut.length].map(String),
  ]);
  const head = ['kind', flags.dryRun ? 'would be taken' : 'taken', 'there already', 'left out'];
  const lines = [
    ...[...dashboards.leftOut, ...events.leftOut].map(({ title, why }) => `${title}: ${why}`),
    ...notTaken.map(([table, count]) => `not taken: ${counted(count, 'row')}, ${WHY_NOT[table]}`),
  ];
  await printResult(
    flags.json,
    { dashboards, events, notTaken: Object.fromEntries(notTaken) },
    formatTable(head, rows) + lines.map((line) => `${line}\n`).join(''),
  );
  if (dashboards.leftOut.length + events.leftOut.length > 0) process.exitCode = 1;
}

/** By title; one that cannot be read is a sentence. */
function convertedOf(read: GraphiteWeb): [title: string, make: () => Converted][] {
  const parse = (text: string): unknown => {
    try {
      return JSON.parse(text);
    } catch (error) {
      throw badRequest(`its state is no JSON: ${(error as Error).message}`);
    }
  };
  return [
    ...read.dashboards.map(({ name, state }): [string, () => Converted] => [
      name,
      () => fromGraphite({ state }, parse),
    ]),
    ...read.templates.map(({ name, state }): [string, () => Converted] => [
      `Template ${name}`,
      () => fromTemplate(state, parse),
    ]),
    ...[...read.graphs].map(([owner, graphs]): [string, () => Converted] => {
      const title = `Graphs of ${owner}`;
      return [title, () => fromSavedGraphs(title, graphs)];
    }),
  ];
}

async function putDashboards(
  server: GraphiteServer,
  all: ReturnType<typeof convertedOf>,
  flags: GraphiteWebFlags,
): Promise<Taken> {
  const result: Taken = { taken: 0, there: 0, leftOut: [] };
  const ids = await shippedIds(server);
  for (const [title, make] of all) {
    const leave = (why: string): void =>
      void result.leftOut.push({ title: `dashboard "${title}"`, why });
    let converted: Converted;
    try {
      converted = make();
    } catch (error) {
      leave((error as Error).message);
      continue;
    }
    for (const part of converted.leftOut) leave(`${part.title}: ${part.why}`);
    const id = idOf(title, ids);
    const text = JSON.stringify({ ...converted.dashboard, title: title.slice(0, 200) });
    const outcome = await putDashboard(server, id, text, flags);
    if (typeof outcome === 'string') result[outcome] += 1;
    else leave(outcome.why);
  }
  return result;
}

/** Ids of the dashboards that come with tallyd: those cannot be written over. */
async function shippedIds(server: GraphiteServer): Promise<Set<string>> {
  const dashboards = asObject(await server.json('dashboards'))?.['dashboards'];
  if (!areObjects(dashboards)) {
    throw badRequest(`${server.location}: expected a tallyd, whose /dashboards lists them`);
  }
  return new Set(dashboards.filter(({ isShipped }) => isShipped).map(({ id }) => String(id)));
}

/** Letters, digits and dots of the title; two titles of the same ones are told apart by a hash. */
function idOf(title: string, ids: Set<string>): string {
  const plain = title.replace(/[^A-Za-z0-9._]+/g, '-').replace(/^[.-]+|-+$/g, '');
  const hash = createHash('sha256').update(title).digest('hex').slice(0, 8);
  const short = plain.slice(0, ID_LENGTH_MAX - hash.length - 1);
  const id = short === '' ? hash : short !== plain || ids.has(plain) ? `${short}-${hash}` : plain;
  ids.add(id);
  return id;
}

/** What became of it, or why it was left out. */
async function putDashboard(
  server: GraphiteServer,
  id: string,
  text: string,
  { overwrite, dryRun }: GraphiteWebFlags,
): Promise<'taken' | 'there' | { why: string }> {
  const path = `dashboards/${id}`;
  const there = await server.send(path, {});
  if (there.status === 200) {
    if (there.bytes.toString() === text) return 'there';
    if (!overwrite) return { why: `there is another one at /${path}: --overwrite writes over it` };
  }
  if (dryRun) return 'taken';
  const label = there.status === 200 ? { 'if-match': there.headers.get('etag') ?? '*' } : {};
  const headers = { 'content-type': 'application/json', ...label };
  const { status, bytes } = await server.send(path, { method: 'PUT', headers, body: text });
  return status === 200 || status === 201 ? 'taken' : { why: saidBy(bytes, status) };
}
