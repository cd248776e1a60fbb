/**
 * carbonapi's `fft` and `ifft`: the discrete Fourier transform of a series, as amplitude and phase,
 * and back. Any length in n log n: powers of two by halving, others by Bluestein's convolution
 * (L. Bluestein, 1970). Nulls count as 0.
 */
import { badTarget } from '../../lib/errors.ts';
import { derive, type Series } from '../series/series.ts';
import { columnInParts, inParts } from './in-turn.ts';
import { type CallContext, type FunctionSpec, seriesList, string } from './spec.ts';

interface Complex {
  re: Float64Array;
  im: Float64Array;
}

/** Values of a transform worked on between two pauses: a few milliseconds. */
const SLICE_VALUES = 50_000;

export const fft: FunctionSpec = {
  name: 'fft',
  origin: 'carbonapi',
  group: 'Transform',
  description:
    'The frequencies in a series: its discrete Fourier transform as amplitudes (abs), phases ' +
    '(phase), or both.',
  params: [seriesList(), string('mode', { default: 'both', options: ['abs', 'phase', 'both'] })],
  call: async (context, seriesList: Series[], mode: string) => {
    if (!['abs', 'phase', 'both', 'all', ''].includes(mode)) {
      throw badTarget(`mode "${mode}" read, expected abs, phase or both`);
    }
    const found: Series[] = [];
    for (const series of seriesList) {
      const { length } = series.values;
      const re = series.values.map((value) => (Number.isNaN(value) ? 0 : value));
      const spectrum = await transform({ re, im: new Float64Array(length) }, context);
      const add = async (name: string, at: (re: number, im: number) => number): Promise<void> => {
        const values = await columnInParts(context, length, (i) =>
          at(spectrum.re[i]!, spectrum.im[i]!),
        );
        found.push(derive(series, { name: `fft(${series.name},${name})`, values }));
      };
      if (mode !== 'phase') await add('abs', Math.hypot);
      if (mode !== 'abs') await add('phase', (real, imaginary) => Math.atan2(imaginary, real));
    }
    return found;
  },
};

export const ifft: FunctionSpec = {
  name: 'ifft',
  origin: 'carbonapi',
  group: 'Transform',
  description:
    'The series that has the given amplitudes and, from a second list in the same order, phases; ' +
    'phases of 0 when there is none.',
  params: [seriesList(), seriesList('phaseSeriesList', {})],
  call: async (context, seriesList: Series[], phases: Series[] = []) => {
    const found: Series[] = [];
    for (const [i, series] of seriesList.entries()) {
      const phase = phases[i];
      const re = new Float64Array(series.values.length);
      const im = new Float64Array(series.values.length);
      await inParts(context, series.values.length, (from, to) => {
        for (let at = from; at < to; at++) {
          const size = series.values[at]! || 0; // nulls count as 0
          const angle = phase?.values[at] || 0;
          re[at] = size * Math.cos(angle);
          im[at] = size * Math.sin(angle);
        }
      });
      const name =
        phase === undefined ? `ifft(${series.name})` : `ifft(${series.name},${phase.name})`;
      found.push(derive(series, { name, values: (await inverse({ re, im }, context)).re }));
    }
    return found;
  },
};

async function transform(signal: Complex, context: CallContext): Promise<Complex> {
  const length = signal.re.length;
  if (length <= 1) return signal;
  return (length & (length - 1)) === 0 ? byHalves(signal, context) : byConvolution(signal, context);
}

/** The inverse is the transform of the conjugate, conjugated, over the length. */
async function inverse({ re, im }: Complex, context: CallContext): Promise<Complex> {
  const back = await transform(await conjugate({ re, im }, 1, context), context);
  return conjugate(back, re.length, context);
}

/** Conjugated, over a number. */
async function conjugate(
  { re, im }: Complex,
  divisor: number,
  context: CallContext,
): Promise<Complex> {
  return {
    re: await columnInParts(context, re.length, (i) => re[i]! / divisor),
    im: await columnInParts(context, im.length, (i) => -im[i]! / divisor),
  };
}

