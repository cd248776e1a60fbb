/** Names counted by prefix, against a Map; where prefixes are too many; what leaves makes room. */
import fc from 'fast-check';
import {
  CHILDREN_MAX,
  FULL_ALL_BYTES,
  FULL_BYTES,
  FULL_NAMES,
  PrefixLimit,
  ROOM,
} from '../../src/rejections/prefix-limit.ts';
import { assert, describe } from '../support/suite.ts';

function budget(limit: number, nodes = 2, skipped: string[] = []): PrefixLimit {
  return new PrefixLimit({ nodes, limit, skipped, secret: 0x5eed });
}

/** A budget with ids handed out in order, by names. */
class Names {
  readonly budget: PrefixLimit;
  private next = 0;

  constructor(one: PrefixLimit) {
    this.budget = one;
  }

  /** The id, or -1 when there is no room. */
  take(name: string): number {
    const bytes = Buffer.from(`..${name}..`);
    if (this.budget.obstacle(bytes, 2, bytes.length - 2) !== ROOM) return -1;
    this.budget.add(this.next, bytes, 2, bytes.length - 2);
    return this.next++;
  }

  /** How many of some names are let in. */
  count(name: (i: number) => string, tries: number): number {
    let taken = 0;
    for (let i = 0; i < tries; i++) if (this.take(name(i)) >= 0) taken += 1;
    return taken;
  }
}

describe('prefix budget', (it) => {
  it('lets a prefix have so many names and leaves the others theirs', () => {
    const names = new Names(budget(100));
    assert.is(
      names.count((i) => `app.checkout.request.${i}`, 500),
      100,
    );
    assert.is(
      names.count((i) => `app.search.request.${i}`, 500),
      100,
    );
    assert.is(names.take('app.checkout.other'), -1);
    assert.ok(names.take('app.checkin.other') >= 0);
  });

  it('a prefix is all nodes but the last, where there are fewer', () => {
    const names = new Names(budget(2));
    assert.is(
      names.count((i) => `name${i}`, 5),
      2,
    );
    assert.is(
      names.count((i) => `app.name${i}`, 5),
      2,
    );
    assert.is(
      names.count((i) => `app.checkout.name${i}`, 5),
      2,
    );
    assert.is(
      names.count((i) => `app.checkout.deep.name${i}`, 5),
      0,
    );
  });

  it('tags are no part of it, whatever they hold', () => {
    const names = new Names(budget(3));
    assert.is(
      names.count((i) => `app.api.hits;host=web${i}.example.com`, 9),
      3,
    );
    assert.is(
      names.count((i) => `hits;host=web${i}.example.com`, 9),
      3,
    );
  });

  it('leaves out what a namespace puts in front, the longest first', () => {
    const names = new Names(budget(4, 2, ['stats.', 'stats.timers.', 'stats_counts.']));
    for (const stat of ['upper', 'lower'])
      assert.ok(names.take(`stats.timers.app.api.t.${stat}`) >= 0);
    assert.ok(names.take('stats.app.api.c') >= 0);
    assert.ok(names.take('stats_counts.app.api.c') >= 0);
    assert.is(names.take('app.api.x'), -1);
    assert.ok(names.take('stats.timers.') >= 0);
    assert.ok(names.take('stats.timersapp.api.x') >= 0);
  });

  it('what is removed makes room again', () => {
    const names = new Names(budget(2));
    const first = names.take('a.b.1');
    names.take('a.b.2');
    assert.is(names.take('a.b.3'), -1);
    names.budget.remove(first);
    names.budget.remove(first);
    names.budget.remove(999_999);
    assert.ok(names.take('a.b.3') >= 0);
    assert.is(names.take('a.b.4'), -1);
  });

  it('a limit that is changed counts for what comes', () => {
    const names = new Names(budget(2));
    assert.is(
      names.count((i) => `a.b.${i}`, 9),
      2,
    );
    names.budget.limit = 5;
    assert.is(
      names.count((i) => `a.b.${i}x`, 9),
      3,
    );
    names.budget.limit = 1;
    assert.is(names.take('a.b.y'), -1);
  });

  it('counts what must be let in beyond the limit', () => {
    const one = budget(1);
    const bytes = Buffer.from('a.b.c');
    for (let id = 0; id < 3; id++) one.add(id, bytes, 0, 5);
    assert.is(one.obstacle(bytes, 0, 5), FULL_NAMES);
    one.remove(0);
    one.remove(1);
    assert.is(one.obstacle(bytes, 0, 5), FULL_NAMES);
    one.remove(2);
    assert.is(one.obstacle(bytes, 0, 5), ROOM);
  });

  it('counts bytes too, of one prefix and of all', () => {
    const bytes = { prefix: 2000, all: 3000 };
    const one = new PrefixLimit({ nodes: 1, limit: 1e6, bytes, secret: 1 });
    const name = (start: string): Buffer => Buffer.from(`${start}.${'x'.repeat(998)}`);
    for (const id of [0, 1]) one.add(id, name('a'), 0, 1000);
    assert.is(one.obstacle(name('a'), 0, 1000), FULL_BYTES);
    assert.is(one.obstacle(name('b'), 0, 1000), ROOM);
    one.add(2, name('b'), 0, 1000);
    assert.is(one.obstacle(Buffer.from('c.d'), 0, 3), FULL_ALL_BYTES);
    one.remove(0);
    assert.is(one.obstacle(name('a'), 0, 1000), ROOM);
    one.remove(1);
    one.remove(2);
    // Of 90 nodes 80 count 32 bytes each: more than the prefix may have.
    const deep = Buffer.from(`e.${Array.from({ length: 89 }, () => 'a').join('.')}`);
    assert.is(one.obstacle(deep, 0, deep.length), FULL_BYTES);
  });

  it('something that varies in the first nodes is counted with the prefix above it', () => {
    const names = new Names(budget(500));
    const tries = CHILDREN_MAX + 5000;
    assert.is(
      names.count((i) => `app.id${i}.latency`, tries),
      CHILDREN_MAX + 500,
    );
    assert.is(
      names.count((i) => `id${i}.api.latency`, tries),
      CHILDREN_MAX - 1 + 500,
    );
    // Prefixes that were there before have their own room still.
    assert.ok(names.take('app.id7.hits') >= 0);
    assert.ok(names.take('id7.api.hits') >= 0);
    assert.is(names.take('other.api.hits'), -1);
  });

  it('takes and gives as a Map would', () => {
    const node = fc.constantFrom('a', 'b', 'c', '');
    const name = fc.array(node, { minLength: 1, maxLength: 4 }).map((nodes) => nodes.join('.'));
    const step = fc.tuple(name, fc.boolean());
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const names = new Names(budget(3));
        const counts = new Map<string, number>();
        const ids: { id: number; prefix: string }[] = [];
        for (const [one, adds] of steps) {
          const prefix = one.split('.').slice(0, -1).slice(0, 2).join('.') + one.split('.').length;
          const key = one.split('.').length > 3 ? prefix.replace(/\d$/, '3') : prefix;
          if (adds) {
            const id = names.take(one);
            assert.is(id >= 0, (counts.get(key) ?? 0) < 3, `${one} in ${key}`);
            if (id < 0) continue;
            counts.set(key, (counts.get(key) ?? 0) + 1);
            ids.push({ id, prefix: key });
          } else {
            const gone = ids.shift();
            if (gone === undefined) continue;
            names.budget.remove(gone.id);
            counts.set(gone.prefix, counts.get(gone.prefix)! - 1);
          }
        }
      }),
      { numRuns: 300 },
    );
  });
});
