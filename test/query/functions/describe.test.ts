import {
  describeFunctions,
  type FunctionDescription,
} from '../../../src/query/functions/describe.ts';
import { goldenCases } from '../../support/golden.ts';
import { assert, describe } from '../../support/suite.ts';

describe('descriptions of functions', (it) => {
  const ours = new Map(describeFunctions('graphite').map((one) => [one.name, one]));
  const golden = goldenCases().find((one) => one.id === 'functions.all.001');
  const body = (golden?.response.body ?? '{}').replace(/: ?Infinity\b/g, ': 1e9999');
  const recorded = JSON.parse(body) as Record<string, FunctionDescription>;

  it('are recorded', () => assert.is(Object.keys(recorded).length, 154));

  for (const [name, { description: _d, module: _m, ...wanted }] of Object.entries(recorded)) {
    it(`${name} is as graphite-web has it`, () => {
      const { description, module: _module, ...found } = ours.get(name)!;
      assert.equal(found, wanted);
      assert.ok(description.length > 20, description);
    });
  }
});
