import { joinRejections, Rejections } from '../../src/rejections/rejections.ts';
import { assert, describe } from '../support/suite.ts';

describe('refusals', (it) => {
  it('counts by reason and keeps the last example of each, escaped, with time and sender', () => {
    const refusals = new Rejections('lines.bad', ['noType', 'badValue']);
    refusals.note(1, Buffer.from('..first..'), 2, 7, 100, '10.0.0.1');
    refusals.note(1, Buffer.from('a\\b\0é"'), 0, 7, 101, undefined);
    assert.equal(refusals.list(), [
      { what: 'lines.bad', reason: 'noType', count: 0 },
      {
        what: 'lines.bad',
        reason: 'badValue',
        count: 2,
        last: { example: 'a\\\\b\\x00\\xc3\\xa9"', time: 101 },
      },
    ]);
    assert.equal(refusals.byReason(), { noType: 0, badValue: 2 });
    assert.is(refusals.total, 2);
    refusals.noteText(0, 'who', 102, '10.0.0.2');
    assert.is(refusals.list()[0]?.last?.sender, '10.0.0.2');
  });

  it('cuts examples, so that neither memory nor the report grows with what is sent', () => {
    const refusals = new Rejections('x', ['y']);
    refusals.note(0, Buffer.alloc(100_000, 0xff), 0, 100_000, 1, undefined);
    assert.is(refusals.list()[0]?.last?.example.length, 200 * 4);
    refusals.noteText(0, 'ü'.repeat(1000), 1);
    assert.ok(refusals.list()[0]!.last!.example.length <= 200 * 4);
  });

  it('a shorter example leaves nothing of the one before', () => {
    const refusals = new Rejections('x', ['y']);
    refusals.noteText(0, 'a long one', 1);
    refusals.noteText(0, 'b', 2);
    assert.is(refusals.list()[0]?.last?.example, 'b');
    refusals.noteText(0, '', 3);
    assert.is(refusals.list()[0]?.last?.example, '');
  });

  it('counts without an example', () => {
    const refusals = new Rejections('x', ['y']);
    refusals.count(0, 5);
    assert.equal(refusals.list(), [{ what: 'x', reason: 'y', count: 5 }]);
  });

  it('joins lists: counts add up, the newest example stays', () => {
    const [one, two] = [new Rejections('x', ['y']), new Rejections('x', ['y'])];
    one.noteText(0, 'newer', 9);
    two.noteText(0, 'older', 3);
    const joined = joinRejections([...one.list(), ...two.list()]);
    assert.equal(joined, [
      { what: 'x', reason: 'y', count: 2, last: { example: 'newer', time: 9 } },
    ]);
    const turned = joinRejections([...two.list(), ...one.list()]);
    assert.equal(turned, joined);
    assert.is(one.list()[0]?.count, 1);
  });
});
