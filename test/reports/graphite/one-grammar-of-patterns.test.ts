/**
 * What find, expand, render and the verbs answer for a pattern is one and the same, and what a plain
 * reading of Graphite's rules says: braces written out innermost first, then fnmatch node by node.
 */
import fc from 'fast-check';
import { parseTarget } from '../../../src/query/target/parse.ts';
import { UserError } from '../../../src/lib/errors.ts';
import { queryNames } from '../../../src/storage/index/name-query.ts';
import { type TestServer, testServer } from '../../http/client.ts';
import { type ColumnStore, columnStore } from '../../query/support/column-store.ts';
import { assert, describe, rounds } from '../../support/suite.ts';

const NAMES = [
  'tt.a1.x',
  'tt.a-1.x',
  'tt.a_1.x',
  'tt.b1.x',
  'tt.a1.y',
  'tt.a]1.x',
  'tt.{a1.x',
  'tt.a,1.x',
  'tt.a}.x',
  'tt.[a.x',
  'tt.a|1.x',
  'tt.😀.x',
  'ab.a.1',
  'a1b',
  'deep.a.b.1.x',
];

const FOUND: [pattern: string, names: string[]][] = [
  ['tt.{a1,}.x', ['tt.a1.x']],
  ['tt.a{,-}1.x', ['tt.a-1.x', 'tt.a1.x']],
  ['tt.a[\\-_]1.x', ['tt.a-1.x', 'tt.a_1.x']],
  ['tt.{a{1,-1},b1}.x', ['tt.a-1.x', 'tt.a1.x', 'tt.b1.x']],
  ['tt.{{a,b}1}.x', ['tt.a1.x', 'tt.b1.x']],
  ['tt.{,a1}{,x}.x', ['tt.a1.x']],
  ['tt.{a1.x', ['tt.{a1.x']],
  ['tt.a}.x', ['tt.a}.x']],
  ['tt.[a.x', ['tt.[a.x']],
  ['tt.a[]]1.x', ['tt.a]1.x']],
  ['tt.a[!]-_,|]1.x', ['tt.a-1.x']],
  ['tt.a[,|]1.x', ['tt.a,1.x', 'tt.a|1.x']],
  ['tt.?.x', ['tt.😀.x']],
  ['tt.[😀a].x', ['tt.😀.x']],
  ['tt.{a1,😀}.x', ['tt.a1.x', 'tt.😀.x']],
  ['**.x', NAMES.filter((name) => name.endsWith('.x'))],
];

describe('a pattern', (it) => {
  let store: ColumnStore;
  let server: TestServer;
  it.before(async () => {
    const column = { step: 60, values: [1, 2] };
    store = columnStore(Object.fromEntries(NAMES.map((name) => [name, column])));
    server = await testServer(store, { nowSeconds: () => 120 });
  });
  it.after(() => server.close());

  /** Leaves by each way of asking. */
  async function answers(pattern: string, target = pattern): Promise<Record<string, string[]>> {
    const query = encodeURIComponent(pattern);
    const find = (await server.json(`/metrics/find?format=json&query=${query}`)) as FoundLeaf[];
    const expanded = await server.json(`/metrics/expand?leavesOnly=1&query=${query}`);
    const render = (await server.json(
      `/render?format=json&from=0&until=120&target=${encodeURIComponent(target)}`,
    )) as { target: string }[];
    const leaves = find.filter((node) => node.is_leaf);
    return {
      find: leaves.map(({ path }) => path),
      expand: (expanded as { results: string[] }).results,
      render: render.map((series) => series.target),
      verbs: queryNames(store, pattern),
    };
  }

  async function answersAlike(pattern: string, expected: string[], target?: string): Promise<void> {
    const sorted = [...new Set(expected)].sort();
    for (const [way, names] of Object.entries(await answers(pattern, target))) {
      assert.equal(names.sort(), sorted, `${way} of ${pattern}`);
    }
  }

  it('is answered by all of them', async () => {
    for (const [pattern, expected] of FOUND) {
      await answersAlike(pattern, expected, pattern.replaceAll('|', '\\|'));
    }
  });

  it('is answered alike, whatever it is made of', async () => {
    const unit = fc.constantFrom(...Array.from('aab11x.tt{{}},,[]!-_*?\\'));
    const random = fc.string({ unit, minLength: 1, maxLength: 10 });
    const near = fc.tuple(fc.constantFrom(...NAMES), fc.nat(9), random).map(([name, at, text]) => {
      const characters = Array.from(name);
      return [...characters.slice(0, at), text, ...characters.slice(at + 1)].join('');
    });
    for (const drawn of fc.sample(fc.oneof(random, near), rounds(50, 3000))) {
      // A dot at the start is an error of render's, one at the end asks find for a branch; `**` has
      // rules of its own.
      const pattern = drawn.replace(/^[.\\]+|[.\\]+$/g, '').replaceAll('**', '*');
      if (pattern === '') continue;
      const target = pattern.replaceAll('\\', '').replace(/[,|]/g, '\\$&');
      await answersAlike(pattern, matching(pattern), target);
      const asWritten = pathOf(pattern);
      assert.ok(asWritten === undefined || asWritten === pattern.replaceAll('\\', ''), pattern);
    }
  });
});

interface FoundLeaf {
  path: string;
  is_leaf: boolean;
}

/** What a pattern reads as in a target, where all of it is one path. */
function pathOf(pattern: string): string | undefined {
  try {
    const node = parseTarget(pattern);
    return node.kind === 'path' ? node.text : undefined;
  } catch (error) {
    assert.instance(error, UserError);
    return undefined;
  }
}

function matching(pattern: string): string[] {
  const nodes = pattern.replaceAll('\\', '').split('.').filter(Boolean);
  return NAMES.filter((name) => {
    const texts = name.split('.');
    return texts.length === nodes.length && nodes.every((node, i) => matchesNode(node, texts[i]!));
  });
}

function matchesNode(node: string, text: string): boolean {
  const braces = /\{([^{}]*)\}/.exec(node);
  if (braces === null) return fnmatch(Array.from(node), Array.from(text));
  const [before, after] = [
    node.slice(0, braces.index),
    node.slice(braces.index + braces[0].length),
  ];
  return braces[1]!.split(',').some((choice) => matchesNode(before + choice + after, text));
}

function fnmatch(pattern: string[], text: string[]): boolean {
  const [first, ...rest] = pattern;
  if (first === undefined) return text.length === 0;
  if (first === '*') {
    return fnmatch(rest, text) || (text.length > 0 && fnmatch(pattern, text.slice(1)));
  }
  if (text.length === 0) return false;
  const close = first === '[' ? pattern.indexOf(']', pattern[1] === '!' ? 3 : 2) : -1;
  if (close === -1) return (first === '?' || first === text[0]) && fnmatch(rest, text.slice(1));
  const isIn = inClass(pattern.slice(1, close), text[0]!);
  return isIn && fnmatch(pattern.slice(close + 1), text.slice(1));
}

function inClass(inside: string[], char: string): boolean {
  const negated = inside[0] === '!';
  const members = negated ? inside.slice(1) : inside;
  let found = false;
  for (let i = 0; i < members.length; i++) {
    const isRange = members[i + 1] === '-' && i + 2 < members.length;
    const [low, high] = [members[i]!, isRange ? members[i + 2]! : members[i]!];
    if (low <= char && char <= high) found = true;
    if (isRange) i += 2;
  }
  return found !== negated;
}
