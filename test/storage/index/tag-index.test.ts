import fc from 'fast-check';
import { UserError } from '../../../src/lib/errors.ts';
import { compareNames } from '../../../src/storage/index/byte-order.ts';
import { TagIndex } from '../../../src/storage/index/tag-index.ts';
import { requireName } from '../../../src/wire/series-name.ts';
import type { TagExpression } from '../../../src/storage/roles.ts';
import { assert, describe, rounds } from '../../support/suite.ts';
import { dataSetNames, readGoldens } from './goldens.ts';

function expression(text: string): TagExpression {
  const match = /^([^;!=]+)(!=~|!=|=~|=)(.*)$/s.exec(text);
  assert.ok(match, text);
  const [, tag, operator, value] = match as unknown as [string, string, string, string];
  return { tag, operator: operator as TagExpression['operator'], value };
}

function indexOf(names: readonly string[]): TagIndex {
  const index = new TagIndex();
  for (const [id, name] of names.entries()) index.insert(name, id);
  return index;
}

const find = (index: TagIndex, ...texts: string[]): string[] =>
  index.find(texts.map(expression)).map(({ name }) => name);

function refuses(index: TagIndex, ...texts: string[]): void {
  assert.throws(
    () => find(index, ...texts),
    (error: unknown) => error instanceof UserError && error.code === 'badRequest',
    texts.join(' '),
  );
}

const NAMES = ['a;env=prod;host=1', 'a;host=2', 'b;env=test;host=1', 'c;host=11'];

describe('tag index', (it) => {
  it('keeps tagged series only', () => {
    const index = indexOf(['plain.name', ...NAMES]);
    assert.is(index.seriesNames().length, 4);
    assert.is(index.get('plain.name'), -1);
    assert.is(index.get('a;host=2'), 2);
    assert.equal(index.seriesNames(), [...NAMES].sort(compareNames));
    assert.equal(index.names({ expressions: [] }), ['env', 'host', 'name']);
  });

  it('finds by exact value, absence and difference', () => {
    const index = indexOf(NAMES);
    assert.equal(find(index, 'host=1'), ['a;env=prod;host=1', 'b;env=test;host=1']);
    assert.equal(find(index, 'name=a'), ['a;env=prod;host=1', 'a;host=2']);
    assert.equal(find(index, 'name=a', 'env='), ['a;host=2']);
    assert.equal(find(index, 'name=a', 'env!='), ['a;env=prod;host=1']);
    assert.equal(find(index, 'env!=', 'env!=test'), ['a;env=prod;host=1']);
    assert.equal(find(index, 'host=~.', 'env!=prod'), [
      'a;host=2',
      'b;env=test;host=1',
      'c;host=11',
    ]);
    assert.equal(find(index, 'nosuch=1'), []);
    assert.equal(find(index, 'host=1', 'nosuch=1'), []);
    assert.equal(find(index, 'host=2', 'nosuch!=1'), ['a;host=2']);
  });

  it('anchors patterns at the start only', () => {
    const index = indexOf(NAMES);
    assert.equal(find(index, 'host=~1').length, 3);
    assert.equal(find(index, 'host=~1$').length, 2);
    assert.equal(find(index, 'env=~rod'), []);
    assert.equal(find(index, 'host=~.', 'env=~(prod)?$'), [
      'a;env=prod;host=1',
      'a;host=2',
      'c;host=11',
    ]);
    assert.equal(find(index, 'host=~.', 'env!=~p').length, 3);
    assert.throws(() => find(index, 'host=~('), /pattern "\("/);
  });

  it('refuses terms that all match a series without the tag', () => {
    const index = indexOf(NAMES);
    refuses(index);
    refuses(index, 'env!=prod');
    refuses(index, 'env=');
    refuses(index, 'env=~.*');
    refuses(index, 'env!=~p', 'host=');
    refuses(index, 'nosuch!=1');
  });

  it('offers the next tags and values', () => {
    const index = indexOf(NAMES);
    const expressions = [expression('name=a')];
    assert.equal(index.names({ expressions }), ['env', 'host']);
    assert.equal(index.names({ expressions, prefix: 'h' }), ['host']);
    assert.equal(index.names({ expressions: [], limit: 1 }), ['env']);
    assert.equal(index.names({ expressions: [], limit: 0 }), []);
    assert.equal(index.values('host', { expressions: [] }), [
      { value: '1', count: 2 },
      { value: '11', count: 1 },
      { value: '2', count: 1 },
    ]);
    assert.equal(index.values('host', { expressions, prefix: '2' }), [{ value: '2', count: 1 }]);
    assert.equal(index.values('host', { expressions: [expression('env!=prod')], limit: 1 }), [
      { value: '1', count: 1 },
    ]);
    assert.equal(index.values('nosuch', { expressions: [] }), []);
  });

  it('forgets what is removed, and knows the id', () => {
    const index = indexOf(NAMES);
    assert.is(index.remove('a;host=2', 7), false);
    assert.is(index.remove('a;host=2', 1), true);
    assert.is(index.remove('a;host=2', 1), false);
    assert.equal(find(index, 'name=a'), ['a;env=prod;host=1']);
    assert.equal(
      index.values('host', { expressions: [] }).map(({ value }) => value),
      ['1', '11'],
    );
    index.remove('a;env=prod;host=1', 0);
    assert.equal(index.values('env', { expressions: [] }), [{ value: 'test', count: 1 }]);
    index.remove('b;env=test;host=1', 2);
    assert.equal(index.names({ expressions: [] }), ['host', 'name']);
  });

  it('stays right when most series are removed and others come', () => {
    const index = new TagIndex();
    for (let i = 0; i < 6000; i++) index.insert(`m${i % 7};host=h${i};rack=${i % 10}`, i);
    for (let i = 0; i < 5000; i++) index.remove(`m${i % 7};host=h${i};rack=${i % 10}`, i);
    for (let i = 6000; i < 6100; i++) index.insert(`m${i % 7};host=h${i};rack=${i % 10}`, i);
    assert.is(index.seriesNames().length, 1100);
    assert.is(index.find([expression('rack=3')]).length, 110);
    assert.is(index.find([expression('rack=~[0-4]')]).length, 550);
    const ids = index.find([expression('rack=3')]).map(({ id }) => id);
    assert.ok(ids.every((id) => id >= 5000 && id % 10 === 3));
    assert.equal(index.values('rack', { expressions: [], prefix: '3' }), [
      { value: '3', count: 110 },
    ]);
  });

  it('agrees with asking every series', () => {
    const pair = fc.tuple(fc.constantFrom('x', 'y', 'z'), fc.constantFrom('1', '2', '12', 'a'));
    const name = fc
      .tuple(fc.constantFrom('m', 'n'), fc.array(pair, { minLength: 1, maxLength: 3 }))
      .map(([path, pairs]) => requireName(path + pairs.map(([t, v]) => `;${t}=${v}`).join('')));
    const value = fc.constantFrom('', '1', '2', '12', 'a', 'q', '1|a', '.*', '[12]$');
    const term = fc.record({
      tag: fc.constantFrom('x', 'y', 'name', 'no'),
      operator: fc.constantFrom<TagExpression['operator']>('=', '!=', '=~', '!=~'),
      value,
    });
    const matchers = new Map<string, (text: string) => boolean>([
      ['', () => true],
      ['1|a', (text) => /^(1|a)/.test(text)],
      ['.*', () => true],
      ['[12]$', (text) => /^[12]$/.test(text)],
    ]);
    const matches = ({ operator, value: wanted }: TagExpression, text: string): boolean => {
      if (operator === '=') return text === wanted;
      if (operator === '!=') return text !== wanted;
      const test = matchers.get(wanted) ?? ((one: string) => one.startsWith(wanted));
      return test(text) === (operator === '=~');
    };
    fc.assert(
      fc.property(
        fc.uniqueArray(name, { maxLength: 30 }),
        fc.array(term, { minLength: 1, maxLength: 3 }),
        fc.array(fc.nat(29)),
        (names, terms, gone) => {
          const index = indexOf(names);
          for (const id of new Set(gone)) if (id < names.length) index.remove(names[id]!, id);
          const left = names.filter((_, id) => !gone.includes(id));
          if (terms.every((one) => matches(one, ''))) {
            assert.throws(() => index.find(terms));
            return;
          }
          const expected = left.filter((one) => {
            const [metric, ...pairs] = one.split(';');
            const tags = new Map(pairs.map((pair) => pair.split('=') as [string, string]));
            tags.set('name', metric!); // split gives one part at least
            return terms.every((wanted) => matches(wanted, tags.get(wanted.tag) ?? ''));
          });
          assert.equal(
            index.find(terms).map(({ name: found }) => found),
            expected.sort(compareNames),
          );
        },
      ),
      { numRuns: rounds(400, 1000) },
    );
  });
});

