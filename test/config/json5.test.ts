import fc from 'fast-check';
import { readJson5 } from '../../src/config/json5.ts';
import { assert, describe } from '../support/suite.ts';

/** Characters of which broken texts are made. */
const PIECES = [
  '{',
  '}',
  '[',
  ']',
  ':',
  ',',
  "'",
  '"',
  '/',
  '*',
  '\\',
  '+',
  '-',
  '0',
  'a',
  ' ',
  '\n',
  ';',
  '.',
];

function accepts(text: string, expected: unknown): void {
  const read = readJson5(text);
  assert.ok('value' in read, `${text}: ${'problem' in read ? read.problem : ''}`);
  assert.equal(JSON.parse(JSON.stringify(read.value)), expected);
}

function rejects(text: string, at: string, sentence: string): void {
  const read = readJson5(text);
  assert.ok('problem' in read, `${text} was read`);
  assert.is(`${read.line}:${read.column}`, at, text);
  assert.ok(read.problem.includes(sentence), `${text}: ${read.problem}`);
}

describe('json5', (it) => {
  it('reads what StatsD users write', () => {
    accepts('{ a: 1, }', { a: 1 });
    accepts("/* x */ {\n 'a': 0x10, // y\n \"b\": [.5, +1, 'it\\'s',],\n};\n// end", {
      a: 16,
      b: [0.5, 1, "it's"],
    });
    accepts('\uFEFF{ $a_1: null }', { $a_1: null });
    accepts('{ a: 1 }\r\n', { a: 1 });
    accepts('{ a: "x\\\r\ny" } // \\', { a: 'xy' });
  });

  it('nothing but comments is an empty object', () => {
    for (const text of ['', ' \n', '// off\n', '/* a */ /* b */', '/* a */ // b'])
      accepts(text, {});
    // A comment could end at any later end: matching must not try them all.
    accepts(`${'/* x */ '.repeat(5000)}{}`, {});
  });

  it('refuses code, with its place, and never runs it', () => {
    rejects('module.exports = { a: 1 }', '1:1', 'read "module.exports"');
    rejects("{\n  h: require('os').hostname() }", '2:6', 'code in a configuration');
    rejects('{ a: process.env.X }', '1:6', 'read "process.env.X"');
    rejects("{ a: 'x' + 'y' }", '1:10', 'read "+", expected a plain value');
    rejects('{ a: 1000 * 60 }', '1:11', 'read "*", expected a plain value');
    rejects('{ a: function () {} }', '1:6', 'read "function"');
    rejects('{ a: (() => process.exit(3))() }', '1:6', 'read "("');
    rejects('var c = {}', '1:1', 'read "var"');
  });

  it('says where a slip is', () => {
    rejects('{ a: 1 b: 2 }', '1:8', 'read "b", expected a text in quotes, a number or a comma');
    rejects('{ a: yes }', '1:6', 'read "yes"');
    rejects('{\n  a: 1,\n  b: [1, 2\n}', '4:1', 'read "}"');
    rejects('{ a: 1', '1:7', 'the text ends here');
    rejects('{ a: 1 } x', '1:10', 'read "x"');
    rejects('{ a: `x` }', '1:6', 'the quote `');
    rejects("{\n  a: 'x,\n  b: 'y'\n}", '2:6', "expected ' at its end");
    rejects('{ a: "x', '1:6', 'expected " at its end');
    rejects('{ a: "x\\', '1:6', 'expected " at its end');
    rejects('{ a: 1 } // \\\n \\', '2:3', 'the text ends here');
    rejects('"a": 1', '1:4', 'read ":"');
    rejects('['.repeat(20_000), '1:33', 'inside 32 others');
  });

  it('knows the place of every value and key', () => {
    const read = readJson5('{ a: [1,\n  { "b": 2 }] }');
    assert.ok('places' in read);
    const places = Object.fromEntries(read.places);
    assert.equal(places, {
      '': '1:1',
      '/a#': '1:3',
      '/a': '1:6',
      '/a/0': '1:7',
      '/a/1': '2:3',
      '/a/1/b#': '2:5',
      '/a/1/b': '2:10',
    });
  });

  it('a key __proto__ is a key', () => {
    const read = readJson5('{ __proto__: { polluted: 1 } }');
    assert.ok('value' in read);
    assert.equal(Object.keys(read.value as object), ['__proto__']);
    assert.is(({} as { polluted?: number }).polluted, undefined);
  });

  it('any JSON comes back as it is, any text is read or refused', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 5 }), (text) => {
        const read = readJson5(text);
        assert.ok('value' in read, text);
        assert.is(JSON.stringify(read.value), JSON.stringify(JSON.parse(text)));
      }),
    );
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...PIECES) }), (text) => {
        const read = readJson5(text);
        assert.ok('value' in read || (read.line > 0 && read.column > 0));
      }),
      { numRuns: 2000 },
    );
  });
});
