import { type ChartRequest, drawChart } from '../../../src/query/chart/chart.ts';
import type { ChartSeries } from '../../../src/query/chart/chart-series.ts';
import type {
  Drawing,
  LineMark,
  Mark,
  PathMark,
  TextMark,
} from '../../../src/query/chart/drawing.ts';
import { linePath } from '../../../src/query/chart/line-path.ts';
import { readChartParameters } from '../../../src/query/chart/parameters.ts';
import { svgText } from '../../../src/query/chart/svg.ts';
import { assert, describe } from '../../support/suite.ts';

const START = 1_700_000_000 - 3600;

function series(name: string, values: number[], options = {}, step = 60): ChartSeries {
  const data = Float64Array.from(values);
  return {
    name,
    start: START,
    step,
    values: data,
    options,
    consolidateBy: 'average',
    xFilesFactor: 0,
  };
}

const wave = (count: number): number[] =>
  Array.from({ length: count }, (_, i) => 50 + 40 * Math.sin(i / 9));

function draw(
  list: ChartSeries[],
  given: Record<string, string> = {},
  more: Partial<ChartRequest> = {},
): Drawing {
  const parameters = readChartParameters((name) => given[name]);
  // Signs of one width: what is measured is not what is tested here.
  return drawChart(
    { graphType: 'line', parameters, series: list, tz: 'UTC', ...more },
    (text, { size }) => text.length * size * 0.6,
  );
}

const marks = (drawing: Drawing, layer: string): Mark[] =>
  drawing.layers.filter(({ name }) => name === layer).flatMap((found) => found.marks);
const paths = (drawing: Drawing, layer: string): PathMark[] =>
  marks(drawing, layer).filter((mark) => mark.kind === 'path');
const texts = (drawing: Drawing): TextMark[] =>
  drawing.layers.flatMap((layer) => layer.marks).filter((mark) => mark.kind === 'text');
const said = (drawing: Drawing): string[] => texts(drawing).map(({ text }) => text);

const lines = (drawing: Drawing): LineMark[] =>
  marks(drawing, 'lines').filter((mark) => mark.kind === 'line');

/** Texts that touch each other, or leave the sheet. */
function clashes(drawing: Drawing): string[] {
  const boxes = texts(drawing)
    .filter(({ rotate }) => rotate === undefined)
    .map(({ text, x, y, anchor, font: { size } }) => {
      const width = text.length * size * 0.6;
      const left = anchor === 'start' ? x : anchor === 'middle' ? x - width / 2 : x - width;
      return { text, left, right: left + width, top: y - size * 0.73, bottom: y };
    });
  const found = boxes
    .filter(({ left, right }) => left < -0.5 || right > drawing.width + 0.5)
    .map(({ text }) => `${text} leaves the sheet`);
  for (const [i, a] of boxes.entries()) {
    for (const b of boxes.slice(i + 1)) {
      const apart =
        a.right <= b.left || b.right <= a.left || a.bottom <= b.top || b.bottom <= a.top;
      if (!apart) found.push(`${a.text} on ${b.text}`);
    }
  }
  return found;
}

