/**
 * A store of which each visitor may read a part, and for each visitor an oracle: a store that holds
 * nothing but that part, behind a server without rights. What both answer must be the same.
 */
import { parseAccess, type AccessRules } from '../../src/access/access-file.ts';
import { NameSet } from '../../src/access/name-set.ts';
import { hashPassword, newToken } from '../../src/access/secrets.ts';
import { DEFAULT_RULES } from '../../src/storage/retention/default-rules.ts';
import { MemoryStore } from '../model/memory-store.ts';
import { RandomTargets } from '../query/support/random-targets.ts';
import { frameOf } from '../support/frame.ts';
import { rounds } from '../support/suite.ts';
import { timerFrame } from '../support/timer-frame.ts';
import { type Answer, NOW, testServer, type TestServer } from './client.ts';

interface Part {
  read: readonly string[];
  events?: readonly string[];
  dashboards?: readonly string[];
}

/** By visitor. */
export const PARTS: Record<string, Part> = {
  ann: { read: ['open'], events: ['deploy'], dashboards: ['open-*'] },
  tag: { read: ['team=web'], events: ['web', 'deploy'] },
  mixed: { read: ['mix.*.x', 'stats.timers.open', 'team=web;env!=prod'], dashboards: ['*'] },
  shut: { read: ['shut.db[01]', 'stats.timers.*', 'disk'], events: ['secret'] },
  none: { read: [] },
  all: { read: ['**'], events: ['*'], dashboards: ['*'] },
};

const NAMES = [
  ['open.web', 'shut.db'].flatMap((top) =>
    [0, 1, 2, 3].flatMap((i) => [`${top}${i}.cpu`, `${top}${i}.mem`]),
  ),
  ['mix.a.x', 'mix.a.y', 'mix.b.x', 'mix.b.y', 'mix.a', 'lone', 'shut'],
  ['web', 'db'].flatMap((team) =>
    ['prod', 'test'].flatMap((env) =>
      ['disk.used', 'net.in'].map((metric) => `${metric};env=${env};team=${team}`),
    ),
  ),
  ['disk.free;env=vault;owner=zed'],
].flat();
const TIMERS = ['stats.timers.open.lat', 'stats.timers.shut.lat', 'lat;team=web', 'lat;team=db'];
const EVENTS = [['deploy'], ['web', 'secret'], ['secret'], [], ['deploy', 'db'], ['web']];
const DASHBOARDS = ['open-web', 'shut-db'];
const LIMITS = { findHits: 9, series: 14, points: 4000, requestMs: 60_000 };
/** What a metadata record says has its name in it. */
const NOTED = [
  'open.web1.cpu',
  'shut.db1.cpu',
  'mix.b.y',
  'disk.used;env=prod;team=web',
  'not.there',
];

async function storeOf({ read, events = [], dashboards = [] }: Part): Promise<MemoryStore> {
  const store = new MemoryStore(DEFAULT_RULES);
  const names = new NameSet(read);
  const timers = TIMERS.filter((name) => names.has(name));
  for (let i = 0; i < 12; i++) {
    const time = NOW - 110 + i * 10;
    const values = NAMES.map((name, j): [string, number] => [name, ((i * 7 + j * 13) % 29) + j]);
    const visible = values.filter(([name]) => names.has(name));
    await store.append(frameOf(time, Object.fromEntries(visible), { firstId: 10_000 }));
    const timed = timers.map((name): [string, number[]] => {
      const base = TIMERS.indexOf(name) * 10;
      return [name, [base + i, base + 2 * i, base + 5]];
    });
    await store.append(timerFrame(time, Object.fromEntries(timed)));
  }
  for (const [i, tags] of EVENTS.entries()) {
    if (!events.includes('*') && !tags.some((tag) => events.includes(tag))) continue;
    const event = { id: i + 1, when: NOW - 60 + i, what: `what${i}`, data: '', tags, at: NOW };
    await store.putRecord(`events/${String(i + 1).padStart(12, '0')}`, JSON.stringify(event));
  }
  for (const metric of NOTED.filter((name) => names.has(name))) {
    await store.putRecord(`metadata/owner/${metric}`, JSON.stringify(`note of ${metric}`));
  }
  for (const id of DASHBOARDS) {
    if (!dashboards.includes('*') && !dashboards.some((glob) => id.startsWith(glob.slice(0, -1)))) {
      continue;
    }
    await store.putRecord(`dashboard/${id}`, JSON.stringify({ title: id, panels: [] }));
  }
  return store;
}

