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

/** Cooley and Tukey, for powers of two: both halves of a transform from those of every other. */
function byHalves({ re, im }: Complex): Complex {
  const length = re.length;
  if (length === 1) return { re, im };
  const half = length / 2;
  const everyOther = (values: Float64Array, from: number): Float64Array =>
    Float64Array.from({ length: half }, (_, i) => values[2 * i + from]!);
  const even = byHalves({ re: everyOther(re, 0), im: everyOther(im, 0) });
  const odd = byHalves({ re: everyOther(re, 1), im: everyOther(im, 1) });
  const out = { re: new Float64Array(length), im: new Float64Array(length) };
  for (let i = 0; i < half; i++) {
    const cos = Math.cos((-2 * Math.PI * i) / length);
    const sin = Math.sin((-2 * Math.PI * i) / length);
    const turnedRe = odd.re[i]! * cos - odd.im[i]! * sin;
    const turnedIm = odd.re[i]! * sin + odd.im[i]! * cos;
    out.re[i] = even.re[i]! + turnedRe;
    out.im[i] = even.im[i]! + turnedIm;
    out.re[i + half] = even.re[i]! - turnedRe;
    out.im[i + half] = even.im[i]! - turnedIm;
  }
  return out;
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
