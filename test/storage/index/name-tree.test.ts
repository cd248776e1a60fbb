import fc from 'fast-check';
import { UserError } from '../../../src/lib/errors.ts';
import { compareNames } from '../../../src/storage/index/byte-order.ts';
import { compileGlob } from '../../../src/storage/index/glob.ts';
import { NameTree } from '../../../src/storage/index/name-tree.ts';
import { assert, describe, rounds } from '../../support/suite.ts';
import { dataSetNames, readGoldens } from './goldens.ts';

function treeOf(names: readonly string[]): NameTree {
  const tree = new NameTree();
  for (const [id, name] of names.entries()) tree.insert(name, id);
  return tree;
}

const pathsOf = (tree: NameTree, pattern: string): string[] =>
  tree.find(pattern, 1e6).map(({ path }) => path);

function finds(names: readonly string[], pattern: string, ...paths: string[]): void {
  assert.equal(pathsOf(treeOf(names), pattern), paths, pattern);
}

/** Every node of the names, matched part by part in the obvious recursive way. */
function naiveFind(names: readonly string[], pattern: string): string[] {
  const nodes = new Set<string>();
  for (const name of names) {
    const parts = name.split('.');
    for (let i = 1; i <= parts.length; i++) nodes.add(parts.slice(0, i).join('.'));
  }
  const texts = pattern.split('.');
  if (texts.at(-1) === '**') texts.push('*');
  const matches = (wanted: string[], parts: string[]): boolean => {
    const [first, ...rest] = wanted;
    if (first === undefined) return parts.length === 0;
    if (first === '**') {
      return matches(rest, parts) || (parts.length > 0 && matches(wanted, parts.slice(1)));
    }
    const [part, ...others] = parts;
    return part !== undefined && compileGlob(first).matches(part) && matches(rest, others);
  };
  return [...nodes].filter((node) => matches(texts, node.split('.'))).sort(compareNames);
}

describe('name tree', (it) => {
  it('finds leaves, branches and nodes that are both', () => {
    const tree = treeOf(['a.b', 'a.b.c', 'top']);
    assert.equal(tree.find('*', 10), [
      { path: 'a', text: 'a', leaf: false, branch: true, id: -1 },
      { path: 'top', text: 'top', leaf: true, branch: false, id: 2 },
    ]);
    assert.equal(tree.find('a.*', 10), [
      { path: 'a.b', text: 'b', leaf: true, branch: true, id: 0 },
    ]);
    assert.equal(tree.find('a.b.c.d', 10), []);
    assert.equal(tree.find('', 10), []);
    assert.is(tree.get('a.b'), 0);
    assert.is(tree.get('a'), -1);
    assert.is(tree.get('a.x'), -1);
    assert.is(tree.names().length, 3);
  });

  it('** is any number of parts, at the end at least one', () => {
    const names = ['a', 'a.b', 'a.x.b', 'a.x.y.b', 'b'];
    finds(names, 'a.**.b', 'a.b', 'a.x.b', 'a.x.y.b');
    finds(names, '**.b', 'a.b', 'a.x.b', 'a.x.y.b', 'b');
    finds(names, 'a.**', 'a.b', 'a.x', 'a.x.b', 'a.x.y', 'a.x.y.b');
    finds(names, '**.x.**.b', 'a.x.b', 'a.x.y.b');
    finds(names, '**.**.b', 'a.b', 'a.x.b', 'a.x.y.b', 'b');
    finds(names, '**', 'a', 'a.b', 'a.x', 'a.x.b', 'a.x.y', 'a.x.y.b', 'b');
  });

  it('sorts by the bytes of the whole path', () => {
    finds(['a.x', 'a-b.x', 'a+.x'], '*.x', 'a+.x', 'a-b.x', 'a.x');
    finds(['a.x', 'a-b.x', 'a'], '*', 'a', 'a-b');
    finds(['p.a', 'p.a-b', 'p.a.z'], 'p.*', 'p.a', 'p.a-b');
    finds(['p.a', 'p.a-b', 'p.a.z'], '**', 'p', 'p.a', 'p.a-b', 'p.a.z');
    finds(['Z', 'a', 'é', '\u{1f600}', '\uffee'], '*', 'Z', 'a', 'é', '\uffee', '\u{1f600}');
  });

  it('empty parts of a pattern stand for nothing, names keep theirs', () => {
    finds(['a.b'], 'a..b', 'a.b');
    finds(['a.b'], '.a.b.', 'a.b');
    finds(['a..b'], 'a..b', 'a..b');
    finds(['a..b'], 'a.*.b', 'a..b');
    finds(['a[b.c'], 'a[b.c', 'a[b.c');
    finds(['{x,y}'], '{x,y}', '{x,y}');
    finds(['{x,y}', 'x'], '{x,y}', 'x');
  });

  it('refuses to find more than the limit', () => {
    const tree = treeOf(['a.1', 'a.2', 'a.3']);
    assert.is(tree.find('a.*', 3).length, 3);
    for (const pattern of ['a.*', '**']) {
      assert.throws(
        () => tree.find(pattern, 2),
        (error: unknown) =>
          error instanceof UserError && error.code === 'overLimit' && error.message.includes('2'),
      );
    }
  });

  it('removes what nothing hangs on any more', () => {
    const tree = treeOf(['a.b', 'a.b.c', 'a.d']);
    assert.is(tree.remove('a.b'), true);
    assert.is(tree.remove('a.b'), false);
    assert.is(tree.remove('a'), false);
    assert.equal(tree.names(), ['a.b.c', 'a.d']);
    assert.equal(pathsOf(tree, 'a.*'), ['a.b', 'a.d']);
    tree.remove('a.b.c');
    assert.equal(pathsOf(tree, '**'), ['a', 'a.d']);
    tree.remove('a.d');
    assert.equal(pathsOf(tree, '**'), []);
    assert.is(tree.names().length, 0);
    tree.insert('a.b', 9);
    assert.is(tree.get('a.b'), 9);
  });

  it('agrees with the obvious way, while names come and go', () => {
    const node = fc.constantFrom('a', 'b', 'a-b', 'ab', 'a+', 'web01', 'x');
    const name = fc.array(node, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('.'));
    const part = fc.constantFrom('*', '**', 'a', 'a*', '?', '{a,b}', '[ab]*', 'x', 'web0[0-9]');
    const pattern = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('.'));
    const step = fc.tuple(fc.boolean(), name);
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), fc.array(pattern), (steps, patterns) => {
        const tree = new NameTree();
        const ids = new Map<string, number>();
        for (const [id, [add, one]] of steps.entries()) {
          if (add) {
            tree.insert(one, id);
            ids.set(one, id);
          } else assert.is(tree.remove(one), ids.delete(one));
          if (id % 10 === 5) tree.find('**', 1e6);
        }
        assert.is(tree.names().length, ids.size);
        assert.equal(tree.names(), [...ids.keys()].sort(compareNames));
        for (const [one, id] of ids) assert.is(tree.get(one), id);
        for (const one of patterns) {
          const found = tree.find(one, 1e6);
          assert.equal(
            found.map(({ path }) => path),
            naiveFind([...ids.keys()], one),
            one,
          );
          for (const { path, id, leaf } of found) {
            assert.is(id, ids.get(path) ?? -1);
            assert.is(leaf, ids.has(path));
          }
        }
      }),
      { numRuns: rounds(200, 500) },
    );
  });

  it('holds many names, the texts of their nodes once', () => {
    const tree = new NameTree();
    for (let i = 0; i < 50_000; i++) tree.insert(`s.h${i % 500}.m${Math.floor(i / 500)}`, i);
    assert.is(tree.names().length, 50_000);
    assert.is(tree.find('s.*.m7', 1000).length, 500);
    assert.is(tree.find('s.h1?.m[0-4]', 1000).length, 50);
    for (let i = 0; i < 50_000; i += 2) tree.remove(`s.h${i % 500}.m${Math.floor(i / 500)}`);
    assert.is(tree.names().length, 25_000);
    assert.is(tree.find('**', 1e6).length, 25_000 + 250 + 1);
  });
});

