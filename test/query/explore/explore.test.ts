import { readNameTagRule, shippedNameTags } from '../../../src/config/name-tags.ts';
import { evaluateLimits, RequestLimit } from '../../../src/query/evaluate/request-limit.ts';
import { explore, type Explored } from '../../../src/query/explore/explore.ts';
import { readExploreQuery } from '../../../src/query/explore/explore-query.ts';
import { compileRules, tagsByRules } from '../../../src/query/explore/tags-of-names.ts';
import { parseTarget } from '../../../src/query/target/parse.ts';
import { globMatcher } from '../../../src/storage/index/glob.ts';
import { modelStore } from '../../model/model-store.ts';
import { assert, describe } from '../../support/suite.ts';

const rulesOf = (...texts: string[]) =>
  compileRules(
    texts.map((text) => {
      const rule = readNameTagRule(text);
      if ('wrong' in rule) throw new Error(rule.wrong);
      return rule;
    }),
    globMatcher,
  );
const SHIPPED = compileRules(shippedNameTags(), globMatcher);
const tagsOf = (name: string, rules = SHIPPED): object => ({ ...tagsByRules(name, rules)?.tags });

const ask = async (
  names: readonly string[],
  query: string,
  rules = SHIPPED,
  most = 100,
): Promise<Explored> =>
  explore(
    modelStore({ names }),
    { rules, compile: globMatcher },
    readExploreQuery(query),
    new RequestLimit(evaluateLimits()),
    most,
  );

describe('rules of tags', (it) => {
  it('that come with tallyd read the names of StatsD, collectd and Diamond', () => {
    assert.equal(tagsOf('stats.timers.shop.web01.pay.upper_99'), {
      kind: 'timer',
      service: 'shop',
      what: 'web01.pay',
      stat: 'upper_99',
    });
    assert.equal(tagsOf('stats.timers.shop.mean'), {
      kind: 'timer',
      service: 'shop',
      stat: 'mean',
    });
    assert.equal(tagsOf('stats.gauges.shop.stock'), {
      kind: 'gauge',
      service: 'shop',
      what: 'stock',
    });
    assert.equal(tagsOf('stats.shop.hits'), {
      kind: 'counter',
      stat: 'rate',
      service: 'shop',
      what: 'hits',
    });
    assert.equal(tagsOf('collectd.web01.cpu-0.cpu-user'), {
      plugin: 'cpu',
      host: 'web01',
      core: '0',
      type: 'cpu',
      stat: 'user',
    });
    assert.equal(tagsOf('collectd.web01.load.load.shortterm'), {
      host: 'web01',
      plugin: 'load',
      stat: 'load.shortterm',
    });
    assert.equal(tagsOf('servers.web01.cpu.total.idle'), {
      plugin: 'cpu',
      host: 'web01',
      core: 'total',
      stat: 'idle',
    });
    assert.equal(tagsOf('anything.else'), {});
  });

  it('are one node or many, part of one, or what a glob matches, the first that fits', () => {
    const rules = rulesOf(
      'a.<host:{web,db}*>.<<what>>.<stat> x=1',
      'a.<what>.*.b-<n>-c',
      'a.<<all>>',
    );
    assert.equal(tagsOf('a.web1.p.q.r', rules), { x: '1', host: 'web1', what: 'p.q', stat: 'r' });
    assert.equal(tagsOf('a.x.y.b-7-c', rules), { what: 'x', n: '7' });
    assert.equal(tagsOf('a.x.y.b--c', rules), { all: 'x.y.b--c' });
    assert.equal(tagsOf('a', rules), {});
    assert.equal(tagsOf('b.c', rules), {});
  });

  it('that are none are said so', () => {
    const wrong = (text: string): string => {
      const rule = readNameTagRule(text);
      return 'wrong' in rule ? rule.wrong : '';
    };
    assert.match(wrong('a.b'), /no tag read/);
    assert.match(wrong('a.<b'), /expected text, <tag>/);
    assert.match(wrong('a..<b>'), /expected text/);
    assert.match(wrong('<<a>>.<<b>>'), /one at most/);
    assert.match(wrong('<a>.<a>'), /tag a read twice/);
    assert.match(wrong('<a>.b x'), /expected tag=value/);
  });
});

