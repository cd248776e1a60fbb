/**
 * carbonapi's `fft` and `ifft`: the discrete Fourier transform of a series, as amplitude and phase,
 * and back. Any length in n log n: powers of two by halving, others by Bluestein's convolution
 * (L. Bluestein, 1970). Nulls count as 0.
 */
import { UserError } from '../../lib/errors.ts';
import { derive, type Series } from '../series/series.ts';
import { type FunctionSpec, seriesList, string } from './spec.ts';

interface Complex {
  re: Float64Array;
  im: Float64Array;
}

export const fft: FunctionSpec = {
  name: 'fft',
  group: 'Transform',
  description:
    'The frequencies in a series: its discrete Fourier transform as amplitudes (abs), phases ' +
    '(phase), or both.',
  params: [seriesList(), string('mode', { default: 'both', options: ['abs', 'phase', 'both'] })],
  call: (_context, series: Series[], mode: string) => {
    if (!['abs', 'phase', 'both', 'all', ''].includes(mode)) {
      throw new UserError('badTarget', `mode "${mode}" read, expected abs, phase or both`);
    }
    return series.flatMap((one) => {
      const re = one.values.map((value) => (Number.isNaN(value) ? 0 : value));
      const spectrum = transform({ re, im: new Float64Array(re.length) });
      const sizes = spectrum.re.map((value, i) => Math.hypot(value, spectrum.im[i]!));
      const phases = spectrum.re.map((value, i) => Math.atan2(spectrum.im[i]!, value));
      return [
        ...(mode === 'phase' ? [] : [derive(one, { name: `fft(${one.name},abs)`, values: sizes })]),
        ...(mode === 'abs'
          ? []
          : [derive(one, { name: `fft(${one.name},phase)`, values: phases })]),
      ];
    });
  },
};

export const ifft: FunctionSpec = {
  name: 'ifft',
  group: 'Transform',
  description:
    'The series that has the given amplitudes and, from a second list in the same order, phases; ' +
    'phases of 0 when there is none.',
  params: [seriesList(), seriesList('phaseSeriesList', {})],
  call: (_context, series: Series[], phases: Series[] = []) =>
    series.map((one, i) => {
      const phase = phases[i];
      const re = new Float64Array(one.values.length);
      const im = new Float64Array(one.values.length);
      one.values.forEach((given, at) => {
        const size = Number.isNaN(given) ? 0 : given;
        const angle = phase?.values[at] ?? 0;
        re[at] = size * Math.cos(Number.isNaN(angle) ? 0 : angle);
        im[at] = size * Math.sin(Number.isNaN(angle) ? 0 : angle);
      });
      const name = phase === undefined ? `ifft(${one.name})` : `ifft(${one.name},${phase.name})`;
      return derive(one, { name, values: inverse({ re, im }).re });
    }),
};

function transform(given: Complex): Complex {
  const length = given.re.length;
  if (length <= 1) return given;
  return (length & (length - 1)) === 0 ? byHalves(given) : byConvolution(given);
}

/** The inverse is the transform of the conjugate, conjugated, over the length. */
function inverse({ re, im }: Complex): Complex {
  const back = transform({ re, im: im.map((value) => -value) });
  return {
    re: back.re.map((value) => value / re.length),
    im: back.im.map((value) => -value / re.length),
  };
}

/** Cooley and Tukey, for powers of two: in place, from pairs up to the whole. */
function byHalves(given: Complex): Complex {
  const re = given.re.slice();
  const im = given.im.slice();
  const length = re.length;
  swapToBitReversed(re, im);
  const cos = Float64Array.from({ length: length / 2 }, (_, i) =>
    Math.cos((-2 * Math.PI * i) / length),
  );
  const sin = Float64Array.from({ length: length / 2 }, (_, i) =>
    Math.sin((-2 * Math.PI * i) / length),
  );
  for (let size = 2; size <= length; size *= 2) {
    const half = size / 2;
    const turn = length / size;
    for (let from = 0; from < length; from += size) {
      for (let i = 0; i < half; i++) {
        const at = from + i;
        const other = at + half;
        const turnedRe = re[other]! * cos[i * turn]! - im[other]! * sin[i * turn]!;
        const turnedIm = re[other]! * sin[i * turn]! + im[other]! * cos[i * turn]!;
        re[other] = re[at]! - turnedRe;
        im[other] = im[at]! - turnedIm;
        re[at] = re[at]! + turnedRe;
        im[at] = im[at]! + turnedIm;
      }
    }
  }
  return { re, im };
}

/** Puts value i where the bits of i, read backwards, say: then neighbours are transformed first. */
function swapToBitReversed(re: Float64Array, im: Float64Array): void {
  const length = re.length;
  for (let i = 0, reversed = 0; i < length; i++) {
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
}

/** Bluestein: with jk = (j² + k² - (k-j)²)/2 a transform is a convolution with a chirp. */
function byConvolution({ re, im }: Complex): Complex {
  const length = re.length;
  const size = 2 ** Math.ceil(Math.log2(2 * length - 1));
  // Squares are taken modulo 2n, where the chirp repeats, to keep the angles small.
  const angles = Float64Array.from(
    { length },
    (_, i) => (Math.PI * ((i * i) % (2 * length))) / length,
  );
  const chirped = { re: new Float64Array(size), im: new Float64Array(size) };
  const chirp = { re: new Float64Array(size), im: new Float64Array(size) };
  angles.forEach((angle, i) => {
    const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
    chirped.re[i] = re[i]! * cos + im[i]! * sin;
    chirped.im[i] = im[i]! * cos - re[i]! * sin;
    for (const at of i === 0 ? [0] : [i, size - i]) {
      chirp.re[at] = cos;
      chirp.im[at] = sin;
    }
  });
  const product = inverse(multiply(byHalves(chirped), byHalves(chirp)));
  const turn = { re: angles.map(Math.cos), im: angles.map((angle) => -Math.sin(angle)) };
  return multiply({ re: product.re.slice(0, length), im: product.im.slice(0, length) }, turn);
}

function multiply(a: Complex, b: Complex): Complex {
  return {
    re: a.re.map((value, i) => value * b.re[i]! - a.im[i]! * b.im[i]!),
    im: a.re.map((value, i) => value * b.im[i]! + a.im[i]! * b.re[i]!),
  };
}