export interface World {
  server: TestServer;
  oracles: ReadonlyMap<string, TestServer>;
  /** The authorization header by visitor. */
  authorization: ReadonlyMap<string, string>;
  close(): Promise<void>;
}

/** Half of the visitors come with a password, the others with a token. */
export async function openWorld(): Promise<World> {
  const users: Record<string, unknown> = {};
  const tokens: Record<string, unknown> = {};
  const authorization = new Map<string, string>();
  for (const [i, [name, part]] of Object.entries(PARTS).entries()) {
    if (i % 2 === 0) {
      users[name] = { password: await hashPassword(`of ${name}`), ...part };
      authorization.set(name, `Basic ${Buffer.from(`${name}:of ${name}`).toString('base64')}`);
    } else {
      const { token, secret } = newToken();
      tokens[name] = { secret, ...part };
      authorization.set(name, `Bearer ${token}`);
    }
  }
  const rules = rulesOf({ users, tokens });
  const whole = await storeOf(PARTS['all']!);
  const server = await testServer(whole, { access: () => rules, limits: LIMITS });
  const oracles = new Map<string, TestServer>();
  for (const [name, part] of Object.entries(PARTS)) {
    oracles.set(name, await testServer(await storeOf(part), { limits: LIMITS }));
  }
  const close = async (): Promise<void> => {
    for (const one of [server, ...oracles.values()]) await one.close();
  };
  return { server, oracles, authorization, close };
}

export function rulesOf(file: object): AccessRules {
  const { rules, findings } = parseAccess(JSON.stringify(file), 'access.json5');
  if (rules === undefined) throw new Error(findings.map(({ text }) => text).join('\n'));
  return rules;
}

/** What must not differ. */
export function comparable({ status, type, text, headers }: Answer): unknown {
  const timeless = text.replace(/"executeplan\.run\.ms": ?\d+/g, '');
  const { etag, link } = headers;
  const isTimed = timeless !== text;
  return [status, type, timeless, isTimed ? '' : etag, link, headers['x-tallyd-more']];
}

const PATHS = [
  ['*', '*.*', '*.*.*', '**', 'open.*.*', 'shut.**', 'open.web1.cpu', 'shut.db1.cpu'],
  ['{open,shut}.*.cpu', '*.db[01].*', 'mix.a', 'mix.*.x', 'lone', 'stats.timers.*.lat.upper_90'],
  ['stats.timers.shut.lat', 'stats.timers.*.lat', 'disk.used;env=prod;team=web', 'nosuch.x'],
  ["seriesByTag('team=web')", "seriesByTag('name=~.*')", "seriesByTag('team=~.','env!=prod')"],
  ["events('deploy')", "events('secret','web')", 'events()', "seriesByTag('owner=zed')"],
  ['timerPercentile(stats.timers.*.lat,99)', 'timerMerge(stats.timers.*.lat.upper_90)'],
  ["timerHistogram(seriesByTag('name=lat'))", 'timerStat(stats.timers.shut.lat,"count")'],
].flat();
const EXPRESSIONS = ['team=web', 'team=~.', 'env!=prod', 'name=disk.used', 'owner=zed', 'env=~v'];
const TAGS = ['team', 'env', 'name', 'owner', 'nosuch'];
const WORDS = ['web', 'shut', 'cpu', 'lat', 'db', 'team', 'x', 'zed', 'vault', 'o', ''];

/** Each server draws on threads of its own, which read fonts first: pictures are asked of all in long runs. */
const PICTURES = rounds(0, 1) === 1 ? ['svg'] : [];
const FORMATS = ['json', 'json', 'json', 'csv', 'raw', 'pickle', 'msgpack', 'dygraph', ...PICTURES];