describe('name tree and graphite-web', (it) => {
  const tree = treeOf(dataSetNames().filter((name) => !name.includes(';')));

  const expand = readGoldens('find').filter(
    ({ path, params }) => path === '/metrics/expand' && !params.has('jsonp'),
  );
  it(`expands as recorded (${expand.length} requests)`, () => {
    assert.ok(expand.length > 15);
    for (const { id, params, body } of expand) {
      const leavesOnly = params.get('leavesOnly') === undefined ? 0 : 1;
      const grouped: Record<string, string[]> = {};
      for (const query of params.get('query') ?? []) {
        grouped[query] = tree
          .find(query, 1e6)
          .filter(({ leaf }) => leavesOnly === 0 || leaf)
          .map(({ path }) => path);
      }
      const all = [...new Set(Object.values(grouped).flat())].sort(compareNames);
      const results = params.has('groupByExpr') ? grouped : all;
      assert.equal({ results }, JSON.parse(body), id);
    }
  });

  const completer = readGoldens('find').filter(
    ({ path, params, status }) =>
      path === '/metrics/find' &&
      status === 200 &&
      params.get('format')?.[0] === 'completer' &&
      !params.has('wildcards') &&
      !params.has('jsonp') &&
      !params.has('automatic_variants') &&
      !params.get('query')![0]!.includes(';'),
  );
  it(`completes as recorded (${completer.length} requests)`, () => {
    assert.ok(completer.length > 10);
    for (const { id, params, body } of completer) {
      const typed = params.get('query')![0]!; // filtered above
      const dotted = typed.replaceAll('..', '*.');
      const query = dotted.endsWith('*') ? dotted : `${dotted}*`;
      const found = tree.find(query, 1e6).flatMap(({ path, branch, leaf }) => {
        return [...(branch ? [`${path}.`] : []), ...(leaf ? [path] : [])];
      });
      const { metrics } = JSON.parse(body) as { metrics: { path: string; name: string }[] };
      const expected = metrics.filter(({ name }) => name !== '_tagged').map(({ path }) => path);
      assert.equal(found.sort(), expected.sort(), id);
    }
  });
});
