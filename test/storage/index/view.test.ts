/** A catalogue that follows another one: the same answers as one that has the visible names alone. */
import fc from 'fast-check';
import { atOnce, type InSteps } from '../../../src/lib/in-steps.ts';
import { Catalogue } from '../../../src/storage/index/catalogue.ts';
import { assert, describe, rounds } from '../../support/suite.ts';

const PARTS = ['open', 'shut', 'web', 'a', 'b'];
const part = fc.constantFrom(...PARTS);
const plain = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('.'));
const tagged = fc
  .tuple(plain, part, part)
  .map(([metric, one, two]) => `${metric};team=${one};x=${two}`);
const anyName = fc.oneof(plain, tagged);
const change = fc.record({
  name: anyName,
  kind: fc.constantFrom('insert', 'insert', 'insert', 'remove', 'hide', 'show'),
});

const isVisible = (name: string): boolean =>
  name === 'open' || /^open[.;]/.test(name) || name.includes(';team=web');

/** Names that nobody sees, so that a view takes several steps, with ids left free for others. */
const HIDDEN = 600;
const GAP = 10;

function filled(): Catalogue {
  const catalogue = new Catalogue();
  for (let id = 0; id < HIDDEN; id++) if (id % GAP > 0) catalogue.insert(`shut.bulk.n${id}`, id);
  return catalogue;
}

const PATTERNS = ['*', '*.*', 'open.**', '**', '*.{a,b}.*', 'shut.*', '**.web'];
const PRESENT = { tag: 'team', operator: '!=', value: '' } as const;

function answers(catalogue: Catalogue, names: readonly string[]): unknown {
  const run = <T>(work: InSteps<T>): T | string => {
    try {
      return atOnce(work);
    } catch (error) {
      return (error as Error).message;
    }
  };
  return {
    size: catalogue.size,
    all: catalogue.allNames(),
    found: PATTERNS.map((pattern) => run(catalogue.finding(pattern))),
    limited: PATTERNS.map((pattern) => run(catalogue.finding(pattern, { limit: 3 }))),
    tagged: run(catalogue.findingTagged([PRESENT])),
    tags: run(catalogue.namingTags({ expressions: [PRESENT] })),
    values: run(catalogue.listingValues('x', { expressions: [] })),
    searched: PARTS.map((word) => run(catalogue.searching(word, 5))),
    prefixes: run(catalogue.listingPrefixes(1000)),
    lookups: names.map((name) => catalogue.lookup(name)),
    page: catalogue.seriesFrom(0, 2 * HIDDEN).series,
  };
}

describe('a catalogue that follows another', (it) => {
  it('answers as one that has the visible names alone, whatever comes and goes', () => {
    const changes = fc.array(change, { maxLength: 60 });
    fc.assert(
      fc.property(changes, fc.nat(60), fc.nat(60), (list, begun, made) => {
        const whole = filled();
        const oracle = new Catalogue();
        let following: InSteps<Catalogue> | undefined;
        let view: Catalogue | undefined;
        for (const [at, { kind, name }] of list.entries()) {
          const id = at % 2 === 0 ? at * GAP : HIDDEN + at;
          if (at === begun) {
            following = whole.following(isVisible);
            following.next(); // it follows from its first step on
          }
          for (const one of isVisible(name) ? [whole, oracle] : [whole]) {
            if (kind === 'insert' && one.get(name) < 0) one.insert(name, id);
            else if (kind === 'remove') one.remove(name);
            else if (kind === 'hide' && one.get(name) >= 0) one.hide(name);
            else if (kind === 'show') one.show(name);
          }
          if (at === begun + made && following !== undefined) view ??= atOnce(following);
        }
        view ??= atOnce(following ?? whole.following(isVisible));
        const names = list.map(({ name }) => name);
        assert.equal(answers(view, names), answers(oracle, names));
      }),
      { numRuns: rounds(60, 1500) },
    );
  });

  it('takes nothing over any more once it is let go', () => {
    const whole = new Catalogue();
    const view = atOnce(whole.following(isVisible));
    whole.insert('open.a', 0);
    for (const name of ['open.a', 'shut.a']) whole.noteNew(name, 5);
    whole.unfollow(view);
    whole.insert('open.b', 1);
    whole.remove('open.a');
    assert.equal(view.allNames(), ['open.a']);
    assert.equal(view.newNames(), [{ path: 'open', count: 1, example: 'open.a', time: 5 }]);
  });
});