/** Requests over all routes that read: the same seed makes the same. */
export class RandomRequests {
  private readonly random: RandomTargets;
  /** Renders so far: the first ones ask for each of the paths. */
  private renders = 0;

  constructor(seed: number) {
    this.random = new RandomTargets(seed, PATHS);
  }

  visitor(): string {
    return this.random.pick(Object.keys(PARTS));
  }

  request(): string {
    const { random } = this;
    const is = (): boolean => random.below(2) === 0;
    const expressions = (): [string, string][] =>
      Array.from({ length: 1 + random.below(2) }, () => ['expr', random.pick(EXPRESSIONS)]);
    switch (random.below(14)) {
      case 0:
        return url('/metrics/find', [
          ['query', random.pick(PATHS.slice(0, 18))],
          [
            'format',
            random.pick(['treejson', 'completer', 'nodelist', 'json', 'pickle', 'msgpack']),
          ],
          ['now', `${NOW}`],
          ...flag('wildcards', is()),
          ...flag('leavesOnly', is()),
        ]);
      case 1:
        return url('/metrics/expand', [
          ['query', random.pick(PATHS.slice(0, 18))],
          ['query', random.pick(PATHS.slice(0, 18))],
          ...flag('groupByExpr', is()),
          ...flag('leavesOnly', is()),
        ]);
      case 2:
        return random.pick([
          '/metrics/index.json',
          '/functions',
          '/tags',
          '/dashboards',
          '/version',
        ]);
      case 3:
        return url('/tags/findSeries', expressions());
      case 4:
        return is()
          ? url(`/tags/${random.pick(TAGS)}`, flag('pretty', is()))
          : url('/tags/autoComplete/tags', [
              ...expressions(),
              ['tagPrefix', random.pick(['', 'o', 't'])],
            ]);
      case 5:
        return url('/tags/autoComplete/values', [['tag', random.pick(TAGS)], ...expressions()]);
      case 6:
        return url('/search', [
          ['query', random.pick(WORDS)],
          ['limit', random.pick(['1', '3', '50'])],
          ...(is() ? [['cursor', '1'] as [string, string]] : []),
        ]);
      case 7:
        return url('/explore', [
          [
            'query',
            random.pick(['team=web', 'env=* by team', 'kind=timer', 'team=* sum by env', 'host=*']),
          ],
        ]);
      case 8:
        return url(random.pick(['/events', '/events/get_data', `/events/${1 + random.below(7)}`]), [
          ...(is()
            ? [
                ['tags', random.pick(['deploy', 'deploy secret', 'secret', 'db'])] as [
                  string,
                  string,
                ],
              ]
            : []),
          ...(is() ? [['limit', '1'] as [string, string]] : []),
        ]);
      case 9:
        return is()
          ? url('/metrics/get-metadata', [
              ['key', random.pick(['owner', 'aggregationMethod', 'xFilesFactor'])],
              ['metric', random.pick(NOTED)],
              ['metric', random.pick(NAMES)],
            ])
          : `/dashboards/${random.pick([...DASHBOARDS, 'tallyd', 'nosuch'])}`;
      default:
        return url('/render', [
          ['target', PATHS[this.renders++] ?? (is() ? random.pick(PATHS) : random.target(2))],
          ...(is() ? [['target', random.pick(PATHS)] as [string, string]] : []),
          ['format', random.pick(FORMATS)],
          ['from', `${NOW - 120}`],
          ['until', `${NOW}`],
          ['now', `${NOW}`],
          ...flag('meta', is()),
          ...(is() ? [['cacheTimeout', '60'] as [string, string]] : []),
        ]);
    }
  }
}

function flag(name: string, isOn: boolean): [string, string][] {
  return isOn ? [[name, '1']] : [];
}

function url(path: string, params: [string, string][]): string {
  const query = new URLSearchParams(params).toString();
  return query === '' ? path : `${path}?${query}`;
}
