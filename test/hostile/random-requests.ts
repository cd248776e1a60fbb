/**
 * Random requests over all routes: lists, nesting and sizes, mostly small, some as long as the
 * server reads. The same seed gives the same requests.
 */
import { RandomTargets } from '../query/support/random-targets.ts';
import type { Attack } from './attack-list.ts';

/** Paths of RandomTargets, which are not in the server under test. */
const ITS_PATHS = /\b(?:app|servers|stats|multi|fast|slow|both|deep|disk)\.[^\s,)|]*/g;
const PATHS = ['big.**', 'big.*.*', 'big.a0.*', 'big.a1.b{1,2,3}', 'big.a0.b0', '*', 'big.*9.b?'];
const FORMATS = ['json', 'csv', 'raw', 'pickle', 'msgpack', 'dygraph', 'rickshaw', 'png', ''];
const WINDOWS = ['-1h', '-6h', '-1d', '-10min', '-1y', '-100y', '1970', 'bogus', '-5s'];
const WORDS = ['a', 'name', '__proto__', 'big', '*', '.*', '', '\\', '%', '\0', 'é', '{', '['];
const SIZES = [1, 2, 5, 30, 300, 900, 1100, 20_000, 300_000];
const BODY_MAX = 4_000_000;

const ROUTES: readonly { path: string; params: readonly string[] }[] = [
  { path: '/metrics/find', params: ['query', 'format', 'wildcards', 'leavesOnly', 'from'] },
  { path: '/metrics', params: ['query', 'format'] },
  { path: '/metrics/expand', params: ['query', 'groupByExpr', 'leavesOnly'] },
  { path: '/metrics/index.json', params: ['jsonp', 'pretty'] },
  { path: '/metrics/get-metadata', params: ['key', 'metric'] },
  { path: '/metrics/set-metadata', params: ['key', 'metric', 'value', 'operations'] },
  { path: '/tags', params: ['filter', 'limit', 'pretty'] },
  { path: '/tags/name', params: ['filter', 'limit'] },
  { path: '/tags/findSeries', params: ['expr', 'limit'] },
  { path: '/tags/autoComplete/tags', params: ['expr', 'tagPrefix', 'limit'] },
  { path: '/tags/autoComplete/values', params: ['expr', 'tag', 'valuePrefix', 'limit'] },
  { path: '/tags/tagSeries', params: ['path'] },
  { path: '/tags/tagMultiSeries', params: ['path'] },
  { path: '/tags/delSeries', params: ['path'] },
  { path: '/events', params: ['tags', 'from', 'until', 'set'] },
  { path: '/events/get_data', params: ['tags', 'from', 'until'] },
  { path: '/functions', params: ['all', 'group', 'grouped', 'type', 'pretty'] },
  { path: '/functions/sumSeries', params: ['pretty'] },
  { path: '/version', params: [] },
  { path: '/', params: [] },
];

export function* randomAttacks(seed: number, count: number): Generator<Attack> {
  const random = new RandomTargets(seed);
  for (let i = 0; i < count; i++) {
    const kind = random.below(4);
    if (kind < 2) yield randomRender(random, i);
    else yield kind === 2 ? randomList(random, i) : randomJson(random, i);
  }
}

function target(random: RandomTargets): string {
  const own = random.target(random.below(5)).replace(ITS_PATHS, () => random.pick(PATHS));
  if (random.below(6) > 0) return own;
  const size = random.pick(SIZES);
  switch (random.below(6)) {
    case 0:
      return `group(${Array.from({ length: size }, () => random.pick(PATHS)).join(',')})`;
    case 1:
      return `aliasSub(${own},'(.*)','${'\\1x'.repeat(size)}')`;
    case 2:
      return `${'scale('.repeat(Math.min(size, 200))}${own}${',2)'.repeat(Math.min(size, 200))}`;
    case 3:
      return `movingMedian(${own},${size})`;
    case 4:
      return `timeStack(${own},'10min',0,${size})`;
    default:
      return `alias(${own},'${random.pick(WORDS).repeat(size)}')`;
  }
}