describe('tag index and graphite-web', (it) => {
  const index = indexOf(dataSetNames());
  // Requests that write come with their own series; those that fail to parse never get here.
  const goldens = readGoldens('tags').filter(
    ({ id, status }) => !id.startsWith('tags.write') && status === 200,
  );
  const of = (path: string) =>
    goldens.filter((one) => one.path === path && !one.params.has('jsonp'));
  const expressions = (params: Map<string, string[]>): TagExpression[] =>
    [...(params.get('expr') ?? []), ...(params.get('expr[]') ?? [])].map(expression);
  const limited = (params: Map<string, string[]>, prefixKey: string) => ({
    expressions: expressions(params),
    prefix: params.get(prefixKey)?.[0] ?? '',
    limit: Number(params.get('limit')?.[0] ?? 100),
  });

  it('finds series as recorded', () => {
    const requests = of('/tags/findSeries');
    assert.ok(requests.length > 10);
    for (const { id, params, body } of requests) {
      const found = index.find(expressions(params)).map(({ name }) => name);
      assert.equal(found, JSON.parse(body), id);
    }
  });

  it('completes tags as recorded', () => {
    const requests = of('/tags/autoComplete/tags');
    assert.ok(requests.length > 5);
    for (const { id, params, body } of requests) {
      assert.equal(index.names(limited(params, 'tagPrefix')), JSON.parse(body), id);
    }
  });

  it('completes values as recorded', () => {
    const requests = of('/tags/autoComplete/values');
    assert.ok(requests.length > 5);
    for (const { id, params, body } of requests) {
      const tag = params.get('tag')![0]!; // else it is an error
      const found = index.values(tag, limited(params, 'valuePrefix')).map(({ value }) => value);
      assert.equal(found, JSON.parse(body), id);
    }
  });

  it('counts values as recorded', () => {
    const requests = goldens.filter(
      ({ path, params }) => /^\/tags\/[a-z]+$/.test(path) && params.size === 0,
    );
    for (const { id, path, body } of requests) {
      const tag = path.slice('/tags/'.length);
      const found = index.values(tag, { expressions: [] });
      if (tag === 'nosuch') assert.equal([found, body], [[], 'null'], id);
      else if (tag !== 'findSeries') {
        const { values } = JSON.parse(body) as { values: { value: string; count: number }[] };
        assert.equal(
          found,
          values.map(({ value, count }) => ({ value, count })),
          id,
        );
      }
    }
  });

  it('refuses as recorded', () => {
    refuses(index, 'server!=web01');
    refuses(index, 'server=');
  });
});
