import { joinRejections, Rejections } from '../../src/rejections/rejections.ts';
import { assert, describe } from '../support/suite.ts';

describe('rejections', (it) => {
  it('counts by reason and keeps the last example of each, escaped, with time and sender', () => {
    const rejections = new Rejections('lines.bad', ['noType', 'badValue']);
    rejections.note(1, Buffer.from('..first..'), 2, 7, 100, '10.0.0.1');
    rejections.note(1, Buffer.from('a\\b\0é"'), 0, 7, 101, undefined);
    assert.equal(rejections.list(), [
      { what: 'lines.bad', reason: 'noType', count: 0 },
      {
        what: 'lines.bad',
        reason: 'badValue',
        count: 2,
        last: { example: 'a\\\\b\\x00\\xc3\\xa9"', time: 101 },
      },
    ]);
    assert.equal(rejections.byReason(), { noType: 0, badValue: 2 });
    assert.is(rejections.total, 2);
    rejections.noteText(0, 'who', 102, '10.0.0.2');
    assert.is(rejections.list()[0]?.last?.sender, '10.0.0.2');
  });

  it('cuts examples, so that neither memory nor the report grows with what is sent', () => {
    const rejections = new Rejections('points', ['y']);
    rejections.note(0, Buffer.alloc(100_000, 0xff), 0, 100_000, 1, undefined);
    assert.is(rejections.list()[0]?.last?.example.length, 200 * 4);
    rejections.noteText(0, 'ü'.repeat(1000), 1);
    assert.ok(rejections.list()[0]!.last!.example.length <= 200 * 4);
  });

  it('a shorter example leaves nothing of the one before', () => {
    const rejections = new Rejections('points', ['y']);
    rejections.noteText(0, 'a long one', 1);
    rejections.noteText(0, 'b', 2);
    assert.is(rejections.list()[0]?.last?.example, 'b');
    rejections.noteText(0, '', 3);
    assert.is(rejections.list()[0]?.last?.example, '');
  });

  it('counts without an example', () => {
    const rejections = new Rejections('points', ['y']);
    rejections.count(0, 5);
    assert.equal(rejections.list(), [{ what: 'points', reason: 'y', count: 5 }]);
  });

  it('joins lists: counts add up, the newest example stays', () => {
    const [one, two] = [new Rejections('points', ['y']), new Rejections('points', ['y'])];
    one.noteText(0, 'newer', 9);
    two.noteText(0, 'older', 3);
    const joined = joinRejections([...one.list(), ...two.list()]);
    assert.equal(joined, [
      { what: 'points', reason: 'y', count: 2, last: { example: 'newer', time: 9 } },
    ]);
    const turned = joinRejections([...two.list(), ...one.list()]);
    assert.equal(turned, joined);
    assert.is(one.list()[0]?.count, 1);
  });
});