function randomRender(random: RandomTargets, at: number): Attack {
  const targets = Array.from({ length: 1 + random.below(3) }, () => target(random));
  const more = {
    from: random.pick(WINDOWS),
    format: random.pick(FORMATS),
    ...(random.below(3) === 0 ? { maxDataPoints: String(random.below(2000)) } : {}),
    ...(random.below(5) === 0 ? { meta: '1' } : {}),
    ...(random.below(5) === 0 ? { noNullPoints: '1' } : {}),
    ...(random.below(8) === 0 ? { jsonp: 'f', pretty: '1' } : {}),
    ...(random.below(8) === 0 ? { tz: random.pick(['Europe/Berlin', 'x']) } : {}),
    ...(random.below(8) === 0 ? { xFilesFactor: random.pick(['0.5', '-1', 'x']) } : {}),
  };
  const body = new URLSearchParams(more);
  for (const one of targets) body.append('target', one);
  const text = body.toString().slice(0, BODY_MAX);
  return { name: `#${at} render ${targets[0]!.slice(0, 60)}`, path: '/render', body: text };
}

function randomList(random: RandomTargets, at: number): Attack {
  const { path, params } = random.pick(ROUTES);
  const body = new URLSearchParams();
  let length = 0;
  for (const name of params) {
    if (random.below(3) === 0) continue;
    const size = random.below(3) === 0 ? random.pick(SIZES) : 1;
    for (let i = 0; i < size && length < BODY_MAX; i++) {
      const one = word(random, name);
      length += name.length + one.length;
      body.append(name, one);
    }
  }
  const text = body.toString().slice(0, BODY_MAX);
  const isGet = text.length < 8000 && random.below(2) === 0;
  const name = `#${at} ${path} ${text.slice(0, 50)}`;
  return isGet ? { name, path: `${path}?${text}` } : { name, path, body: text };
}

function word(random: RandomTargets, name: string): string {
  if (name === 'expr') {
    return random.pick(['a=b', 'name=~.*', 'name!=x', 'a!=', `a=~${'(a?b?)'.repeat(200)}$`, 'x']);
  }
  if (name === 'path') return random.pick(['a;b=c', 'a{b="c"}', 'a', ';', 'a;b', 'a;__proto__=x']);
  if (name === 'query' || name === 'metric') return random.pick(PATHS) + random.pick(WORDS);
  const size = random.below(20) === 0 ? random.pick(SIZES) : 1;
  return random.pick([...WORDS, ...FORMATS, '1', '10', '-1']).repeat(size);
}

function randomJson(random: RandomTargets, at: number): Attack {
  const path = random.pick(['/render', '/metrics/set-metadata', '/events', '/tags/findSeries']);
  // Of what the body may have; lists of lists of long texts would take more memory than there is.
  let left = BODY_MAX;
  const sized = (text: string): string => {
    left -= text.length;
    return text;
  };
  const value = (depth: number): unknown => {
    if ((left -= 5) < 0) return null;
    const kind = random.below(depth === 0 ? 4 : 6);
    if (kind === 0) return random.pick(WORDS);
    if (kind === 1) return random.below(1000);
    if (kind === 2) return null;
    if (kind === 3) return sized(random.pick(['big.**', 'a=b', 'x'.repeat(random.pick(SIZES))]));
    const size = random.below(10) === 0 ? Math.min(random.pick(SIZES), 20_000) : random.below(4);
    const items = Array.from({ length: size }, () => value(kind === 4 ? 0 : depth - 1));
    if (kind === 4) return items;
    return Object.fromEntries(items.map((one, i) => [random.pick([...WORDS, `k${i}`]), one]));
  };
  const names = [
    'target',
    'what',
    'when',
    'data',
    'tags',
    'expr',
    'metric',
    'key',
    'value',
    'from',
  ];
  const fields = names.filter(() => random.below(2) === 0).map((name) => [name, value(3)]);
  const text = JSON.stringify(Object.fromEntries(fields)).slice(0, BODY_MAX);
  const body = random.below(10) === 0 ? text.slice(0, random.below(text.length)) : text;
  return { name: `#${at} ${path} ${text.slice(0, 50)}`, path, body: body || '{}' };
}