describe('charts', (it) => {
  it('draws a line for each series, with axes, title and legend', () => {
    const drawing = draw([series('one', wave(60)), series('two', wave(60))], { title: 'Two' });
    assert.equal([drawing.width, drawing.height], [330, 250]);
    assert.is(lines(drawing).length, 2);
    for (const text of ['Two', 'one', 'two', '22:00', '0', '80'])
      assert.ok(said(drawing).includes(text), text);
    assert.equal(clashes(drawing), []);
  });

  it('has no labels that touch or leave the sheet, at any size', () => {
    for (const [width, height] of [
      [60, 20],
      [120, 60],
      [200, 100],
      [330, 250],
      [1200, 300],
      [3840, 2160],
    ]) {
      for (const span of [60, 10_080]) {
        for (const fontSize of ['8', '14']) {
          const drawing = draw(
            [
              series('servers.web01.cpu.user', wave(span)),
              series('b', wave(span), { secondYAxis: true }),
            ],
            { width: String(width), height: String(height), fontSize },
          );
          assert.equal(clashes(drawing), [], `${width} x ${height}, ${span} points, ${fontSize}`);
        }
      }
    }
  });

  it('costs a long line its pixels, and keeps its peak', () => {
    const values = wave(1_000_000);
    values[654_321] = 1000;
    const drawing = draw([series('long', values, {}, 1)], { width: '400' });
    const { ys } = lines(drawing)[0]!;
    assert.ok(ys.length < 4 * 400, String(ys.length));
    assert.ok(Math.min(...ys) < 20, 'the peak');
  });

  it('folds the points of a series that says how', () => {
    const folded = { ...series('sums', Array(1000).fill(1)), consolidateBy: 'sum' };
    assert.ok(said(draw([folded], { yMin: '0' })).includes('4'));
  });

  it('leaves gaps, leaps over them, or takes them for zero', () => {
    const gap = series('gap', [1, 2, NaN, NaN, 5, NaN, 7, 8]);
    const moves = (given: Record<string, string>): number =>
      linePath(lines(draw([gap], given))[0]!).match(/M/g)!.length;
    assert.is(moves({}), 3);
    assert.is(moves({ lineMode: 'staircase' }), 3);
    assert.is(moves({ lineMode: 'connected' }), 1);
    assert.is(moves({ lineMode: 'connected', connectedLimit: '1' }), 2);
    assert.is(moves({ drawNullAsZero: 'true' }), 1);
  });

  it('stacks areas, from zero', () => {
    const list = [series('a', [10, 10, 10]), series('b', [20, 20, 20])];
    const drawing = draw(list, { areaMode: 'stacked' });
    assert.ok(said(drawing).includes('30'));
    assert.is(paths(drawing, 'lines').filter(({ fill }) => fill !== undefined).length, 2);
    const seen = draw(list, { areaMode: 'stacked', areaAlpha: '0.5' });
    assert.is(lines(seen).length, 2);
    assert.is(paths(seen, 'lines')[0]!.fill?.alpha, 0.5);
  });

  it('does what the drawing functions say', () => {
    const drawing = draw([
      series('a', wave(20), { color: '102030', lineWidth: 3, dashed: 4, alpha: 0.5 }),
      series('b', [0, 1, 0, 1], { drawAsInfinite: true, color: 'red' }),
    ]);
    const [a, b] = lines(drawing);
    assert.equal(
      [a!.stroke, a!.lineWidth, a!.dash],
      [{ red: 16, green: 32, blue: 48, alpha: 0.5 }, 3, 4],
    );
    assert.equal(linePath(b!).match(/M/g)!.length, 2);
    const two = draw([series('a', wave(9)), series('b', [1000, 2000], { secondYAxis: true })]);
    for (const text of ['80', '2.0k']) assert.ok(said(two).includes(text), said(two).join(' '));
    const between = draw([
      series('low', [1, 2, 1], { stacked: true, invisible: true }),
      series('high', [5, 6, 5], { stacked: true }),
    ]);
    assert.equal([marks(between, 'lines').length, said(between).includes('low')], [1, false]);
  });

  it('shows only the lines of graphOnly, on the whole sheet', () => {
    const drawing = draw([series('a', wave(60))], { graphOnly: 'true', width: '60', height: '20' });
    assert.equal(said(drawing), []);
    const { xs } = lines(drawing)[0]!;
    assert.equal([Math.min(...xs), Math.max(...xs)], [0, 60]);
  });

  it('marks time on the clocks of the zone, in a format of its own', () => {
    const day = series('a', wave(1440));
    assert.ok(said(draw([day], {}, { tz: 'Asia/Kolkata' })).includes('Nov 16'));
    const named = said(draw([day], { xFormat: '%H%% %Z', width: '900' }, { tz: 'UTC' }));
    assert.ok(named.includes('00% UTC'), named.join(' '));
  });

  it('has no place for numbers without a difference', () => {
    const drawing = draw([series('a', [-1e308, 1, 2]), series('b', [1e308, 3, 4])]);
    assert.not.match(svgText(drawing), /NaN|Infinity/);
    assert.ok(said(drawing).includes('4.0'), said(drawing).join(' '));
  });

  it('says that there is no data', () => {
    assert.equal(said(draw([])), ['No Data']);
    assert.equal(said(draw([series('a', [])])), ['No Data']);
    assert.equal(said(draw([], {}, { graphType: 'pie' })), ['No Data']);
  });

  it('shares a pie', () => {
    const parts = [series('a', [3]), series('b', [1]), series('none', [NaN])];
    const pie = draw(parts, {}, { graphType: 'pie' });
    assert.is(paths(pie, 'slices').length, 2);
    for (const text of ['75.00%', '25.00%', 'a', 'b']) assert.ok(said(pie).includes(text), text);
    const numbers = draw(
      parts,
      { valueLabels: 'number', valueLabelsMin: '2' },
      { graphType: 'pie' },
    );
    assert.equal([said(numbers).includes('3'), said(numbers).includes('1')], [true, false]);
  });

  it('escapes what names hold', () => {
    const text = svgText(draw([series('<script>&"\u0000\ud83d', wave(9))]));
    assert.match(text, /&lt;script&gt;&amp;&quot;\ufffd/);
    assert.not.match(text, /<script>/);
  });
});
