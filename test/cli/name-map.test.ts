import { NameMap } from '../../src/cli/name-map.ts';
import { jsonNumber, shortFloat32 } from '../../src/cli/numbers.ts';
import { timePrinter } from '../../src/cli/times.ts';
import { assert, describe } from '../support/suite.ts';

describe('name map', (it) => {
  const f = (from: string, to: string, name: string): string | undefined =>
    new NameMap(from, to).apply(name);

  it('carries over what the stars stand for, in their order', () => {
    assert.is(f('a.*.b', 'x.*.b', 'a.1.b'), 'x.1.b');
    assert.is(f('a.*.b.*', 'b.*.*', 'a.1.b.2'), 'b.1.2');
    assert.is(f('web*.cpu', 'cpu.web*', 'web07.cpu'), 'cpu.web07');
    assert.is(f('a-*-b-*', '*.*', 'a-1-b-2-b-3'), '1.2-b-3', 'each star as short as can be');
    assert.is(f('*x', '*y', 'x'), 'y', 'a star may stand for nothing');
    assert.is(f('a*a', '*', 'a'), undefined, 'but the text around it does not overlap');
    assert.is(f('a.b', 'c;d=e', 'a.b'), 'c;d=e');
    assert.is(f('a.b?', 'c', 'a.b?'), 'c', 'without a star a name is a name');
  });

  it('matches part by part', () => {
    assert.is(f('a.*', 'b.*', 'a.b.c'), undefined);
    assert.is(f('a.*', 'b.*', 'x.b'), undefined);
    assert.is(f('a.*.c', 'b.*', 'a.b.d'), undefined);
  });

  it('refuses patterns that do not fit each other', () => {
    const refuse = (from: string, to: string, sentence: RegExp): void => {
      assert.throws(() => new NameMap(from, to), sentence);
    };
    refuse('a.*', 'b', /"a.\*" has 1 stars and "b" has 0, expected as many/);
    refuse('a.*', 'b.*.*', /has 1 stars and "b.\*.\*" has 2/);
    refuse('a', 'b.*', /has 0 stars/);
    refuse('a.**', 'b.**', /read \*\*, only \* can be carried over/);
    refuse('a.*.{b,c}', 'x.*.d', /read {, only \*/);
    refuse('a.*.[bc]', 'x.*.d', /read \[, only \*/);
  });
});

describe('numbers and times of the series verbs', (it) => {
  it('writes JSON that reads back as the same double', () => {
    const values = [0, -0, 0.1, 5e-324, -1.7976931348623157e308, 1e21, Infinity, -Infinity];
    for (const value of values) {
      assert.ok(Object.is(JSON.parse(jsonNumber(value)), value), `${value}`);
    }
    assert.is(jsonNumber(NaN), 'null');
  });

  it('shows a float32 as it was meant', () => {
    for (const factor of [0, 0.05, 0.1, 0.25, 0.3, 0.5, 0.9, 1, 0.123456]) {
      assert.is(shortFloat32(Math.fround(factor)), factor);
    }
    assert.is(shortFloat32(0.1), 0.1, 'a double stays');
  });

  it('prints times as numbers, dates, or by a format', () => {
    const zone = process.env['TZ'];
    process.env['TZ'] = 'UTC';
    try {
      const at = 1_700_000_000;
      assert.is(timePrinter({ pretty: false })(at), '1700000000');
      assert.is(timePrinter({ pretty: true })(at), 'Tue Nov 14 22:13:20 2023');
      const f = (timeFormat: string): string => timePrinter({ pretty: true, timeFormat })(at);
      assert.is(f('%F %T'), '2023-11-14 22:13:20');
      assert.is(f('%d/%m/%y %I:%M %p 100%%'), '14/11/23 10:13 PM 100%');
      assert.is(f('%A %B %j %s %z'), 'Tuesday November 318 1700000000 +0000');
      assert.throws(() => f('%Q'), /--time-format: read "%Q", expected one of/);
      assert.throws(() => f('100%'), /--time-format: read "%", expected/);
    } finally {
      if (zone === undefined) delete process.env['TZ'];
      else process.env['TZ'] = zone;
    }
  });
});
