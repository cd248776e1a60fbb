import fc from 'fast-check';
import {
  checked,
  column,
  flag,
  list,
  nullable,
  number,
  object,
  optional,
  shortText,
  text,
  unexpected,
} from '../../../src/storage/admin/schema.ts';
import { assert, describe } from '../../support/suite.ts';

function bits(values: Float64Array): string[] {
  const view = new DataView(values.buffer, values.byteOffset, values.byteLength);
  return Array.from(values, (_, i) => view.getBigUint64(i * 8).toString(16));
}

describe('admin schemas', (it) => {
  it('carry every double bit for bit', () => {
    const odd = Float64Array.of(-0, 5e-324, -5e-324, 2.2e-308, NaN, Infinity, -Infinity, 0.1);
    assert.equal(bits(column.decode(column.encode(odd))), bits(odd));
    assert.equal(column.decode(column.encode(new Float64Array(0))), new Float64Array(0));
    fc.assert(
      fc.property(fc.float64Array(), (values) => {
        assert.equal(bits(column.decode(column.encode(values))), bits(values));
      }),
    );
  });

  it('are little-endian, whatever the machine', () => {
    assert.is(
      column.encode(Float64Array.of(1)),
      Buffer.from([0, 0, 0, 0, 0, 0, 0xf0, 0x3f]).toString('base64'),
    );
    assert.is(
      column.encode(new Float64Array([9, 1]).subarray(1)),
      column.encode(Float64Array.of(1)),
    );
    assert.throws(() => column.decode('AAAA'), 'a column: read "3 bytes", expected whole doubles');
  });

  it('cross as JSON and come back, undefined as null or not at all', () => {
    const schema = object({
      name: text,
      note: optional(text),
      answers: list(nullable(object({ values: column, isNew: flag }))),
    });
    const values = Float64Array.of(1, -0);
    const value = { name: 'x', answers: [undefined, { values, isNew: true }] };
    const wire = JSON.parse(JSON.stringify(schema.encode(value))) as unknown;
    assert.equal(wire, {
      name: 'x',
      answers: [null, { values: column.encode(values), isNew: true }],
    });
    assert.equal(schema.decode(wire), value);
    assert.equal(schema.decode({ name: 'x', note: null, answers: [], more: 1 }), {
      name: 'x',
      answers: [],
    });
    assert.is(nullable(number).encode(undefined), null);
  });

  it('say in JSON schema what fastify is to check', () => {
    const { json } = object({ names: list(text, { itemsMax: 5 }), after: optional(text) });
    assert.equal(json, {
      type: 'object',
      properties: {
        names: {
          type: 'array',
          items: { type: 'string', description: 'a text' },
          maxItems: 5,
          description: 'a list',
        },
        after: { type: 'string', description: 'a text', nullable: true },
      },
      required: ['names'],
      description: 'a JSON object',
    });
  });

  it('check what has been read', () => {
    const even = checked(number, (value) => {
      if (value % 2 !== 0) throw unexpected('number', value, 'an even one');
    });
    assert.is(even.decode(2), 2);
    assert.throws(() => even.decode(3), 'number: read 3, expected an even one');
    const name = shortText(4, 'a name');
    assert.is(name.decode('abcd'), 'abcd');
    assert.throws(() => name.decode('ééé'), 'a name: read "ééé", expected a name of 1 to 4 bytes');
  });
});
