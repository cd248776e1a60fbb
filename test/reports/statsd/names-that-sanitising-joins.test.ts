/** Names and tags that sanitising would make one: kept apart, or counted. */
import { assert, describe } from '../../support/suite.ts';
import { countedOf } from './counted.ts';

describe('reports/statsd: names that sanitising joins', (it) => {
  it('tags are kept as sent', () => {
    const lines = [
      'svc.up:3|c|#addr:10.0.0.1:443',
      'svc.up:4|c|#addr:10.0.0.14:43',
      'build.n:1|c|#version:1+2',
      'build.n:2|c|#version:12',
      'b.n:1|c|#日本:1',
      'b.n:2|c|#中国:1',
      'dag:1|c|#file_path:/opt/a b/c.py',
    ];
    const wanted = [
      'b.n;中国=1 2',
      'b.n;日本=1 1',
      'build.n;version=1+2 1',
      'build.n;version=12 2',
      'dag;file_path=/opt/a b/c.py 1',
      'svc.up;addr=10.0.0.14:43 4',
      'svc.up;addr=10.0.0.1:443 3',
    ];
    for (const dialect of ['extended', 'dogstatsd'] as const) {
      const { series, told } = countedOf(lines.join('\n'), dialect);
      assert.equal([series, told], [wanted, []], dialect);
    }
  });

  it('what ends a tag is replaced, and counted', () => {
    const { series, told } = countedOf('a:1|c|#k:x;y,t:~~z,o!p:\x01,n:~');
    assert.equal(series, ['a;k=x_y;o_p=_;t=z 1']);
    assert.equal(told, ['names.changed replaced 1']);
  });

  it('names lose what StatsD drops, with a count and the last as it was sent', () => {
    const { series, told, aggregator } = countedOf(
      'app.задача.x:1|c\napp.任务.x:2|c\nurl./a b:1|c\nданные:1|c\nок:2|c|#a:b\napp.задача.x:1|c',
    );
    assert.equal(series, ['app.x 4', 'url.-a_b 1']);
    assert.equal(told, [
      'lines.bad emptyName 2',
      'names.changed dropped 2',
      'names.changed replaced 1',
    ]);
    const dropped = aggregator.rejections().find(({ reason }) => reason === 'dropped');
    assert.match(dropped?.last?.example ?? '', /^app\.\\xe4/);
  });

  it('keyNameSanitize: false and dogstatsd keep them', () => {
    const lines = 'app.задача.x:1|c\napp.任务.x:2|c\nurl./a/b:1|c\nданные:4|g\nmy metric:1|c';
    const kept = ['app.任务.x 2', 'app.задача.x 1', 'gauges.данные 4'];
    const byOption = countedOf(lines, 'extended', { keyNameSanitize: false });
    const wanted = [...kept, 'my metric 1', 'url./a/b 1'].sort();
    assert.equal([byOption.series, byOption.told], [wanted, []]);
    const { series, told } = countedOf(lines, 'dogstatsd');
    assert.equal(series, [...kept, 'my_metric 1', 'url./a/b 1'].sort());
    assert.equal(told, ['names.changed replaced 1']);
  });

  it('several values of a tag, and a tag called name, are counted', () => {
    const { series, told } = countedOf('a:1|c|#t:x,t:y\na:2|c|#name:b\na:3|c|#t:z,t:z');
    assert.equal(series, ['a 2', 'a;t=y 1', 'a;t=z 3']);
    assert.equal(told, ['names.changed repeatedTag 1', 'names.changed tagOfName 1']);
  });
});
