/** Globs beside Python's own fnmatch, which graphite-web uses for every node of a path. */
import fc from 'fast-check';
import { compileGlob } from '../../../src/storage/index/glob.ts';
import { assert, describe } from '../../support/suite.ts';
import { askOracle, hasOracle, ORACLE_MISSING } from '../whisper/oracle.ts';

const SCRIPT = `
import fnmatch, re
answers = []
for pattern, text in data:
  try: answers.append(fnmatch.fnmatchcase(text, pattern))
  except re.error: answers.append(None)
print(json.dumps(answers))
`;

describe('globs, by fnmatch', (it) => {
  if (!hasOracle()) {
    it.skipAloud('match the same', ORACLE_MISSING);
    return;
  }

  it('match the same', () => {
    const unit = fc.constantFrom(...Array.from('abc-]![*?^\\.z'));
    const pairs = fc.sample(
      fc.tuple(
        fc.string({ unit, maxLength: 8 }),
        fc.string({ unit: fc.constantFrom(...Array.from('abc-]![^\\')), maxLength: 4 }),
      ),
      20_000,
    );
    const answers = askOracle(SCRIPT, pairs) as (boolean | null)[];
    let matched = 0;
    for (const [i, [pattern, text]] of pairs.entries()) {
      const expected = answers[i];
      // A reversed range is an error to older Pythons and matches nothing in newer ones.
      if (expected === null) continue;
      // What stands behind one is read as a class of its own then: `[b-?!]` takes any character.
      if (/\[.*-.!/.test(pattern)) continue;
      assert.is(compileGlob(pattern).matches(text), expected, `${pattern} and ${text}`);
      if (expected === true) matched += 1;
    }
    assert.ok(matched > 500, `${matched} of ${pairs.length} matched`);
  });
});
