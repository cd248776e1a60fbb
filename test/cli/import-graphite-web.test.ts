/** `tallyd import graphite-web`: its SQLite file and its dump, into a server of tests. */
import fs from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import sqlite from 'node-sqlite3-wasm';
import { DEFAULT_RULES } from '../../src/storage/retention/default-rules.ts';
import { testServer } from '../http/client.ts';
import { MemoryStore } from '../model/memory-store.ts';
import { assert, describe } from '../support/suite.ts';
import type { Ran } from './run-cli.ts';
import { runVerb } from './run-here.ts';

const graph = (...target: string[]) => [target.join(), { target, areaMode: 'all' }, '/render?x'];
const state = (...graphs: unknown[]): string =>
  JSON.stringify({
    name: 'inside',
    timeConfig: { type: 'relative', relativeStartQuantity: 2, relativeStartUnits: 'hours' },
    graphs,
  });
const DASHBOARDS = [
  ['host', state(graph('a.b', 'a.c'))],
  ['Büro & Co', state(graph('a.b'), ['no targets', {}, ''])],
  ['broken', '{not json'],
] as const;
const TEMPLATE = state(graph('sum(web.__VALUE__.cpu.*)'));
const URL_OF_GRAPH = 'http://graphite/render/?width=586&target=a.b&from=-2hours';
const SCHEMA = `
  create table dashboard_dashboard (name text primary key, state text);
  create table dashboard_template (name text primary key, state text);
  create table auth_user (id integer, username text, password text);
  create table account_profile (id integer, user_id integer);
  create table account_mygraph (id integer, profile_id integer, name text, url text);
  create table events_event (id integer, "when" datetime, what text, data text, tags text);
  create table url_shortener_link (id integer, url text);
  insert into auth_user values (3, 'ann', 'secret');
  insert into account_profile values (7, 3);
  insert into url_shortener_link values (1, '/x');
  insert into events_event values (1, '2023-11-14 22:13:20.999', 'deploy', 'by ann', 'web, shop');
  insert into events_event values (2, '2023-11-14 22:00:00', 'deploy', '', 'web');
  insert into events_event values (3, '2023-11-14 22:00:00', 'deploy', '', 'web');`;

function writeSqlite(file: string): void {
  const database = new sqlite.Database(file);
  database.exec(SCHEMA);
  for (const row of DASHBOARDS)
    database.run('insert into dashboard_dashboard values (?, ?)', [...row]);
  database.run('insert into dashboard_template values (?, ?)', ['Web', TEMPLATE]);
  database.run('insert into account_mygraph values (1, 7, ?, ?)', ['my.hits', URL_OF_GRAPH]);
  database.close();
}

/** What `dumpdata --natural-foreign` writes of the same. */
function writeDump(file: string): void {
  const event = (when: string, data: string, tags: string) => ({
    model: 'events.event',
    pk: 1,
    fields: { when, what: 'deploy', data, tags },
  });
  const rows = [
    ...DASHBOARDS.map(([pk, text]) => ({
      model: 'dashboard.dashboard',
      pk,
      fields: { state: text, owners: [] },
    })),
    { model: 'dashboard.template', pk: 'Web', fields: { state: TEMPLATE, owners: [] } },
    { model: 'account.profile', pk: 7, fields: { user: ['ann'], history: '' } },
    {
      model: 'account.mygraph',
      pk: 1,
      fields: { profile: 7, name: 'my.hits', url: URL_OF_GRAPH },
    },
    event('2023-11-14T22:13:20.999Z', 'by ann', 'web, shop'),
    event('2023-11-14T22:00:00Z', '', 'web'),
    event('2023-11-14T22:00:00Z', '', 'web'),
  ];
  fs.writeFileSync(file, JSON.stringify(rows));
}

async function withServer(
  body: (folder: string, run: (...args: string[]) => Promise<Ran>, ask: Ask) => Promise<void>,
): Promise<void> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tallyd-test-'));
  const store = new MemoryStore(DEFAULT_RULES);
  const server = await testServer(store);
  const url = ['--url', `http://127.0.0.1:${server.port}`];
  try {
    await body(
      folder,
      (...args) => runVerb(['import', 'graphite-web', ...args, ...url]),
      (asked) => server.json(asked),
    );
  } finally {
    await server.close();
    await store.close();
    fs.rmSync(folder, { recursive: true });
  }
}

