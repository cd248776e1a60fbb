/** A `percentThreshold` given twice, in one spelling or two, sends each of its statistics once. */
import { loadConfig } from '../../../src/config/load.ts';
import { flushOf } from '../../ingest/aggregate/flushing.ts';
import { makeAggregator, send } from '../../ingest/aggregate/make.ts';
import { assert, describe } from '../../support/suite.ts';

describe('a percentThreshold given twice', (it) => {
  for (const given of ['[90, 90]', '[90, "90"]', '[90, 90.0, 50, 9e1, 90]', '["90", 50, "50"]']) {
    it(`is one: ${given}`, () => {
      const text = `{ percentThreshold: ${given} }`;
      const { config } = loadConfig({ file: 'config.js', text, env: {}, flags: {} });
      const aggregator = makeAggregator(config.aggregation);
      send(aggregator, 't:1|ms\nt:2|ms');
      const { values } = flushOf(aggregator, 10, new Map());
      assert.equal(values.get('stats.timers.t.upper_90'), [2]);
      for (const [name, all] of values) assert.is(all.length, 1, name);
    });
  }
});

describe('bounds of a histogram', (it) => {
  it('are numbers', () => {
    const text = '{ histogram: [{ metric: "", bins: [1, NaN] }] }';
    const { findings } = loadConfig({ file: 'config.js', text, env: {}, flags: {} });
    assert.match(JSON.stringify(findings), /expected a number or/);
  });
});
