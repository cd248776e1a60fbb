/** Look-ups in steps, while names come and go between the steps. */
import fc from 'fast-check';
import { sortInSteps, type InSteps } from '../../../src/lib/in-steps.ts';
import { Catalogue } from '../../../src/storage/index/catalogue.ts';
import { assert, describe, rounds } from '../../support/suite.ts';

const HOSTS = rounds(700, 1500);
const METRICS = 6;

/** Runs a look-up to its end; `between` is called at every pause. */
function run<T>(work: InSteps<T>, between: () => void): { result: T; pauses: number } {
  for (let pauses = 0; ; pauses++) {
    const { done, value } = work.next();
    if (done === true) return { result: value, pauses };
    between();
  }
}

function filled(): { catalogue: Catalogue; names: string[] } {
  const catalogue = new Catalogue();
  const names: string[] = [];
  for (let host = 0; host < HOSTS; host++) {
    for (let metric = 0; metric < METRICS; metric++) names.push(`h.h${host}.m${metric}`);
    for (let metric = 0; metric < METRICS; metric++) names.push(`t;host=h${host};m=${metric}`);
  }
  for (const [id, name] of names.entries()) catalogue.insert(name, id);
  return { catalogue, names };
}

describe('look-ups in steps', (it) => {
  it('find all that stays, once, in order, and with the ids of their names', () => {
    const searches: ((catalogue: Catalogue) => InSteps<{ id: number; name: string }[]>)[] = [
      (catalogue) => named(catalogue.finding('h.*.*')),
      (catalogue) => named(catalogue.finding('h.h*.m?')),
      (catalogue) => named(catalogue.finding('**.m{0,1,2,3,4,5}')),
      (catalogue) => catalogue.findingTagged([{ tag: 'name', operator: '=', value: 't' }]),
      (catalogue) => catalogue.findingTagged([{ tag: 'host', operator: '=~', value: 'h\\d+$' }]),
    ];
    for (const [at, search] of searches.entries()) {
      const { catalogue, names } = filled();
      let seed = 1 + at;
      const gone = new Set<string>();
      let free: number[] = [];
      let added = 0;
      const { result, pauses } = run(search(catalogue), () => {
        for (let i = 0; i < 60; i++) {
          seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
          const name = names[(seed >>> 8) % names.length]!;
          const id = catalogue.remove(name);
          if (id < 0) continue;
          gone.add(name);
          free.push(id);
        }
        // Ids, nodes and texts are given out again.
        for (const id of free) {
          catalogue.insert(id % 2 === 0 ? `h.h${id % HOSTS}.x${added}` : `u;new=${added}`, id);
          added += 1;
        }
        free = [];
      });
      assert.ok(pauses > 1, `${pauses} pauses`);
      assert.ok(gone.size > 0);
      const found = result.map(({ name }) => name);
      assert.is(new Set(found).size, found.length);
      assert.equal(found, found.toSorted());
      const wanted = names.filter((name) => name.startsWith(at < 3 ? 'h' : 't'));
      const missed = wanted.filter((name) => !gone.has(name) && !found.includes(name));
      assert.equal(missed, []);
      for (const { id, name } of result) assert.is(catalogue.nameOf(id), name);
    }
  });

  it('sort a branch in steps when it is first walked, whatever comes and goes meanwhile', () => {
    const count = 12_000;
    for (const change of ['none', 'added', 'removed', 'emptied']) {
      const catalogue = new Catalogue();
      const nameOf = (i: number): string => `flat.n${(i * 7919) % count}`;
      for (let i = 0; i < count; i++) catalogue.insert(nameOf(i), i);
      let at = 0;
      const pauses: number[] = [];
      const work = catalogue.finding('flat.*');
      for (;;) {
        const { done, value } = work.next();
        if (done === true) {
          const found = value.map(({ path }) => path);
          assert.equal(found, found.toSorted());
          assert.is(new Set(found).size, found.length);
          if (change === 'none') assert.is(found.length, count);
          if (change === 'added') assert.ok(found.length >= count, String(found.length));
          if (change === 'removed') assert.ok(found.length >= count - at, String(found.length));
          break;
        }
        pauses.push(value);
        at += 1;
        if (change === 'added') catalogue.insert(`flat.x${at}-${(at * 31) % 7}`, count + at);
        if (change === 'removed') catalogue.remove(nameOf(at));
        if (change === 'emptied') for (let i = 0; i < count; i++) catalogue.remove(nameOf(i));
      }
      // Three runs, and two merges of them, before any name is looked at.
      if (change === 'none') assert.ok(pauses.length > 8, `${pauses.length} pauses`);
      assert.ok(Math.max(...pauses) < 10_000, `${Math.max(...pauses)} steps at once`);
    }
  });

  it('list names, tags and values that stay', () => {
    const { catalogue } = filled();
    let at = 0;
    const between = (): void => {
      for (let i = 0; i < 50; i++) catalogue.remove(`h.h${at++}.m3`);
    };
    const plain = run(catalogue.namingPlain(), between);
    assert.ok(plain.pauses > 1);
    assert.ok(plain.result.length >= HOSTS * METRICS - at);
    const tags = [{ tag: 'm', operator: '=', value: '3' }] as const;
    const values = run(catalogue.listingValues('host', { expressions: [...tags] }), () => {
      catalogue.insert(`t;host=new;m=${at++}`, 100_000 + at);
    });
    assert.is(values.result.length, HOSTS);
    assert.ok(values.result.every(({ count }) => count === 1));
    assert.equal(catalogue.tagNames({ expressions: [] }), ['host', 'm', 'name']);
  });

  it('sort as sort does', () => {
    const compare = (a: [number, number], b: [number, number]): number => a[0] - b[0];
    const size = fc.integer({ min: 0, max: 20_000 });
    fc.assert(
      fc.property(size, fc.integer({ min: 1, max: 1000 }), (count, factor) => {
        const list = Array.from(
          { length: count },
          (_, i) => [(i * factor) % 997, i] as [number, number],
        );
        assert.equal(run(sortInSteps([...list], compare), () => {}).result, list.sort(compare));
      }),
      { numRuns: rounds(4, 20) },
    );
  });
});

function* named(work: ReturnType<Catalogue['finding']>): InSteps<{ id: number; name: string }[]> {
  return (yield* work).flatMap(({ id, path, leaf }) => (leaf ? [{ id, name: path }] : []));
}
