/** What was refused, as /health and the counters show it. */
import { hintFor } from '../../src/rejections/catalogue.ts';
import { namesRejected, countsOf, occurredOf } from '../../src/health/rejection-report.ts';
import type { Rejection } from '../../src/rejections/rejections.ts';
import { assert, describe } from '../support/suite.ts';

function rejection(what: string, reason: string, count: number, time?: number): Rejection {
  const last = time === undefined ? {} : { last: { example: 'a.b.c', time } };
  return { what, reason, count, ...last };
}

describe('rejection report', (it) => {
  it('has what occurred, the newest first, with hints that name the places', () => {
    const report = occurredOf(
      [
        rejection('lines.bad', 'noType', 4, 10),
        rejection('lines.mistaken', 'carbonLine', 2, 30),
        rejection('carbon.refused', 'badTime', 0),
        rejection('series.refused', 'prefix', 7, 20),
        rejection('points', 'tooOld', 3),
      ],
      { carbon: 'tcp port 12003' },
    );
    assert.equal(
      report.map(({ what, reason }) => `${what} ${reason}`),
      ['lines.mistaken carbonLine', 'series.refused prefix', 'lines.bad noType', 'points tooOld'],
    );
    assert.match(report[0]?.hint ?? '', /tcp port 12003$/);
    assert.match(report[1]?.hint ?? '', /maxSeriesPerPrefix/);
    assert.is(report[2]?.hint, undefined);
  });

  it('complains of refused names for ten minutes', () => {
    const rejections = [
      rejection('lines.bad', 'noType', 4, 1000),
      rejection('store.refused', 'prefix', 7, 1000),
    ];
    assert.is(
      namesRejected(rejections, 1600),
      'new names are refused (7 times, the last "a.b.c"): the first nodes of this name have ' +
        'maxStoredSeriesPerPrefix series already',
    );
    assert.is(namesRejected(rejections, 1601), undefined);
    assert.is(namesRejected(rejections.slice(0, 1), 1000), undefined);
  });

  it('counts all reasons, of mistakes those that occurred', () => {
    const counts = countsOf([
      rejection('lines.bad', 'noType', 0),
      rejection('lines.mistaken', 'http', 0),
      rejection('lines.mistaken', 'json', 2),
    ]);
    assert.equal(
      counts.map(({ what, reason, count }) => [what, reason, count]),
      [
        ['lines.bad', 'noType', 0],
        ['lines.mistaken', 'json', 2],
      ],
    );
    assert.ok(counts.every(({ help }) => help.endsWith('.')));
  });

  it('a line that was counted all the same has the hint of its mistake', () => {
    assert.match(hintFor('lines.odd', 'literalNewline', {}) ?? '', /no line feed/);
    assert.match(hintFor('lines.odd', 'inexactSum', {}) ?? '', /2\^53/);
    assert.is(hintFor('lines.bad', 'noType', {}), undefined);
  });

  it('a limit is told by its option, a pickle by what it may hold', () => {
    assert.match(hintFor('lines.bad', 'nameTooLong', {}) ?? '', /maxNameBytes/);
    assert.match(hintFor('carbon.refused', 'nameTooLong', {}) ?? '', /maxNameBytes/);
    assert.match(hintFor('carbon.refused', 'badPickle', {}) ?? '', /without classes/);
  });
});