type Ask = (path: string) => Promise<unknown>;

const counts = ({ stdout }: Ran): unknown => {
  const { dashboards, events } = JSON.parse(stdout);
  return [dashboards, events].map(({ taken, there, leftOut }) => [taken, there, leftOut.length]);
};

describe('import graphite-web', (it) => {
  it('takes dashboards, templates, graphs and events of the SQLite file, once', async () => {
    await withServer(async (folder, run, ask) => {
      const file = path.join(folder, 'graphite.db');
      writeSqlite(file);
      const before = fs.readFileSync(file);
      const planned = await run(file, '--dry-run', '--json');
      assert.equal([planned.code, counts(planned)], [1, [[4, 0, 2], [3, 0, 0]]]); // prettier-ignore
      assert.equal(await ask('/events/get_data?from=0'), []);

      const taken = await run(file);
      assert.equal([taken.code, taken.stderr], [1, '']);
      assert.equal(taken.stdout.trim().split('\n'), [
        'kind        taken  there already  left out',
        'dashboards  4      0              2',
        'events      3      0              0',
        'dashboard "Büro & Co": graph 2: it has no targets',
        taken.stdout.split('\n')[4]!, // the engine's own words are in it
        'not taken: 1 row, users and their passwords: tallyd does not ask for them',
        "not taken: 1 row, short links: the page's address holds the whole view",
      ]);
      assert.match(taken.stdout, /^dashboard "broken": its state is no JSON: /m);

      const { dashboards } = (await ask('/dashboards')) as {
        dashboards: { id: string; title: string; isShipped: boolean }[];
      };
      const own = dashboards.filter(({ isShipped }) => !isShipped);
      assert.equal(
        own.map(({ title }) => title),
        ['Büro & Co', 'Graphs of ann', 'Template Web', 'host'],
      );
      assert.match(own[3]!.id, /^host-[0-9a-f]{8}$/, 'one of that id comes with tallyd');
      const position = { x: 0, y: 0, width: 8, height: 7 };
      assert.equal(await ask('/dashboards/Graphs-of-ann'), {
        title: 'Graphs of ann',
        variables: [],
        panels: [
          {
            title: 'my.hits',
            targets: ['a.b'],
            range: { from: '-2hours', until: 'now' },
            position,
          },
        ],
      });
      assert.equal(await ask('/dashboards/Template-Web'), {
        title: 'Template Web',
        range: { from: '-2hours', until: 'now' },
        variables: [{ name: 'value', query: 'web.*' }],
        panels: [
          {
            title: 'sum(web.$value.cpu.*)',
            targets: ['sum(web.$value.cpu.*)'],
            options: { areaMode: 'all' },
            position,
          },
        ],
      });
      const events = (await ask('/events/get_data?from=0')) as { when: number; tags: string[] }[];
      assert.equal(
        events.map(({ when, tags }) => [when, tags.join(' ')]),
        [
          [1_699_999_200, 'web'],
          [1_699_999_200, 'web'],
          [1_700_000_000, 'web shop'],
        ],
      );
      assert.equal(counts(await run(file, '--json')), [[0, 4, 2], [0, 3, 0]]); // prettier-ignore
      assert.ok(fs.readFileSync(file).equals(before), 'the file is as it was');
      assert.equal(fs.readdirSync(folder), ['graphite.db']);
    });
  });

  it('takes the same of a dump, and leaves a dashboard that was changed since', async () => {
    await withServer(async (folder, run, ask) => {
      const [database, dump] = ['graphite.db', 'dump.json'].map((name) => path.join(folder, name));
      writeSqlite(database!);
      writeDump(dump!);
      assert.equal(counts(await run(dump!, '--json')), [[4, 0, 2], [3, 0, 0]]); // prettier-ignore
      assert.equal(counts(await run(database!, '--json')), [[0, 4, 2], [0, 3, 0]]); // prettier-ignore

      const changed = fs.readFileSync(dump!, 'utf8').replaceAll('web.__VALUE__', 'www.__VALUE__');
      fs.writeFileSync(dump!, changed);
      const left = await run(dump!);
      assert.match(
        left.stdout,
        /^dashboard "Template Web": there is another one at \/dashboards\/Template-Web: --overwrite/m,
      );
      assert.equal(counts(await run(dump!, '--json', '--overwrite')), [[1, 3, 2], [0, 3, 0]]); // prettier-ignore
      const { variables } = (await ask('/dashboards/Template-Web')) as { variables: unknown };
      assert.equal(variables, [{ name: 'value', query: 'www.*' }]);
    });
  });

  it('takes what /events/get_data answers, and tells a file that is something else', async () => {
    await withServer(async (folder, run) => {
      const file = path.join(folder, 'events.json');
      const rejected = async (text: string | undefined): Promise<string> => {
        if (text !== undefined) fs.writeFileSync(file, text);
        const { code, stderr } = await run(file);
        assert.is(code, 1);
        return stderr;
      };
      fs.writeFileSync(file, '[{"when": 1700000000, "what": "x", "data": "", "tags": ["a"]}]');
      assert.equal(counts(await run(file, '--json')), [[0, 0, 0], [1, 0, 0]]); // prettier-ignore
      assert.match(
        await rejected('{"a": 1}'),
        /read \{"a":1\}, expected graphite-web's SQLite file/,
      );
      assert.match(await rejected('[{"panels": 1}]'), /read \{"panels":1\}, expected/);
      assert.match(await rejected('no json'), /expected graphite-web's SQLite file/);
      const deep = '['.repeat(100_000) + ']'.repeat(100_000);
      const named = (name: string): string =>
        `[{"model": "dashboard.dashboard", "fields": {"name": ${name}, "state": "{}"}}]`;
      assert.match(await rejected(deep), /nested too deeply, expected graphite-web's/);
      assert.match(await rejected(named(deep)), /nested too deeply, expected graphite-web's/);
      fs.writeFileSync(file, named('{"toString": 1}'));
      assert.match((await run(file)).stdout, /^dashboard "\{"toString":1\}": /m);
      fs.rmSync(file);
      new sqlite.Database(file).exec('create table other (x)');
      assert.match(await rejected(undefined), /read tables other, expected/);
      fs.truncateSync(file, 2000);
      assert.match(
        await rejected(undefined),
        /SQLite says ".+": stop graphite-web, or let it write/,
      );
      assert.match(
        (await run(folder)).stderr,
        /cannot be read \(EISDIR\), expected graphite-web's/,
      );
    });
  });

  it('tells what a server answers that is no tallyd', async () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tallyd-import-'));
    const file = path.join(folder, 'events.json');
    fs.writeFileSync(file, '[{"when": 1700000000, "what": "x", "data": "", "tags": ["a"]}]');
    const page = '[{"when": 1, "id": 1, "what": "", "data": "", "tags": []}]';
    const answers: [dashboards: string, events: string, said: RegExp][] = [
      ['null', '', /expected a tallyd/],
      ['{}', '', /expected a tallyd/],
      ['{"dashboards": []}', 'garbage', /read "garbage", expected JSON/],
      ['{"dashboards": []}', '{"a": 1}', /read "\{"a": 1\}", expected JSON/],
      ['{"dashboards": []}', page, /the same page again/],
    ];
    try {
      for (const [dashboards, events, said] of answers) {
        const other = http.createServer(({ url }, response) => {
          response.setHeader('x-tallyd-more', 1);
          response.end(url === '/dashboards' ? dashboards : events);
        });
        await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
        const { port } = other.address() as AddressInfo;
        const args = ['import', 'graphite-web', file, '--url', `http://127.0.0.1:${port}`];
        const { code, stderr } = await runVerb(args);
        assert.match(stderr, said);
        assert.ok(code !== 0);
        other.closeAllConnections();
        other.close();
      }
    } finally {
      fs.rmSync(folder, { recursive: true });
    }
  });
});
