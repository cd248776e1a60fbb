/** Retention strings beside Debian's python3-whisper: the same are read, to the same archives. */
import fc from 'fast-check';
import { parseRetentions } from '../../../src/storage/retention/retentions.ts';
import { assert, describe } from '../../support/suite.ts';
import { askOracle, hasOracle, ORACLE_MISSING } from '../whisper/oracle.ts';

const SCRIPT = `
answers = []
for text in data:
  try:
    archives = [whisper.parseRetentionDef(part) for part in text.split(',')]
    whisper.validateArchiveList(archives)
    answers.append([list(archive) for archive in sorted(archives)])
  except (ValueError, ZeroDivisionError, whisper.WhisperException):
    answers.append(None)
print(json.dumps(answers))
`;

const UNITS =
  's sec second seconds m mi min minutes mon h hour d day days w weeks y years M x'.split(' ');

/** What we refuse although whisper takes it: rings without a point, or beyond 32 bits. */
function isUsable(archives: [number, number][]): boolean {
  return archives.every(([step, points]) => {
    return step > 0 && points > 0 && step * points <= 0xffffffff;
  });
}

describe('retentions, by whisper', (it) => {
  if (!hasOracle()) {
    it.skipAloud('read the same', ORACLE_MISSING);
    return;
  }

  it('read the same', () => {
    const number = fc.oneof(fc.nat(70), fc.constantFrom(0, 1, 60, 3600, 86_400));
    const duration = fc
      .tuple(number, fc.oneof(fc.constant(''), fc.constantFrom(...UNITS)))
      .map(([count, unit]) => `${count}${unit}`);
    const retention = fc.tuple(duration, duration).map((pair) => pair.join(':'));
    const texts = fc.sample(
      fc.oneof(
        fc.array(retention, { minLength: 1, maxLength: 3 }).map((parts) => parts.join(',')),
        fc.constantFrom('', ':', '1s', '1s:', ':1m', 's:1m', '1.5m:1h', '-1:5', '1m:2h:3'),
      ),
      5000,
    );
    const answers = askOracle(SCRIPT, texts) as ([number, number][] | null)[];
    let read = 0;
    for (const [i, text] of texts.entries()) {
      const expected = answers[i] ?? undefined;
      if (expected === undefined || !isUsable(expected)) {
        assert.throws(() => parseRetentions(text), undefined, text);
        continue;
      }
      read += 1;
      const archives = parseRetentions(text).map(({ step, points }) => [step, points]);
      assert.equal(archives, expected, text);
    }
    assert.ok(read > 300, `${read} of ${texts.length} could be read`);
  });
});
