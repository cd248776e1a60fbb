import fs from 'node:fs';
import { HashRing } from '../../src/proxy/ring.ts';
import { assert, describe } from '../support/suite.ts';

interface Recorded {
  nodes: string[];
  /** Key to the port of its node, as StatsD's proxy sent it. */
  map: Record<string, string>;
}

const recorded = JSON.parse(
  fs.readFileSync(new URL('../conformance/statsd/proxy_map.json', import.meta.url), 'utf8'),
) as Recorded;

describe('proxy/ring', (it) => {
  it('gives every recorded key the node that it has in StatsD', () => {
    const ring = new HashRing(recorded.nodes);
    const wrong = Object.entries(recorded.map).filter(
      ([key, port]) => !recorded.nodes[ring.get(key)]!.endsWith(`:${port}`),
    );
    assert.equal(wrong, []);
    assert.is(Object.keys(recorded.map).length, 60);
  });

  it('moves only the keys of a node that goes', () => {
    const nodes = ['a:1', 'b:2', 'c:3', 'd:4'];
    const whole = new HashRing(nodes);
    const less = new HashRing(nodes.slice(0, 3));
    let moved = 0;
    for (let i = 0; i < 10_000; i++) {
      const before = whole.get(`key.${i}`);
      if (before === 3) moved += 1;
      else assert.is(less.get(`key.${i}`), before);
    }
    assert.ok(moved > 1000 && moved < 5000, `${moved} of 10000`);
  });

  it('has no node for anybody when it is empty', () => {
    assert.is(new HashRing([]).get('a'), -1);
  });
});
