import { assert, describe } from '../../support/suite.ts';
import {
  formatD,
  formatF,
  formatG,
  formatPercent,
  pythonFloat,
  pythonInteger,
  pythonRound,
} from '../../../src/query/series/python-format.ts';

describe('Python number spelling', (it) => {
  it('writes floats as repr does', () => {
    const cases: [number, string][] = [
      [0, '0.0'],
      [-0, '-0.0'],
      [10, '10.0'],
      [-2.5, '-2.5'],
      [1e-9, '1e-09'],
      [0.0001, '0.0001'],
      [0.00001, '1e-05'],
      [1e15, '1000000000000000.0'],
      [1e16, '1e+16'],
      [1.5e300, '1.5e+300'],
      [5e-324, '5e-324'],
      [123456789.125, '123456789.125'],
      [Infinity, 'inf'],
      [-Infinity, '-inf'],
      [NaN, 'nan'],
    ];
    for (const [value, text] of cases) assert.is(pythonFloat(value), text);
    assert.is(pythonInteger(42), '42');
    assert.is(pythonInteger(-0), '0');
    assert.is(pythonInteger(0.5), '0.5');
    assert.is(pythonInteger(1e21), '1000000000000000000000');
  });

  it('writes %g with six digits, ties to even', () => {
    const cases: [number, string][] = [
      [0, '0'],
      [2, '2'],
      [0.001, '0.001'],
      [1e-9, '1e-09'],
      [123456789, '1.23457e+08'],
      [1000005, '1e+06'],
      [1000015, '1.00002e+06'],
      [999999.5, '1e+06'],
      [100000, '100000'],
      [-0.00001, '-1e-05'],
      [1e23, '1e+23'],
      [NaN, 'nan'],
      [-Infinity, '-inf'],
    ];
    for (const [value, text] of cases) assert.is(formatG(value), text, `%g of ${value}`);
  });

  it('writes %d by cutting and %f by rounding half to even', () => {
    assert.is(formatD(0.9), '0');
    assert.is(formatD(-2.9), '-2');
    assert.is(formatD(1e22), '10000000000000000000000');
    assert.throws(() => formatD(NaN), /nan read where a finite number is expected/);
    assert.is(formatF(0.125, 2), '0.12');
    assert.is(formatF(0.375, 2), '0.38');
    assert.is(formatF(-1.5, 0), '-2');
    assert.is(formatF(1e22, 1), '10000000000000000000000.0');
    assert.is(formatF(2.675, 2), '2.67');
  });

  it('rounds half to even at any digit', () => {
    const cases: [number, number, number][] = [
      [0.5, 0, 0],
      [1.5, 0, 2],
      [2.5, 0, 2],
      [-2.5, 0, -2],
      [0.125, 2, 0.12],
      [2.675, 2, 2.67],
      [25, -1, 20],
      [35, -1, 40],
      [4035342204, -6, 4035000000],
      [1e22, 2, 1e22],
      [7, -400, 0],
      [0.1, 400, 0.1],
    ];
    for (const [value, digits, rounded] of cases) {
      assert.is(pythonRound(value, digits), rounded, `round(${value}, ${digits})`);
    }
    assert.is(pythonRound(Infinity, 2), Infinity);
    assert.ok(Number.isNaN(pythonRound(NaN, 2)));
    assert.ok(Object.is(pythonRound(-0, 2), -0));
  });

  it('fills in one conversion, and refuses none, two and unknown ones', () => {
    const cases: [string, number, string][] = [
      ['Channel %d MHz', 71.9, 'Channel 71 MHz'],
      ['const=%.1f', 42, 'const=42.0'],
      ['%05d|', -42, '-0042|'],
      ['%-6.1f|', 1.25, '1.2   |'],
      ['%+.2e', 12345, '+1.23e+04'],
      ['%g %%', 0.5, '0.5 %'],
      ['%s', 3, '3.0'],
      ['%.3d', 7, '007'],
      ['%#.3g', 7, '7.00'],
      ['%10s', Infinity, '       inf'],
    ];
    for (const [template, value, text] of cases) assert.is(formatPercent(template, value), text);
    assert.is(formatPercent('%s', 3, true), '3');
    assert.throws(() => formatPercent('no conversion', 1), /has 0 conversions/);
    assert.throws(() => formatPercent('%d %d', 1), /has 2 conversions/);
    assert.throws(() => formatPercent('%x', 1.5), /has the conversion "%x"/);
    assert.throws(() => formatPercent('100%', 1), /has the conversion "%"/);
  });
});