/** Cooley and Tukey, for powers of two: in place, from pairs up to the whole. */
async function byHalves(signal: Complex, context: CallContext): Promise<Complex> {
  const re = signal.re.slice();
  await context.pause();
  const im = signal.im.slice();
  const length = re.length;
  await swapToBitReversed(re, im, context);
  const angle = (i: number): number => (-2 * Math.PI * i) / length;
  const cos = await columnInParts(context, length / 2, (i) => Math.cos(angle(i)));
  const sin = await columnInParts(context, length / 2, (i) => Math.sin(angle(i)));
  const spectrum = { re, im };
  for (let size = 2; size <= length; size *= 2) {
    const half = size / 2;
    const turns = { cos, sin, turn: length / size, half };
    // Pairs of one part lie in one block of the size, or fill several.
    const part = Math.min(half, SLICE_VALUES);
    const blocks = Math.max(1, Math.floor(SLICE_VALUES / size));
    for (let from = 0; from < length; from += size * blocks) {
      const to = Math.min(from + size * blocks, length);
      for (let first = 0; first < half; first += part) {
        await context.pause();
        const last = Math.min(first + part, half);
        for (let block = from; block < to; block += size) {
          butterflies(spectrum, turns, block + first, block + last, block);
        }
      }
    }
  }
  return spectrum;
}

interface Turns {
  cos: Float64Array;
  sin: Float64Array;
  turn: number;
  half: number;
}

/** Joins the places `from` to `to` of a block with those half a block behind them. */
function butterflies(
  { re, im }: Complex,
  { cos, sin, turn, half }: Turns,
  from: number,
  to: number,
  block: number,
): void {
  for (let at = from; at < to; at++) {
    const other = at + half;
    const angle = (at - block) * turn;
    const turnedRe = re[other]! * cos[angle]! - im[other]! * sin[angle]!;
    const turnedIm = re[other]! * sin[angle]! + im[other]! * cos[angle]!;
    re[other] = re[at]! - turnedRe;
    im[other] = im[at]! - turnedIm;
    re[at] = re[at]! + turnedRe;
    im[at] = im[at]! + turnedIm;
  }
}

/** Puts value i where the bits of i, read backwards, say: then neighbours are transformed first. */
async function swapToBitReversed(
  re: Float64Array,
  im: Float64Array,
  context: CallContext,
): Promise<void> {
  const length = re.length;
  let reversed = 0;
  await inParts(context, length, (from, to) => {
    for (let i = from; i < to; i++) {
      if (i < reversed) {
        [re[i], re[reversed]] = [re[reversed]!, re[i]!];
        [im[i], im[reversed]] = [im[reversed]!, im[i]!];
      }
      let bit = length >> 1;
      while (bit > 0 && (reversed & bit) !== 0) {
        reversed ^= bit;
        bit >>= 1;
      }
      reversed |= bit;
    }
  });
}

/** Bluestein: with jk = (j² + k² - (k-j)²)/2 a transform is a convolution with a chirp. */
async function byConvolution({ re, im }: Complex, context: CallContext): Promise<Complex> {
  const length = re.length;
  const size = 2 ** Math.ceil(Math.log2(2 * length - 1));
  const chirped = { re: new Float64Array(size), im: new Float64Array(size) };
  const chirp = { re: new Float64Array(size), im: new Float64Array(size) };
  await inParts(context, length, (from, to) => {
    for (let i = from; i < to; i++) {
      // Squares are taken modulo 2n, where the chirp repeats, to keep the angles small.
      const angle = (Math.PI * ((i * i) % (2 * length))) / length;
      const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
      chirped.re[i] = re[i]! * cos + im[i]! * sin;
      chirped.im[i] = im[i]! * cos - re[i]! * sin;
      chirp.re[i] = cos;
      chirp.im[i] = sin;
      if (i === 0) continue;
      chirp.re[size - i] = cos;
      chirp.im[size - i] = sin;
    }
  });
  const turn = { re: chirp.re.slice(0, length), im: chirp.im.slice(0, length) };
  const factors = [await byHalves(chirped, context), await byHalves(chirp, context)] as const;
  const product = await inverse(await multiply(...factors, context), context);
  const answer = { re: product.re.slice(0, length), im: product.im.slice(0, length) };
  return multiply(answer, { re: turn.re, im: turn.im.map((value) => -value) }, context);
}

async function multiply(a: Complex, b: Complex, context: CallContext): Promise<Complex> {
  const { length } = a.re;
  const product = { re: new Float64Array(length), im: new Float64Array(length) };
  await inParts(context, length, (from, to) => {
    for (let i = from; i < to; i++) {
      product.re[i] = a.re[i]! * b.re[i]! - a.im[i]! * b.im[i]!;
      product.im[i] = a.re[i]! * b.im[i]! + a.im[i]! * b.re[i]!;
    }
  });
  return product;
}
