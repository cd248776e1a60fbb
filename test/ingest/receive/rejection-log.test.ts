/** What is refused, in the log: at once, then once a minute at most, with what came since. */
import { RejectionLog } from '../../../src/ingest/receive/rejection-log.ts';
import type { Rejection } from '../../../src/rejections/rejections.ts';
import { assert, describe } from '../../support/suite.ts';

function bad(count: number, reason = 'noType'): Rejection[] {
  return [{ what: 'lines.bad', reason, count, last: { example: 'oops', time: 1 } }];
}

describe('complaints', (it) => {
  it('say each reason once a minute, and how often it came since', () => {
    const complaints = new RejectionLog(() => ({}));
    const counts = (refusals: Rejection[], ms: number): unknown[] =>
      complaints.of(refusals, ms).map(({ fields }) => fields['count']);
    assert.equal(counts(bad(0), 0), []);
    assert.equal(counts(bad(3), 1000), [3]);
    assert.equal(counts(bad(9), 2000), []);
    assert.equal(counts([...bad(9), ...bad(1, 'badValue')], 3000), [1]);
    assert.equal(counts(bad(10), 61_000), [7]);
    assert.equal(counts(bad(10), 500_000), []);
    // The clock was set back.
    assert.equal(counts(bad(11), 1000), [1]);
  });

  it('say it in a sentence, with what can be done', () => {
    const complaints = new RejectionLog(() => ({ carbon: 'tcp port 2103' }));
    const messages = complaints
      .of(
        [
          ...bad(1),
          {
            what: 'lines.mistaken',
            reason: 'carbonLine',
            count: 2,
            last: { example: 'a 1 2', time: 5, sender: '10.0.0.5' },
          },
          { what: 'series.refused', reason: 'setMembers', count: 4 },
        ],
        0,
      )
      .map(({ message }) => message);
    assert.equal(messages, [
      'bad lines (noType, once), the last: "oops"',
      'bad lines that show a mistake (carbonLine, 2 times), the last: "a 1 2" from 10.0.0.5: ' +
        "this is a line of Graphite's plaintext protocol; those go to tcp port 2103",
      'refused metrics (setMembers, 4 times): a set got more than maxSetMembers distinct members ' +
        'in a flush',
    ]);
  });
});
