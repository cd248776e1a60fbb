/** Searches for parts of names and tags, beside the obvious way of looking at every name. */
import fc from 'fast-check';
import { atOnce } from '../../../src/lib/in-steps.ts';
import { Catalogue } from '../../../src/storage/index/catalogue.ts';
import { FoldedTexts } from '../../../src/storage/index/folded-texts.ts';
import type { SearchAnswer } from '../../../src/storage/roles.ts';
import { assert, describe, rounds } from '../../support/suite.ts';

function catalogueOf(names: readonly string[]): Catalogue {
  const catalogue = new Catalogue();
  for (const [id, name] of names.entries()) catalogue.insert(name, id);
  return catalogue;
}

const search = (catalogue: Catalogue, query: string, most = 1000): SearchAnswer =>
  atOnce(catalogue.searching(query, most));

function finds(names: readonly string[], query: string, ...paths: string[]): void {
  const { hits, total, isExact } = search(catalogueOf(names), query);
  assert.equal(
    hits.map(({ path }) => path),
    paths,
    query,
  );
  assert.equal([total, isExact], [paths.length, true], query);
}

/** Missed points of a word at one node of a path: 0 the node, 1 its start, 2 inside; 9 no. */
function missedAt(nodes: readonly string[], at: number, word: string): number {
  const pieces = word.split('.');
  if (pieces.length === 1) {
    const text = nodes[at]!;
    return text === word ? 0 : text.startsWith(word) ? 1 : text.includes(word) ? 2 : 9;
  }
  const parts = at - pieces.length + 1 < 0 ? [''] : [];
  for (let i = Math.max(0, at - pieces.length + 1); i <= at; i++) parts.push(nodes[i]!);
  if (parts.length !== pieces.length) return 9;
  const [first, last] = [pieces[0]!, pieces.at(-1)!];
  const middles = pieces.slice(1, -1).every((piece, i) => parts[i + 1] === piece);
  if (!middles || !parts.at(-1)!.startsWith(last) || !parts[0]!.endsWith(first)) return 9;
  if (first !== '' && parts[0] !== first) return 2;
  return parts.at(-1) === last ? 0 : 1;
}

/** Paths of all hits with what they missed. */
function naive(names: readonly string[], words: readonly string[]): Map<string, number> {
  const found = new Map<string, number>();
  for (const name of names) {
    const nodes = name.toLowerCase().split('.');
    for (let end = 1; end <= nodes.length; end++) {
      let isOwn = false;
      let missed = 0;
      for (const word of words) {
        const all = nodes.slice(0, end).map((_, at) => missedAt(nodes.slice(0, end), at, word));
        if (all[end - 1]! < 9) isOwn = true;
        // One word is looked for at the nodes themselves.
        const isPlain = words.length === 1 && !word.includes('.');
        missed += isPlain ? all[end - 1]! : Math.min(...all);
      }
      if (isOwn && missed < 9) found.set(name.split('.').slice(0, end).join('.'), missed);
    }
  }
  return found;
}

const NODES = ['a', 'b', 'ab', 'Ba', 'abc', 'cab', 'ca', 'bb'];
const nameOf = fc.array(fc.constantFrom(...NODES), { minLength: 1, maxLength: 4 });
const namesOf = fc.uniqueArray(
  nameOf.map((nodes) => nodes.join('.')),
  { minLength: 1, maxLength: 40 },
);
const wordOf = fc.constantFrom(
  'a',
  'b',
  'ab',
  'c',
  'abc',
  'a.b',
  '.a',
  'b.',
  'b.ca',
  'ab.a.b',
  'x',
);