describe('explore', (it) => {
  const names = ['web01', 'web02', 'db01'].flatMap((host) =>
    ['pay', 'search'].flatMap((what) =>
      ['mean', 'upper_99'].map((stat) => `stats.timers.shop.${host}.${what}.${stat}`),
    ),
  );
  const rules = rulesOf('stats.timers.<service>.<host>.<<what>>.<stat> kind=timer');

  it('answers targets in groups, called by what differs', async () => {
    const answer = await ask(names, 'service=shop stat=upper_99 by host', rules);
    assert.equal(answer.common, { kind: 'timer', service: 'shop', stat: 'upper_99' });
    assert.equal(
      answer.groups.map(({ by, targets }) => [{ ...by }, targets.map(({ alias }) => alias)]),
      ['db01', 'web01', 'web02'].map((host) => [{ host }, ['pay', 'search']]),
    );
    assert.is(
      answer.groups[0]!.targets[0]!.target,
      'alias(stats.timers.shop.db01.pay.upper_99,"pay")',
    );
    assert.equal([answer.series, answer.shown, answer.total], [6, 6, 6]);
  });

  it('takes globs, what is not, parts of names, and joins lines', async () => {
    const groups = async (query: string) => {
      const { groups: made } = await ask(names, query, rules);
      return made.map(({ targets }) => targets.map(({ target }) => target));
    };
    const all = 'sumSeries(stats.timers.shop.web01.pay.mean,stats.timers.shop.web02.pay.mean)';
    assert.equal(
      await groups('host=web0[1-2] stat=mean PAY sum'),
      await groups('host=web* stat=mean PAY sum'),
    );
    assert.equal(await groups('host=web[!0-9]* stat=mean PAY sum'), []);
    assert.equal(await groups('host=web* stat=mean PAY sum'), [[`alias(${all},"sum")`]]);
    assert.equal(await groups('stat=mean what=pay host!=web01 avg by host'), [
      ['alias(averageSeries(stats.timers.shop.db01.pay.mean),"db01")'],
      ['alias(averageSeries(stats.timers.shop.web02.pay.mean),"web02")'],
    ]);
    assert.equal(await groups('nosuch=1'), []);
    assert.equal(await groups('kind=gauge'), []);
  });

  it('has tagged series beside the others, and odd names in words of the grammar', async () => {
    const odd = ['m;host=web01;stat=upper', 'm;host=web02;stat=a"b', 'stats.gauges.a.(x) y'];
    const tagged = await ask(odd, 'host=web* by host');
    assert.is(tagged.series, 2);
    const spaced = await ask(odd, 'kind=gauge');
    const targets = [...tagged.groups, ...spaced.groups].flatMap((group) => group.targets);
    assert.is(targets.length, 3);
    for (const { target } of targets) assert.is(parseTarget(target).kind, 'call');
  });

  it('is bounded, and says how much there is', async () => {
    const many = Array.from({ length: 1500 }, (_, i) => `stats.gauges.s.g${i}`);
    const some = await ask(many, 'kind=gauge by what', SHIPPED, 10);
    assert.equal([some.shown, some.total, some.groups.length], [10, 1500, 10]);
    const refused = async (query: string): Promise<string> => {
      const error = await ask(many, query).then(
        () => new Error('none'),
        (one: Error) => one,
      );
      return error.message;
    };
    assert.match(await refused('kind=gauge sum'), /1500 series in one line, at most 1000/);
    assert.match(await refused('by host'), /expected tag=value or a part of names/);
    assert.match(await refused('a by'), /by: expected a tag behind it/);
    assert.match(await refused('a='), /expected tag=value/);
    assert.match(await refused('x '.repeat(40)), /40 terms read/);
    assert.match(await refused('x'.repeat(3000)), /query of 3000 characters/);
    assert.is((await ask(many, `what=${'{a,'.repeat(50)}*`)).series, 0);
  });
});
