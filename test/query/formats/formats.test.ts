import { unpack } from 'msgpackr';
import type { FormatOptions } from '../../../src/query/formats/format.ts';
import { formatNamed } from '../../../src/query/formats/formats.ts';
import { indentJson } from '../../../src/query/formats/indent-json.ts';
import { jsonPieces, jsonp } from '../../../src/query/formats/json.ts';
import { makeSeries, type Series } from '../../../src/query/series/series.ts';
import { assert, describe } from '../../support/suite.ts';
import { unpickle } from '../../support/unpickle.ts';

function given(name: string, values: (number | null)[], changes: Partial<Series> = {}): Series {
  return makeSeries({
    name,
    start: 1_700_000_040,
    step: 60,
    values: Float64Array.from(values, (value) => value ?? NaN),
    ...changes,
  });
}

function write(format: string, series: Series[], options: FormatOptions = {}): string {
  const text = formatNamed(format)!.write(series, options);
  assert.type(text, 'string');
  return text as string;
}

describe('json', (it) => {
  it('spells datapoints as Python does', () => {
    const values = [1, -0.5, 1e16, 1e-9, null, Infinity, -Infinity, 12345.678, -0];
    const text = write('json', [given('a', values)]);
    const spelled = [...text.matchAll(/\[([^[\]]+), \d+\]/g)].map((match) => match[1]);
    const expected = '1.0 -0.5 1e+16 1e-09 null 1e9999 -1e9999 12345.678 -0.0'.split(' ');
    assert.equal(spelled, expected);
    assert.match(write('json', [given('a', [3], { integers: true })]), '[[3, 1700000040]]');
  });

  it('has names and tags, and an empty list for nothing', () => {
    const text = write('json', [given('a"é', [1], { tags: { name: 'a', x: 2 } }), given('b', [])]);
    assert.equal(JSON.parse(text), [
      { target: 'a"é', tags: { name: 'a', x: 2 }, datapoints: [[1, 1_700_000_040]] },
      { target: 'b', tags: { name: 'b' }, datapoints: [] },
    ]);
    assert.is(write('json', []), '[]');
  });

  it('comes in pieces when it is long', () => {
    const series = ['a', 'b', 'é'].map((name) => given(name, [...Array(4000).keys()]));
    const pieces = [...jsonPieces(series, {})];
    assert.is(pieces.length, 4);
    assert.is(Buffer.concat(pieces).toString('utf8'), write('json', series));
    assert.is(Buffer.concat([...jsonPieces([], {})]).toString('utf8'), '[]');
  });

  it('has every time, whatever times they are', () => {
    const count = 30_000;
    const grids: [number, number, number][] = [
      [1_700_000_000, 60, 3],
      [1_700_000_000, 60, 2000],
      [1_700_000_000, 10, 5],
      [0, 1, 1200],
      [999_999_990, 10, 3],
      [9_999_999_980, 10, 5],
      [-120, 60, 4],
      [1_700_000_000.5, 0.25, 9],
      [1_700_000_000, 0, 3],
      [1_700_000_000, 1, count],
    ];
    const series = grids.map(([start, step, points], at) => {
      const values = Float64Array.from({ length: points }, (_, i) => (i % 7 === 3 ? NaN : i / 8));
      return makeSeries({ name: `${at}`, start, step, values });
    });
    for (const noNullPoints of [false, true]) {
      const answer = JSON.parse(write('json', series, { noNullPoints })) as {
        datapoints: [number | null, number][];
      }[];
      for (const [at, { values, start, step }] of series.entries()) {
        const expected = [...values].map((value, i) => {
          return [Number.isNaN(value) ? null : value, Math.trunc(start + i * step)];
        });
        const kept = expected.filter(([value]) => !noNullPoints || value !== null);
        // `-0`, which Math.trunc gives, has no sign in the text.
        assert.equal(JSON.stringify(answer[at]!.datapoints), JSON.stringify(kept));
      }
    }
  });

  it('streams a long series in pieces, nulls at their edges or not', () => {
    const values = Float64Array.from({ length: 30_000 }, (_, i) =>
      i < 2000 || i % 5000 < 2100 || i > 29_000 ? NaN : i / 8,
    );
    const long = [makeSeries({ name: 'a', start: 1_700_000_000, step: 1, values })];
    for (const noNullPoints of [false, true]) {
      const pieces = [...jsonPieces(long, { noNullPoints })];
      assert.ok(pieces.length > 4, `${pieces.length} pieces`);
      assert.is(Buffer.concat(pieces).toString(), write('json', long, { noNullPoints }));
      const [{ datapoints }] = JSON.parse(Buffer.concat(pieces).toString()) as [
        { datapoints: unknown[] },
      ];
      const known = values.filter((value) => !noNullPoints || !Number.isNaN(value));
      assert.is(datapoints.length, known.length);
    }
  });

  it('drops nulls, and series of nulls, when asked to', () => {
    const series = [given('a', [1, null, 3]), given('b', [null])];
    const [only, ...others] = JSON.parse(write('json', series, { noNullPoints: true })) as {
      datapoints: unknown;
    }[];
    assert.equal(others, []);
    assert.equal(only?.datapoints, [
      [1, 1_700_000_040],
      [3, 1_700_000_160],
    ]);
  });

  function thinned(series: Series[], maxDataPoints: number): [number, number][][] {
    const answer = JSON.parse(write('json', series, { maxDataPoints })) as {
      datapoints: [number, number][];
    }[];
    return answer.map(({ datapoints }) => datapoints);
  }

  it('thins to maxDataPoints, buckets at multiples of their length', () => {
    const ramp = given('a', [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    const [points] = thinned([ramp], 4);
    // 3 points a bucket; 1700000040 is 120 s into one, so the start moves on by 60 s.
    assert.equal(points, [
      [1, 1_700_000_100],
      [4, 1_700_000_280],
      [7, 1_700_000_460],
      [9, 1_700_000_640],
    ]);
    assert.is(thinned([ramp], 10)[0]!.length, 10);
    assert.is(thinned([ramp], 0)[0]!.length, 10);
  });

  it('folds all into one for maxDataPoints=1', () => {
    assert.equal(thinned([given('a', [1, 2, 6], { consolidateBy: 'sum' })], 1), [
      [[9, 1_700_000_040]],
    ]);
  });

  it('measures the range over all series', () => {
    const long = given(
      'a',
      Array.from({ length: 10 }, () => 1),
    );
    const short = given('b', [1, 2, 3, 4], { start: 1_700_000_100 });
    assert.is(thinned([short], 5)[0]!.length, 4);
    assert.ok(thinned([long, short], 5)[1]!.length < 4);
  });

  it('leaves a series without a step alone', () => {
    assert.is(thinned([given('a', [1, 1, 1], { step: 0, end: 1_700_000_040 })], 2)[0]!.length, 3);
  });

  it('is wrapped for jsonp', () => assert.is(jsonp('cb', '[]'), 'cb([])'));

  it('is indented without touching numbers and strings', () => {
    const text = '[{"a, [b": [1.0, 1e9999], "c": [], "d": "\\"{"}]';
    const pretty = indentJson(text);
    assert.is(
      pretty,
      '[\n  {\n    "a, [b": [\n      1.0,\n      1e9999\n    ],\n    "c": [],\n    "d": "\\"{"\n  }\n]',
    );
    assert.is(write('json', [], { pretty: true }), '[]');
  });
});

describe('csv and raw', (it) => {
  it('csv has a line a datapoint, in the zone, quoted where needed', () => {
    const series = [given('f(a,"b")', [1.5, null, Infinity])];
    assert.is(
      write('csv', series, { tz: 'America/New_York' }),
      '"f(a,""b"")",2023-11-14 17:14:00,1.5\r\n' +
        '"f(a,""b"")",2023-11-14 17:15:00,\r\n' +
        '"f(a,""b"")",2023-11-14 17:16:00,inf\r\n',
    );
    assert.is(write('csv', [given('a', [-Infinity])]), 'a,2023-11-14 22:14:00,-inf\r\n');
    assert.is(write('csv', []), '');
  });

  it('raw has a line a series', () => {
    assert.is(
      write('raw', [given('f(a,b)', [1, null, -Infinity]), given('c', [2], { integers: true })]),
      'f(a,b),1700000040,1700000220,60|1.0,None,-inf\nc,1700000040,1700000100,60|2\n',
    );
  });
});

describe('dygraph and rickshaw', (it) => {
  it('dygraph has rows of the first series, null where another has no such time', () => {
    const series = [
      given('a', [1, Infinity, null]),
      given('b', [5, 6], { start: 1_700_000_100 }),
      given('c', [7, 8], { step: 120 }),
    ];
    assert.is(
      write('dygraph', series),
      '{"labels" : ["Time", "a", "b", "c"], "data" : [' +
        '[1700000040000, 1.0, null, 7.0], [1700000100000, Infinity, 5.0, null], ' +
        '[1700000160000, null, 6.0, 8.0]]}',
    );
    assert.is(write('dygraph', []), '{}');
  });

  it('rickshaw has x and y, before the end', () => {
    assert.is(
      write('rickshaw', [given('a', [1, null, 3], { end: 1_700_000_160 })]),
      '[{"target": "a", "datapoints": [{"x": 1700000040, "y": 1.0}, {"x": 1700000100, "y": null}]}]',
    );
    assert.is(write('rickshaw', []), '[]');
  });
});

describe('pickle and msgpack', (it) => {
  const long = Array.from({ length: 70_000 }, (_, i) => (i % 3 === 0 ? null : i / 7));
  const series = [
    given('a;é=1', [1, null, -2.5, Infinity], { xFilesFactor: 0.5, consolidateBy: 'sum' }),
    given('x'.repeat(300), long, { pathExpression: 'y'.repeat(70_000), step: 3_000_000_000 }),
    given('counts', [3, 3_000_000_000, -7, 2 ** 40], { integers: true }),
    given(
      'z'.repeat(40),
      Array.from({ length: 20 }, () => 1),
    ),
  ];
  const expected = series.map((one) => ({
    name: one.name,
    start: one.start,
    end: one.end,
    step: one.step,
    values: Array.from(one.values, (value) => (Number.isNaN(value) ? null : value)),
    pathExpression: one.pathExpression,
    valuesPerPoint: 1,
    consolidationFunc: one.consolidateBy,
    xFilesFactor: one.xFilesFactor,
  }));

  it('come in pieces of a few series each, the same all together', () => {
    for (const name of ['pickle', 'msgpack']) {
      const { write: whole, pieces } = formatNamed(name)!;
      const many = Array.from({ length: 30 }, (_, i) => given(`n${i}`, long.slice(0, 3000)));
      const parts = [...pieces!(many, {})].map((part) => Buffer.from(part as Uint8Array));
      assert.ok(parts.length > 5, `${parts.length} pieces`);
      assert.ok(Math.max(...parts.map(({ length }) => length)) < 65_536 + 10 * 3000);
      assert.ok(Buffer.concat(parts).equals(Buffer.from(whole(many, {}) as Uint8Array)), name);
    }
  });

  it('pickle is read by Python', () => {
    const bytes = formatNamed('pickle')!.write(series, {}) as Uint8Array;
    assert.equal(unpickle(Buffer.from(bytes)), expected);
    assert.equal(unpickle(Buffer.from(formatNamed('pickle')!.write([], {}) as Uint8Array)), []);
  });

  it('msgpack is read by its library', () => {
    const bytes = formatNamed('msgpack')!.write(series, {}) as Uint8Array;
    const read = unpack(bytes) as object[];
    assert.equal(
      JSON.parse(
        JSON.stringify(read, (_key, v: unknown) => (typeof v === 'bigint' ? Number(v) : v)),
      ),
      JSON.parse(JSON.stringify(expected)),
    );
    const many = Array.from({ length: 17 }, () => given('a', []));
    assert.is((unpack(formatNamed('msgpack')!.write(many, {}) as Uint8Array) as []).length, 17);
  });
});

describe('formats', (it) => {
  it('are found by name only', () => {
    assert.is(formatNamed('json')?.contentType, 'application/json');
    assert.is(formatNamed('png'), undefined);
    assert.is(formatNamed('toString'), undefined);
  });
});
