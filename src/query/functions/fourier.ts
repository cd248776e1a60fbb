/**
 * carbonapi's `fft` and `ifft`: the discrete Fourier transform of a series, as amplitude and phase,
 * and back. Any length in n log n: powers of two by halving, others by Bluestein's convolution
 * (L. Bluestein, 1970). Nulls count as 0.
 */
import { badTarget } from '../../lib/errors.ts';
import { derive, type Series } from '../series/series.ts';
import { type CallContext, type FunctionSpec, seriesList, string } from './spec.ts';

interface Complex {
  re: Float64Array;
  im: Float64Array;
}

/** Lets the event loop go when it was held for long. */
type Pause = CallContext['pause'];

/** Numbers worked on between two pauses: a few milliseconds. */
const SLICE_VALUES = 100_000;

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
    const { pause } = context;
    const found: Series[] = [];
    for (const series of seriesList) {
      const re = series.values.map((value) => (Number.isNaN(value) ? 0 : value));
      const spectrum = await transform({ re, im: new Float64Array(re.length) }, pause);
      if (mode !== 'phase') {
        const values = spectrum.re.map((value, i) => Math.hypot(value, spectrum.im[i]!));
        found.push(derive(series, { name: `fft(${series.name},abs)`, values }));
      }
      await pause();
      if (mode !== 'abs') {
        const values = spectrum.re.map((value, i) => Math.atan2(spectrum.im[i]!, value));
        found.push(derive(series, { name: `fft(${series.name},phase)`, values }));
      }
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
    const { pause } = context;
    const found: Series[] = [];
    for (const [i, series] of seriesList.entries()) {
      const phase = phases[i];
      const re = new Float64Array(series.values.length);
      const im = new Float64Array(series.values.length);
      series.values.forEach((amplitude, at) => {
        const size = Number.isNaN(amplitude) ? 0 : amplitude;
        const angle = phase?.values[at] ?? 0;
        re[at] = size * Math.cos(Number.isNaN(angle) ? 0 : angle);
        im[at] = size * Math.sin(Number.isNaN(angle) ? 0 : angle);
      });
      const name =
        phase === undefined ? `ifft(${series.name})` : `ifft(${series.name},${phase.name})`;
      found.push(derive(series, { name, values: (await inverse({ re, im }, pause)).re }));
    }
    return found;
  },
};

async function transform(signal: Complex, pause: Pause): Promise<Complex> {
  const length = signal.re.length;
  if (length <= 1) return signal;
  return (length & (length - 1)) === 0 ? byHalves(signal, pause) : byConvolution(signal, pause);
}

/** The inverse is the transform of the conjugate, conjugated, over the length. */
async function inverse({ re, im }: Complex, pause: Pause): Promise<Complex> {
  const back = await transform({ re, im: im.map((value) => -value) }, pause);
  return {
    re: back.re.map((value) => value / re.length),
    im: back.im.map((value) => -value / re.length),
  };
}

/** Cooley and Tukey, for powers of two: in place, from pairs up to the whole. */
async function byHalves(signal: Complex, pause: Pause): Promise<Complex> {
  const re = signal.re.slice();
  const im = signal.im.slice();
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
    for (let from = 0, done = 0; from < length; from += size, done += size) {
      if (done >= SLICE_VALUES) {
        await pause();
        done = 0;
      }
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
async function byConvolution({ re, im }: Complex, pause: Pause): Promise<Complex> {
  const length = re.length;
  const size = 2 ** Math.ceil(Math.log2(2 * length - 1));
  // Squares are taken modulo 2n, where the chirp repeats, to keep the angles small.
  const angles = Float64Array.from(
    { length },
    (_, i) => (Math.PI * ((i * i) % (2 * length))) / length,
  );
  const chirped = { re: new Float64Array(size), im: new Float64Array(size) };
  const chirp = { re: new Float64Array(size), im: new Float64Array(size) };
  for (let i = 0; i < length; i++) {
    if (i % SLICE_VALUES === 0) await pause();
    const angle = angles[i]!;
    const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
    chirped.re[i] = re[i]! * cos + im[i]! * sin;
    chirped.im[i] = im[i]! * cos - re[i]! * sin;
    for (const at of i === 0 ? [0] : [i, size - i]) {
      chirp.re[at] = cos;
      chirp.im[at] = sin;
    }
  }
  const factors = [await byHalves(chirped, pause), await byHalves(chirp, pause)] as const;
  const product = await inverse(multiply(...factors), pause);
  const turn = { re: angles.map(Math.cos), im: angles.map((angle) => -Math.sin(angle)) };
  return multiply({ re: product.re.slice(0, length), im: product.im.slice(0, length) }, turn);
}

function multiply(a: Complex, b: Complex): Complex {
  return {
    re: a.re.map((value, i) => value * b.re[i]! - a.im[i]! * b.im[i]!),
    im: a.re.map((value, i) => value * b.im[i]! + a.im[i]! * b.re[i]!),
  };
}