describe('search of names', (it) => {
  const names = [
    'stats.timers.shop.latency.upper_90',
    'stats.timers.shop.latency.mean',
    'stats.timers.Workshop.latency.mean',
    'stats.gauges.shop.stock',
    'shop',
    'servers.web01.cpu.user',
  ];

  it('finds any part of a node, whole nodes first, then the shallower', () => {
    finds(names, 'SHOP', 'shop', 'stats.gauges.shop', 'stats.timers.shop', 'stats.timers.Workshop');
    finds(names, '90', 'stats.timers.shop.latency.upper_90');
    finds(names, 'web99');
  });

  it('takes words in any order, and lists no node below one that has them all', () => {
    const shop = 'stats.timers.shop.latency';
    finds(names, 'shop lat', shop, 'stats.timers.Workshop.latency');
    finds(names, 'lat*shop', shop, 'stats.timers.Workshop.latency');
    finds(names, 'mean timers', `${shop}.mean`, 'stats.timers.Workshop.latency.mean');
    finds(names, 'shop.lat', shop, 'stats.timers.Workshop.latency');
    finds(names, '.shop.', 'stats.gauges.shop.stock', shop);
    finds(names, 'stats.timers.shop.latency.mean', `${shop}.mean`);
  });

  it('counts the series below a branch, also as they come and go', () => {
    const catalogue = catalogueOf(names);
    const below = (query: string) => search(catalogue, query).hits[0]!.series;
    assert.is(below('latency'), 2);
    catalogue.insert('stats.timers.shop.latency.count', 9);
    assert.is(below('latency'), 3);
    catalogue.remove('stats.timers.shop.latency.mean');
    assert.equal([below('latency'), below('stats')], [2, 4]);
  });

  it('answers as looking at every name does, while names come and go', () => {
    const queries = fc.array(wordOf, { minLength: 1, maxLength: 3 });
    const property = fc.property(
      namesOf,
      namesOf,
      queries,
      fc.nat(),
      (first, later, asked, cut) => {
        const catalogue = catalogueOf(first);
        const words = [...new Set(asked)];
        const half = catalogue.searching('', 1);
        if (cut % 2 === 0) half.next();
        const gone = first.slice(0, cut % (first.length + 1));
        for (const name of gone) catalogue.remove(name);
        const left = first.slice(gone.length);
        const added = later.filter((name) => !left.includes(name));
        if (cut % 3 === 0) atOnce(half);
        for (const [i, name] of added.entries()) catalogue.insert(name, 1000 + i);
        const expected = naive([...left, ...added], words);
        const { hits, total, isExact } = search(catalogue, words.join(' '));
        assert.equal([total, isExact], [expected.size, true]);
        assert.equal(hits.map(({ path }) => path).sort(), [...expected.keys()].sort());
        const missed = hits.map(({ path }) => expected.get(path)!);
        assert.equal(
          missed,
          [...missed].sort((a, b) => a - b),
        );
      },
    );
    fc.assert(property, { numRuns: rounds(60, 20_000) });
  });

  it('looks at so much and no more, and says that there is more', () => {
    const many = Array.from({ length: 30_000 }, (_, i) => `hosts.h${i % 3000}.m${i}.value`);
    const catalogue = catalogueOf(many);
    const values = search(catalogue, 'value', 10);
    assert.equal([values.total, values.isExact, values.hits.length], [30_000, true, 10]);
    const starts = search(catalogue, 'm', 10);
    assert.equal([starts.isExact, starts.hits.length], [false, 10]);
    assert.ok(starts.total >= 2000);
    const both = search(catalogue, 'hosts value', 10);
    assert.equal([both.isExact, both.hits.length], [false, 10]);
    assert.is(search(catalogue, 'h2999 value').total, 10);
  });

  it('refuses what nobody types', () => {
    const catalogue = catalogueOf(['a']);
    assert.throws(() => search(catalogue, 'a b c d e f g h i'), /9 words read, expected up to 8/);
    assert.throws(() => search(catalogue, 'x'.repeat(2000)), /query of 2000 characters/);
    assert.equal(search(catalogue, ' . * ').hits, []);
  });

  it('stands names of any depth and length', () => {
    const deep = Array.from({ length: 20_000 }, () => 'a').join('.');
    const catalogue = catalogueOf([deep, `${'z'.repeat(5000)}.q`]);
    assert.is(search(catalogue, 'a a. .a', 5).hits.length, 5);
    assert.is(search(catalogue, 'q z', 5).hits[0]!.path.length, 5002);
  });
});

describe('search of tags', (it) => {
  const names = [
    'disk.used;dc=east;server=web01',
    'disk.used;dc=west;server=web02',
    'disk.free;dc=east;server=web01',
    'cpu;dc=east;server=web11',
  ];

  it('finds tags by any part of tag=value, and series by parts of several', () => {
    finds(names, 'web0', 'server=web01', 'server=web02');
    finds(names, 'server=web01', 'server=web01');
    finds(names, 'disk.u', 'name=disk.used');
    finds(names, 'used west', 'disk.used;dc=west;server=web02');
    finds(names, 'web01 disk', 'disk.free;dc=east;server=web01', 'disk.used;dc=east;server=web01');
    finds(names, 'disk.used;dc=west', 'disk.used;dc=west;server=web02');
    assert.is(search(catalogueOf(names), 'EAST').hits[0]!.series, 3);
  });

  it('keeps up with series that come, go and are hidden', () => {
    const catalogue = catalogueOf(names);
    assert.is(search(catalogue, 'web11').total, 1);
    catalogue.hide(names[3]!);
    assert.is(search(catalogue, 'web11').total, 0);
    catalogue.insert('cpu;server=web12', 7);
    assert.equal(search(catalogue, 'web12').hits[0]!.tag, { tag: 'server', value: 'web12' });
    // So many go that the tag index is built anew.
    for (let i = 0; i < 4000; i++) catalogue.insert(`t;i=x${i}`, 100 + i);
    assert.is(search(catalogue, 'x39').total, 1 + 10 + 100);
    for (let i = 0; i < 3990; i++) catalogue.remove(`t;i=x${i}`);
    assert.is(search(catalogue, 'x39').total, 10);
    assert.is(search(catalogue, 'web12').total, 1);
  });
});

describe('folded texts', (it) => {
  it('find each text that holds a word once, over slices, and none that went', () => {
    const texts = new FoldedTexts();
    for (let i = 0; i < 60_000; i++) texts.add(i, `Text${i}x`);
    for (let i = 0; i < 60_000; i += 2) texts.remove(i);
    const { ids, isWhole } = atOnce(texts.finding('99x', 10_000));
    assert.is(isWhole, true);
    assert.equal(
      [...ids],
      Array.from({ length: 600 }, (_, i) => 99 + 100 * i),
    );
    assert.is(texts.isWasteful, false);
    for (let i = 1; i < 60_000; i += 2) texts.remove(i);
    assert.is(texts.isWasteful, true);
  });

  it('of too many, those that begin with a word can be had too', () => {
    const texts = new FoldedTexts();
    for (let i = 0; i < 100; i++) texts.add(i, `xa${i}`);
    texts.add(100, 'ab');
    const found = atOnce(texts.finding('a', 5));
    assert.equal([...found.ids, found.isWhole], [0, 1, 2, 3, 4, false]);
    atOnce(texts.findingStarts('a', found, 5));
    assert.equal([...found.ids], [0, 1, 2, 3, 4, 100]);
  });
});
