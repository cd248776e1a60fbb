/** The table against a Map, with removals and names of every length. */
import fc from 'fast-check';
import { NameTable, NONE } from '../../../src/ingest/aggregate/name-table.ts';
import { hashWords, littleEndianView } from '../../../src/ingest/protocol/words.ts';
import { assert, describe } from '../../support/suite.ts';

const SECRET = 99;

describe('name table', (it) => {
  const names = fc.oneof(
    fc.string({ maxLength: 8 }),
    fc.integer({ min: 0, max: 70 }).map((length) => 'x'.repeat(length)),
  );
  const steps = fc.array(fc.tuple(names, fc.integer({ min: 0, max: 1 }), fc.boolean()), {
    maxLength: 400,
  });

  it('finds what is there and nothing else', () => {
    fc.assert(
      fc.property(steps, (list) => {
        const table = new NameTable(10_000, 1 << 20, SECRET);
        const wanted = new Map<string, number>();
        for (const [name, kind, adds] of list) {
          const bytes = Buffer.concat([Buffer.from(name), Buffer.alloc(8)]);
          const length = bytes.length - 8;
          const view = littleEndianView(bytes);
          const hash = hashWords(view, 0, length, SECRET);
          const key = `${kind} ${name}`;
          const id = table.find(view, 0, length, hash, kind);
          assert.is(id, wanted.get(key) ?? NONE);
          if (adds && id === NONE) wanted.set(key, table.add(view, 0, length, hash, kind));
          if (!adds && id !== NONE) {
            table.remove(id);
            wanted.delete(key);
          }
        }
        assert.is(table.live, wanted.size);
        for (const [key, id] of wanted) {
          const start = table.startOf(id);
          const text = Buffer.from(table.bytes.subarray(start, start + table.lengthOf(id)));
          assert.is(`${table.kindOf(id)} ${text.toString()}`, key);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('refuses when it or its arena is full', () => {
    const table = new NameTable(2, 64, SECRET);
    const add = (name: string): number => {
      const view = littleEndianView(Buffer.from(`${name}\0\0\0\0`));
      return table.add(view, 0, name.length, hashWords(view, 0, name.length, SECRET), 0);
    };
    assert.is(add('x'.repeat(40)), 0);
    assert.is(add('y'.repeat(40)), NONE);
    assert.is(add('short'), 1);
    assert.is(add('third'), NONE);
    table.remove(0);
    assert.is(add('y'.repeat(40)), 0);
  });
});
