import {
  parseAggregationRules,
  parsePatternList,
  NO_RULES,
} from '../../src/intake/carbon-rules.ts';
import { ReadyPoints } from '../../src/intake/ready-points.ts';
import { MemoryStore } from '../model/memory-store.ts';
import type { SampleReport } from '../../src/wire/sample-batch.ts';
import { rulesOf } from '../storage/rules-of.ts';
import { values } from '../storage/store-maker.ts';
import { points } from '../support/points.ts';
import { assert, describe } from '../support/suite.ts';

const batch = (names: string[], time: number, given: number[]) =>
  points(
    names,
    names.map(() => time),
    given,
  );

describe('point intake', (it) => {
  it('stores points, and what was aggregated when it stops or its rules change', async () => {
    const store = new MemoryStore(rulesOf({ '.': '10s:1h' }));
    const reports: SampleReport[] = [];
    const rules = parseAggregationRules('all (10) = sum in.*', 'a.conf').rules;
    const now = 1_700_000_025;
    const intake = new ReadyPoints(
      store,
      { ...NO_RULES, aggregations: rules },
      (report) => reports.push(report),
      () => now,
    );
    const time = 1_700_000_000;
    await intake.take(batch(['in.a', 'in.b'], time, [1, 2]));
    assert.equal(store.allNames(), ['in.a', 'in.b']);
    const blacklist = parsePatternList('b$', 'b.conf').rules;
    await intake.setRules({ ...NO_RULES, aggregations: rules, blacklist });
    assert.equal([...(await values(store, 'all', time - 10, time, now))], [3]);
    await intake.take(batch(['in.a', 'in.b'], time + 10, [5, 6]));
    await intake.stop();
    assert.equal([...(await values(store, 'all', time, time + 10, now))], [5]);
    assert.equal(intake.rejected.byReason(), { lists: 1, aggregation: 0, names: 0 });
    assert.is(
      reports.reduce((sum, { stored }) => sum + stored, 0),
      5,
    );
    await store.close();
  });

  it('tells the store what refs stand for that came while there were rules', async () => {
    const store = new MemoryStore(rulesOf({ '.': '10s:1h' }));
    const blacklist = parsePatternList('^no', 'b.conf').rules;
    const time = 1_700_000_000;
    const intake = new ReadyPoints(
      store,
      { ...NO_RULES, blacklist },
      () => {},
      () => time,
    );
    const first = batch(['no.a', 'b'], time, [1, 2]);
    await intake.take(first);
    assert.equal(store.allNames(), ['b']);
    await intake.setRules(NO_RULES);
    const none = batch([], time, []).series;
    await intake.take({ ...first, series: { ...none, isReset: false } });
    assert.equal(store.allNames(), ['b', 'no.a']);
    await intake.stop();
    await store.close();
  });
});
