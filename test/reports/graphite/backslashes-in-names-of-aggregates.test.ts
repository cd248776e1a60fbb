import { assert, describe } from '../../support/suite.ts';
import { FUNCTIONS } from '../../../src/query/functions/registry.ts';
import { UserError } from '../../../src/lib/errors.ts';
import { callOf } from '../../query/support/registry-calls.ts';
import { evaluated, namesOf, ramp } from '../peers/series-of-one-window.ts';

const STORED = { 'sys.mnt|data.used': ramp(20), 'a=b(c),\'d".x y': ramp(20), 'web.a.b': ramp(20) };

describe('an escaped path', (it) => {
  it('has no backslashes in the names of aggregates', async () => {
    for (const [target, name] of [
      ['sumSeries(sys.mnt\\|data.used)', 'sumSeries(sys.mnt|data.used)'],
      ['aliasByNode(sumSeries(sys.mnt\\|data.used),1)', 'mnt|data'],
      ['scale(sys.mnt\\|data.used,2)', 'scale(sys.mnt|data.used,2)'],
      ['maxSeries(a\\=b\\(c\\)\\,\\\'d\\".x\\ y)', 'maxSeries(a=b(c),\'d".x y)'],
      ['avg(sys.mnt\\|*.used)', 'averageSeries(sys.mnt|*.used)'],
      ['template(sumSeries(sys.$m.used),m="mnt\\|data")', 'sumSeries(sys.mnt|data.used)'],
      ['asPercent(web.\\a.b,web.a.b)', 'asPercent(web.a.b,web.a.b)'],
    ] as const) {
      assert.equal(await namesOf(STORED, target), [name], target);
    }
  });

  it('has none in the names of any function', async () => {
    let count = 0;
    for (const spec of FUNCTIONS.values()) {
      if (spec.name.startsWith('alias') || spec.params[0]?.type !== 'seriesList') continue;
      const target = callOf(spec, 'web', false).replaceAll(/web\.[\w*?]+/g, 'web.\\a.b');
      try {
        for (const { name, pathExpression } of await evaluated(STORED, target)) {
          assert.not.match(name, /\\/, target);
          assert.not.match(pathExpression, /\\/, target);
          count += 1;
        }
      } catch (error) {
        assert.instance(error, UserError, target);
      }
    }
    assert.ok(count > 80, String(count));
  });
});
