import { parseIni } from '../../src/lib/ini.ts';
import { assert, describe } from '../support/suite.ts';

const values = (text: string): [string, string, string][] =>
  parseIni(text).sections.flatMap(({ name, entries }) =>
    entries.map(({ key, value }): [string, string, string] => [name, key, value]),
  );

describe('ini', (it) => {
  it('keeps patterns as they are written', () => {
    for (const pattern of ['^a#b$', 'a;b=c', 'x = y', '^a\\.b;c=d$', 'a:b', '"q"', "'q'", 'a\\']) {
      assert.equal(values(`[s]\npattern = ${pattern}\n`), [['s', 'pattern', pattern]]);
    }
  });

  it('keeps the order and does not join sections of one name', () => {
    assert.equal(values('[b]\nk=1\n[a.b]\nk=2\n[b]\nk=3\nk=4'), [
      ['b', 'k', '1'],
      ['a.b', 'k', '2'],
      ['b', 'k', '3'],
      ['b', 'k', '4'],
    ]);
  });

  it('takes = or :, blanks around, CRLF, a byte order mark and comment lines', () => {
    assert.equal(values('\uFEFF# c\r\n[ s ]\r\n  ; c\r\n\r\n\tk :  v w \r\nl==\r\n'), [
      ['s', 'k', 'v w'],
      ['s', 'l', '='],
    ]);
  });

  it('tells lines and columns, from 1', () => {
    const [section] = parseIni('\n[s]\n  pattern =  ^a\nb:\n').sections;
    assert.is(section?.line, 2);
    assert.equal(section?.entries, [
      { key: 'pattern', value: '^a', line: 3, keyColumn: 3, valueColumn: 14 },
      { key: 'b', value: '', line: 4, keyColumn: 1, valueColumn: 3 },
    ]);
  });

  it('reports every line that it cannot read', () => {
    const { faults, sections } = parseIni('k = 1\n[s\nword\n = 2\n[]\n[t] x\nk = 3\n');
    assert.equal(
      faults.map(({ line, column }) => [line, column]),
      [
        [1, 1],
        [2, 1],
        [3, 1],
        [4, 2],
        [5, 1],
        [6, 1],
      ],
    );
    assert.match(faults[0]!.sentence, 'before the first [section]');
    assert.match(faults[2]!.sentence, '"word", expected [section] or key = value');
    assert.is(sections.at(-1)?.entries.length, 1);
  });
});
