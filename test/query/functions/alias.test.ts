import { assert, describe } from '../../support/suite.ts';
import { call, contextOf, evaluates, given, refuses } from './table.ts';

const names = (...all: string[]): ReturnType<typeof given>[] => all.map((name) => given(name, [1]));
const empty = [given('n', [null])];

describe('names by text and pattern', (it) => {
  it('leaves the path for aggregates around it', async () => {
    await evaluates('alias', [names('a', 'b'), 'x'], ['x: 1', 'x: 1']);
    await evaluates('alias', [empty, 'x'], ['x: _']);
    const [answer] = await call('alias', [names('a'), 'x']);
    assert.is(answer?.pathExpression, 'a');
    assert.equal(answer?.tags, { name: 'a' });
  });

  it('replaces every occurrence, with groups', async () => {
    await evaluates('aliasSub', [names('a.b.c'), '\\.', '-'], ['a-b-c: 1']);
    await evaluates('aliasSub', [names('a.b.c'), '(\\w)\\.(\\w)', '\\2\\g<1>'], ['ba.c: 1']);
    await evaluates('aliasSub', [names('a.b'), '(^.*$)', '\\1 A'], ['a.b A: 1']);
    await evaluates('aliasSub', [empty, 'x', 'y'], ['n: _']);
    await refuses(
      'aliasSub',
      [names('a'), '(?=a)', ''],
      /lookahead and lookbehind are not supported/,
    );
    await refuses('aliasSub', [names('a'), 'a', '\\1'], /refers to group 1/);
  });

  it('shows the last value of another target', async () => {
    const asked: string[] = [];
    const context = contextOf({
      evaluate: async (target) => {
        asked.push(target);
        return [given(target, [70, 71.9, null])];
      },
    });
    await evaluates(
      'aliasQuery',
      [names('ch.1', 'ch.2'), '^ch\\.', 'freq.', '%d MHz'],
      ['71 MHz: 1', '71 MHz: 1'],
      context,
    );
    assert.equal(asked, ['freq.1', 'freq.2']);
    await evaluates('aliasQuery', [[], 'a', 'b', 'c'], []);
    await refuses('aliasQuery', [names('a'), 'a', 'b', '%d'], /"b" finds no series/);
    await refuses(
      'aliasQuery',
      [names('a'), 'a', 'b', '%d'],
      /"n" has no last value/,
      contextOf({}, empty),
    );
    await refuses(
      'aliasQuery',
      [names('a'), 'a', 'b', 'x'],
      /has 0 conversions/,
      contextOf({}, names('b')),
    );
  });

  it('changes case, of all letters or of some', async () => {
    await evaluates('upper', [names('a.b')], ['A.B: 1']);
    await evaluates('lower', [names('A.B')], ['a.b: 1']);
    await evaluates('upper', [names('hello'), 0, -1, 99, -99], ['HellO: 1']);
    await evaluates('lower', [names('H😀LLO'), 2], ['H😀lLO: 1']);
    await evaluates('upper', [empty], ['N: _']);
  });
});

describe('names by node', (it) => {
  it('takes parts from either end, and tags', async () => {
    await evaluates('aliasByNode', [names('a.b.c'), 1, -1], ['b.c: 1']);
    await evaluates('aliasByNode', [names('a.b.c'), 7], [': 1']);
    const tagged = [given('cpu.load;dc=x;n=5', [1], { tags: { name: 'cpu.load', dc: 'x', n: 5 } })];
    await evaluates('aliasByNode', [tagged, 'dc', 1, 'n', 'none'], ['x.load.5.: 1']);
    await evaluates('aliasByTags', [tagged, 'name', 'dc'], ['cpu.load.x: 1']);
    await evaluates('aliasByNode', [empty, 0], ['n: _']);
  });

  it('looks inside calls for the first path', async () => {
    const inside = ['scale(a.b.c,2)', 'asPercent(x.y,sumSeries(p.q))', 'f(g(h(d.{e,f}.*)),"x")'];
    await evaluates('aliasByNode', [names(...inside), 1], ['b: 1', 'y: 1', '{e,f}: 1']);
    await evaluates('aliasByNode', [names('f("a.b",c.d)'), 0], ['f("a: 1']);
    await evaluates('aliasByNode', [names('a.b (c.d)'), 1], ['b: 1']);
  });

  it('cuts by position, inside the innermost call', async () => {
    await evaluates('substr', [names('a.b.c.d'), 1, 3], ['b.c: 1']);
    await evaluates('substr', [names('a.b.c.d'), -2, 0], ['c.d: 1']);
    await evaluates('substr', [names('f(g(a.b.c,1),2)'), 1, 0], ['b.c: 1']);
    await evaluates('substr', [names('a.b')], ['a.b: 1']);
    await evaluates('substr', [names(') odd ('), 0, 0], [': 1']);
    await evaluates(
      'aliasByMetric',
      [names('a.b.c', 'f(a.b,3)', 'top')],
      ['c: 1', 'b: 1', 'top: 1'],
    );
    await evaluates('aliasByMetric', [empty], ['n: _']);
  });
});

describe('names with numbers', (it) => {
  const a = given('a', [1, 1500, null]);
  it('appends aggregates', async () => {
    await evaluates(
      'legendValue',
      [[a], 'last', 'count', 'total'],
      ['a (last: 1500.0) (count: 2) (total: 1501.0): 1 1500 _'],
    );
    await evaluates(
      'legendValue',
      [empty, 'avg', 'count', 'nosuch'],
      ['n (avg: None) (count: 0) (nosuch: (?)): _'],
    );
    await evaluates(
      'legendValue',
      [[a], 'max', 'nosuch', 'si'],
      [`${'a'.padEnd(20)}max  1.50k     nosuch(?)       : 1 1500 _`],
    );
    await evaluates(
      'legendValue',
      [empty, 'max', 'binary'],
      [`${'n'.padEnd(20)}max  None      : _`],
    );
    await refuses('legendValue', [[a]], /no aggregate read/);
  });

  it('aligns columns as Cacti does', async () => {
    const b = given('long', [-5, 0, 2.25]);
    await evaluates(
      'cactiStyle',
      [[a, b]],
      [
        'a    Current:1500.00    Max:1500.00    Min:1.00     : 1 1500 _',
        'long Current:2.25       Max:2.25       Min:-5.00    : -5 0 2.25',
      ],
    );
    await evaluates(
      'cactiStyle',
      [[a], 'si', 'b'],
      ['a Current:1.50 kb    Max:1.50 kb    Min:1.00 b    : 1 1500 _'],
    );
    await evaluates('cactiStyle', [empty], ['n Current:nan     Max:nan     Min:nan     : _']);
    await evaluates('cactiStyle', [[], 'si'], []);
    await refuses('cactiStyle', [[a], 'metric'], /system "metric" read, expected si or binary/);
  });
});
