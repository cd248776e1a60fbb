import { assert, describe } from '../../support/suite.ts';
import { call, evaluates, given, refuses } from './table.ts';

const list = ['s.web1.user', 's.web1.idle', 's.db1.user'].map((name, i) =>
  given(name, [i + 1, null]),
);
const tagged = [
  ['web', 'x'],
  ['web', 'y'],
  ['db', 'x'],
].map(([role, dc], i) =>
  given(`cpu;dc=${dc};role=${role}`, [i + 1], { tags: { name: 'cpu', role: role!, dc: dc! } }),
);

describe('groups by nodes and tags', (it) => {
  it('names each group by its parts, in order of appearance', async () => {
    await evaluates('groupByNode', [list, 1, 'sum'], ['web1: 3 _', 'db1: 3 _']);
    await evaluates('groupByNode', [list, -1], ['user: 2 _', 'idle: 2 _']);
    await evaluates('groupByNode', [list, 9, 'max'], [': 3 _']);
    await evaluates('groupByNodes', [list, 'max', 2, 0], ['user.s: 3 _', 'idle.s: 2 _']);
    await evaluates('groupByNodes', [tagged, 'min', 'dc', 0], ['x.cpu: 1', 'y.cpu: 2']);
    await evaluates('groupByNodes', [[], 'sum', 1], []);
  });

  it('takes aggregates in all spellings, and functions', async () => {
    for (const callback of ['sum', 'total', 'sumSeries', 'totalSeries']) {
      await evaluates('groupByNode', [list, 0, callback], ['s: 6 _']);
    }
    await evaluates('groupByNode', [list, 0, 'countSeries'], ['s: 3 3']);
    await evaluates('groupByNode', [list, 0, 'asPercent'], [`s: ${(1 / 6) * 100} _`]);
    await refuses('groupByNode', [list, 0, 'nosuch'], /there is no function nosuch/);
  });

  it('names a group after functions in the names, too', async () => {
    const scaled = [given('scale(a.b.c,2)', [1]), given('scale(a.b.d,2)', [2])];
    await evaluates('groupByNode', [scaled, 1, 'sum'], ['b: 3']);
  });

  it('makes tagged names of tags', async () => {
    await evaluates('groupByTags', [tagged, 'sum', 'role'], ['cpu;role=web: 3', 'cpu;role=db: 3']);
    await evaluates(
      'groupByTags',
      [tagged, 'max', 'role', 'dc', 'name'],
      ['cpu;dc=x;role=web: 1', 'cpu;dc=y;role=web: 2', 'cpu;dc=x;role=db: 3'],
    );
    await evaluates('groupByTags', [tagged, 'sum', 'rack'], ['cpu;rack=: 6']);
    const mixed = [...tagged, given('cpu.total', [5])];
    await evaluates(
      'groupByTags',
      [mixed, 'sum', 'dc'],
      ['sum;dc=x: 4', 'sum;dc=y: 2', 'sum;dc=: 5'],
    );
    await refuses('groupByTags', [tagged, 'sum'], /no tags read, expected at least one/);
    const [answer] = await call('groupByTags', [tagged, 'sum', 'role']);
    assert.equal(answer?.tags, { name: 'cpu', role: 'web' });
    assert.is(answer?.pathExpression, 'cpu;role=web');
  });
});
