/** The part of the store suite about names, records and gauges. */
import { atOnce } from '../../src/lib/in-steps.ts';
import type { Store } from '../../src/storage/roles.ts';
import { MERGE_SUM } from '../../src/wire/merge.ts';
import { frameOf, withoutNames } from '../support/frame.ts';
import { assert, assertValues, describe } from '../support/suite.ts';
import { rulesOf } from './rules-of.ts';
import { type StoreMaker, usingOf, values } from './store-maker.ts';

const NOW = 1_700_000_000;

export function storeNamesSuite(title: string, maker: StoreMaker): void {
  const using = usingOf(maker);

  describe(`${title}: names`, (it) => {
    const rules = rulesOf({ '': '10s:5m' });

    it('finds plain and tagged series', async () => {
      await using(rules, async (store) => {
        await store.append(frameOf(NOW, { 'a.b': 1, 'a.c': 2, a: 3, 't;x=1': 4, 't;x=2': 5 }));
        assert.equal(
          store.find('a.*').map(({ path }) => path),
          ['a.b', 'a.c'],
        );
        const [both] = store.find('a');
        assert.equal([both!.leaf, both!.branch, both!.id >= 0], [true, true, true]);
        assert.equal(
          store.findTagged([{ tag: 'x', operator: '=', value: '2' }]).map(({ name }) => name),
          ['t;x=2'],
        );
        assert.equal(store.tagValues('x', { expressions: [] }), [
          { value: '1', count: 1 },
          { value: '2', count: 1 },
        ]);
        assert.equal(store.tagNames({ expressions: [] }), ['name', 'x']);
        assert.equal(store.tagCounts(9), [{ tag: 'x', values: 2 }]);
        assert.equal(store.allNames(), ['a', 'a.b', 'a.c', 't;x=1', 't;x=2']);
        assert.is(store.lookup('nothing'), undefined);
        assert.is(store.info(12_345), undefined);
        assert.throws(() => store.find('a.*', { limit: 1 }));
      });
    });

    it('shows a view of some names no others, not by their numbers either', async () => {
      await using(rules, async (store) => {
        await store.append(frameOf(NOW, { 'a.b': 1, 'z.c': 2, 't;x=1': 3 }));
        const view = atOnce(store.viewing((name) => name.startsWith('a.')));
        await store.append(frameOf(NOW, { 'a.d': 4, 'z.e': 5 }, { firstId: 10 }));
        assert.equal(view.allNames(), ['a.b', 'a.d']);
        assert.is(view.size, 2);
        assert.equal([view.tagCounts(9), store.tagCounts(9).length], [[], 1]);
        const idOf = (name: string): number => store.lookup(name)!.id;
        const ids = ['z.c', 'a.b', 't;x=1', 'a.d'].map(idOf);
        const fetched = await view.fetch(ids, NOW - 10, NOW, NOW);
        assert.equal(
          fetched.map((one) => one?.values[0]),
          [undefined, 1, undefined, 4],
        );
        assert.equal([view.lookup('z.c'), view.info(idOf('z.c'))], [undefined, undefined]);
        assert.equal([view.newestTimes(idOf('z.c')), view.lastWrite(idOf('z.c'))], [[], 0]);
        assert.is(view.info(idOf('a.b'))?.name, 'a.b');
        assert.is(view.revision(), store.revision());
        await store.delete(['a.b']);
        assert.equal(view.allNames(), ['a.d']);
        view.close();
        await store.delete(['a.d']);
        assert.equal(view.allNames(), ['a.d']);
      });
    });

    it('registers a tagged name once', async () => {
      await using(rules, async (store) => {
        assert.is(await store.tagSeries('t;b=2;a=1'), true);
        assert.is(await store.tagSeries('t;a=1;b=2'), false);
        const found = store.findTagged([{ tag: 'a', operator: '=', value: '1' }]);
        assert.equal(
          found.map(({ name }) => name),
          ['t;a=1;b=2'],
        );
        assertValues(await values(store, 't;a=1;b=2', NOW - 10, NOW, NOW), [null]);
      });
    });

    it('takes series out of the tag index until their next value, with their points', async () => {
      await using(rulesOf({ '': '10s:2h' }), async (store) => {
        const long = `u;x=${'w'.repeat(3000)}`;
        await store.append(frameOf(NOW, { 't;x=1': 1, 't;x=2': 2, plain: 3, [long]: 4 }));
        await store.tagSeries('t;x=3');
        const found = (on: Store): string[] =>
          on.findTagged([{ tag: 'x', operator: '=~', value: '.' }]).map(({ name }) => name);
        const before = store.revision?.();
        const asked = ['t;x=1', 't;x=3', 'plain', 'nosuch;x=1', long];
        assert.is(await store.untag(asked, NOW + 5), 3);
        assert.ok(store.revision === undefined || store.revision() !== before);
        assert.equal(found(store), ['t;x=2']);
        assert.equal(store.tagValues('x', { expressions: [] }), [{ value: '2', count: 1 }]);
        // The name leads to the points; what had none is gone.
        assertValues(await values(store, 't;x=1', NOW - 10, NOW, NOW), [1]);
        assert.is(store.lookup('t;x=3'), undefined);
        assert.equal(store.allNames(), ['plain', 't;x=1', 't;x=2', long]);

        const again = maker.reopen === undefined ? store : await maker.reopen(store, rules);
        assert.equal(found(again), ['t;x=2']);
        assertValues(await values(again, long, NOW - 10, NOW, NOW), [4]);
        await again.append(frameOf(NOW + 700, { 't;x=1': 5 }, { firstId: 50 }));
        assert.equal(found(again), ['t;x=1', 't;x=2']);
        assertValues(await values(again, 't;x=1', NOW - 10, NOW, NOW + 700), [1]);
        assert.is(await again.tagSeries(long), true);
        assert.is(await again.tagSeries(long), false);
        assert.equal(found(again), ['t;x=1', 't;x=2', long]);

        // Deleted while hidden: whoever has the name next is not.
        await again.untag(['t;x=2'], NOW + 700);
        await again.delete(['t;x=2']);
        await again.tagSeries('t;x=2');
        assert.equal(found(again), ['t;x=1', 't;x=2', long]);
        await again.untag(['t;x=1'], NOW + 700);
        assert.is(await again.rename([{ from: 't;x=1', to: 't;x=9' }]), 1);
        assert.equal(found(again), ['t;x=2', 't;x=9', long]);
        await again.putRecord('after', 'them'); // what a search found to be over is gone by then
        assert.equal(again.listRecords('untagged/'), []);
        return again;
      });
    });

    it('keeps names of any length and letters', async () => {
      await using(rules, async (store) => {
        const names = ['ü.λ.日本', 'x'.repeat(1900), 'y'.repeat(1901), `z.${'w'.repeat(5000)}`];
        await store.append(frameOf(NOW, Object.fromEntries(names.map((name, i) => [name, i]))));
        const last = maker.reopen === undefined ? store : await maker.reopen(store, rules);
        for (const [i, name] of names.entries()) {
          assertValues(await values(last, name, NOW - 10, NOW, NOW), [i]);
        }
        return last;
      });
    });

    it('forgets deleted series; the next owner of their place sees none of it', async () => {
      await using(rulesOf({ '': 'sum 10s:5m,1m:1h' }), async (store) => {
        const minute = NOW - (NOW % 60);
        for (let i = 0; i < 10; i++) {
          await store.append(frameOf(minute - 90 + i * 10, { a: 100, b: 1 }));
        }
        assert.is(await store.delete(['a', 'unknown', 'a']), 1);
        assert.equal(store.allNames(), ['b']);
        const found = await store.fetch([0, 1], minute - 300, minute, minute);
        assert.is(found.filter((one) => one !== undefined).length, 1);
        await store.append(frameOf(minute + 10, { c: 7 }, { firstId: 5 }));
        const now = minute + 10;
        assertValues(await values(store, 'c', now - 50, now, now), [null, null, null, null, 7]);
        const coarse = await values(store, 'c', now - 1000, now, now);
        assertValues(coarse.slice(-3), [null, null, 7]);
        assertValues((await values(store, 'b', now - 1000, now, now)).slice(-2), [6, 1]);
        await store.append(frameOf(minute + 70, { c: 1 }, { firstId: 5 }));
        const closed = await values(store, 'c', now - 1000, minute + 70, minute + 70);
        assertValues(closed.slice(-4), [null, null, 7, 1]);
      });
    });

    it('brings a deleted series back with its next value', async () => {
      await using(rules, async (store) => {
        await store.append(frameOf(NOW, { a: 1 }));
        await store.delete(['a']);
        await store.append(withoutNames(frameOf(NOW + 10, { a: 2 })));
        assertValues(await values(store, 'a', NOW - 10, NOW + 10, NOW + 10), [null, 2]);
      });
    });

    it('gives known series their new rules never, new ones at once', async () => {
      await using(rules, async (store) => {
        await store.append(frameOf(NOW, { a: 1 }));
        store.setRules(rulesOf({ '': 'max 20s:10m' }));
        await store.append(frameOf(NOW + 10, { b: 1 }, { firstId: 1 }));
        assert.is(store.info(store.lookup('a')!.id)!.archives[0]!.step, 10);
        assert.is(store.info(store.lookup('b')!.id)!.archives[0]!.step, 20);
        assert.is(store.info(store.lookup('b')!.id)!.aggregationMethod, 'max');
      });
    });
  });

  describe(`${title}: records and gauges`, (it) => {
    const rules = rulesOf({ '': '10s:5m' });

    it('keeps records in the order of their keys', async () => {
      await using(rules, async (store) => {
        for (const key of ['event/2', 'event/10', 'other', 'event/1']) {
          await store.putRecord(key, `text of ${key}`);
        }
        await store.putRecord('event/2', undefined);
        await store.putRecord('event/1', 'new');
        const keys = store.listRecords('event/');
        assert.equal(keys, [
          { key: 'event/1', text: 'new' },
          { key: 'event/10', text: 'text of event/10' },
        ]);
        assert.is(store.listRecords('').length, 3);
      });
    });

    it('knows the gauges of the newest flush', async () => {
      await using(rules, async (store) => {
        await store.append(frameOf(NOW, { g: 1, gone: 2 }));
        await store.append(frameOf(NOW, { count: 5 }, { merge: MERGE_SUM, firstId: 10 }));
        await store.append(frameOf(NOW + 10, { g: 3 }));
        const last = maker.reopen === undefined ? store : await maker.reopen(store, rules);
        const { names, values: found } = await last.lastGauges();
        assert.equal([names, [...found]], [['g'], [3]]);
        return last;
      });
    });
  });
}
