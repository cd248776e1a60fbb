/** Empty and odd tags come out of every style as they do behind the bar. */
import { assert, describe } from '../../support/suite.ts';
import { countedOf } from '../statsd/counted.ts';

/** Lists as after `|#`, with `:` for the `=` of the other styles. */
const LISTS: [list: string, tags: string][] = [
  ['k:,z:1', ';z=1'],
  ['z:1,k:', ';z=1'],
  [',,k:1,', ';k=1'],
  [':v,k:1', ';k=1'],
  ['k:', ''],
  ['bare,k:1', ';bare=true;k=1'],
  ['k:x;y,z:1', ';k=x_y;z=1'],
  ['k:~x,z:/a b', ';k=x;z=/a b'],
  ['dd.internal.entity_id:uid-1,k:1', ';k=1'],
  ['dd.internal.card:low,dd.internal.jmx_check_name:x,dd.internal.new:y,k:', ''],
];

describe('reports/clients: tags of every style', (it) => {
  for (const [list, tags] of LISTS) {
    const inName = list.replaceAll(/:/g, '=');
    it(list, () => {
      const lines = [`a:1|c|#${list}`, `a,${inName}:1|c`, `a#${inName}:1|c`, `a[${inName}]:1|c`];
      if (!list.includes(';')) lines.push(`a;${inName.replaceAll(',', ';')}:1|c`);
      for (const line of lines) assert.equal(countedOf(line).series, [`a${tags} 1`], line);
      assert.equal(countedOf(lines[0]!, 'dogstatsd').series, [`a${tags} 1`]);
    });
  }

  it('what Datadog tells the agent alone is no tag of events and checks', () => {
    const { aggregator } = countedOf(
      '_e{1,1}:a|b|#dd.internal.entity_id:u,k:v\n_sc|db|0|#dd.internal.card:low,k:v',
    );
    assert.equal(
      aggregator.takeEvents().map(({ tags }) => tags),
      [['k:v'], ['k:v']],
    );
  });

  it('commas and brackets without an equals sign are part of the name', () => {
    assert.equal(countedOf('a[0].b:1|c\na,b:1|c').series, ['a0.b 1', 'ab 1']);
    assert.equal(countedOf('a[0].b:1|c', 'extended', { keyNameSanitize: false }).series, [
      'a[0].b 1',
    ]);
  });
});
