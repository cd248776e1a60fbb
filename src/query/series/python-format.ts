/**
 * Numbers spelled and rounded as Python does it, because Graphite's names, tags and texts show
 * them: `%g` in `scale(x,1e-09)`, `repr` in `"scale": "10.0"`, half-even rounding in `round`.
 * Decimal digits come from exact integer arithmetic, so ties fall where C's printf puts them
 * (JavaScript's toFixed and toExponential send them up). Called by render functions and formats.
 */
import { badTarget } from '../../lib/errors.ts';

const POWERS_OF_TEN = Array.from({ length: 16 }, (_, digits) => 10 ** digits);

/** Python's `repr(float)`: `10.0`, `1e-09`, `1e+16`, `nan`, `inf`. */
export function pythonFloat(value: number): string {
  const special = spellSpecial(value);
  if (special !== undefined) return special;
  const sign = isNegative(value) ? '-' : '';
  const [mantissa, power] = Math.abs(value).toExponential().split('e') as [string, string];
  const exponent = Number(power);
  const digits = mantissa.replace('.', '');
  if (exponent < -4 || exponent >= 16) {
    return sign + withPoint(digits, 1) + spellExponent(exponent);
  }
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`;
  if (digits.length <= exponent + 1) return `${sign}${digits.padEnd(exponent + 1, '0')}.0`;
  return sign + withPoint(digits, exponent + 1);
}

/** Python's `str(int)` of a whole number, `repr` of any other. */
export function pythonInteger(value: number): string {
  if (!Number.isInteger(value)) return pythonFloat(value);
  return value === 0 ? '0' : BigInt(value).toString();
}

/** `'%g' % value`, or `%.<precision>g`. */
export function formatG(value: number, precision = 6): string {
  return spellSpecial(value) ?? signed(value, general(Math.abs(value), precision, false));
}

/** `'%d' % value`: the fraction is cut. A value that is not finite has no such spelling. */
export function formatD(value: number): string {
  if (!Number.isFinite(value)) {
    throw badTarget(`${pythonFloat(value)} read where a finite number is expected`);
  }
  const whole = Math.trunc(value);
  return whole === 0 ? '0' : BigInt(whole).toString();
}

/** `'%.<decimals>f' % value`. */
export function formatF(value: number, decimals = 6): string {
  return spellSpecial(value) ?? signed(value, fixed(Math.abs(value), decimals));
}

/** Python's `round(value, digits)`: to the nearest, ties to the even digit. */
export function pythonRound(value: number, digits: number): number {
  if (!Number.isFinite(value) || value === 0 || digits > 323) return value;
  if (digits < -308) return value < 0 ? -0 : 0;
  if (digits >= 0 && digits <= 15) {
    // Far from a tie the product says which whole number is nearest, whatever its own rounding;
    // dividing two exact numbers then gives the double that the decimal text would be read as.
    const power = POWERS_OF_TEN[digits]!; // digits is in range when it is whole
    const product = Math.abs(value) * power;
    const whole = Math.floor(product + 0.5);
    if (product < 2 ** 40 && Math.abs(product - whole) < 0.499) {
      return isNegative(value) ? -(whole / power) : whole / power;
    }
  }
  if (digits >= 0 && digits <= 100 && Math.abs(value) < 1e21) {
    // A tie needs value * 10^digits to end in one half exactly; 5^digits is odd, so that is so
    // just when value * 2^(digits + 1) is an odd whole number.
    const doubled = value * 2 ** (digits + 1);
    if (!Number.isInteger(doubled) || doubled % 2 === 0) return Number(value.toFixed(digits));
  }
  const rounded = Number(`${scaled(Math.abs(value), digits)}e${-digits}`);
  return isNegative(value) ? -rounded : rounded;
}

/**
 * `template % value` for one number, as `aliasQuery` writes its names. Throws `badTarget` where
 * Python would raise: no or several conversions, or one that numbers do not have.
 */
export function formatPercent(template: string, value: number, integer = false): string {
  const conversion = /%([-+ 0#]*)(\d*)(?:\.(\d*))?[hlL]?([\s\S]?)/g;
  let count = 0;
  const text = template.replace(
    conversion,
    (_, flags: string, width: string, precision: string | undefined, type: string) => {
      if (type === '%') return '%';
      count += 1;
      const digits = precision === undefined ? undefined : Number(precision);
      const body = convert(template, type, flags, digits, value, integer);
      return pad(body, flags, Number(width), type !== 's' && type !== 'r' && type !== 'a');
    },
  );
  if (count === 1) return text;
  throw badTarget(
    `name "${template}" has ${count} conversions, expected exactly one such as %d or %.2f`,
  );
}

function convert(
  template: string,
  type: string,
  flags: string,
  precision: number | undefined,
  value: number,
  integer: boolean,
): string {
  const plus = flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '';
  const size = Math.abs(value);
  const special = spellSpecial(value);
  const number = (body: string): string =>
    special !== undefined && value !== -Infinity
      ? plus + special
      : (isNegative(value) ? '-' : plus) + (special === undefined ? body : 'inf');
  switch (type) {
    case 'd':
    case 'i':
    case 'u': {
      const digits = formatD(size).padStart(precision ?? 0, '0');
      return (Math.trunc(value) < 0 ? '-' : plus) + digits;
    }
    case 'f':
    case 'F':
      return number(special === undefined ? fixed(size, precision ?? 6) : '');
    case 'e':
    case 'E':
    case 'g':
    case 'G': {
      if (special !== undefined) return number('');
      const text =
        type.toLowerCase() === 'e'
          ? scientific(size, precision ?? 6)
          : general(size, precision ?? 6, flags.includes('#'));
      return number(type === 'E' || type === 'G' ? text.toUpperCase() : text);
    }
    case 's':
    case 'r':
    case 'a':
      return (integer ? pythonInteger(value) : pythonFloat(value)).slice(0, precision);
    default:
      throw badTarget(
        `name "${template}" has the conversion "%${type}", a number needs one of d f e g s`,
      );
  }
}

function pad(body: string, flags: string, width: number, numeric: boolean): string {
  if (flags.includes('-')) return body.padEnd(width);
  if (!flags.includes('0') || !numeric) return body.padStart(width);
  const sign = /^[-+ ]/.exec(body)?.[0] ?? '';
  return sign + body.slice(sign.length).padStart(width - sign.length, '0');
}

/** `%g` of a finite value >= 0; `alternate` keeps trailing zeros. */
function general(value: number, precision: number, alternate: boolean): string {
  const significant = precision === 0 ? 1 : precision;
  const text = scientific(value, significant - 1);
  const exponent = Number(text.slice(text.indexOf('e') + 1));
  const trim = (body: string): string => {
    if (!body.includes('.')) return alternate ? `${body}.` : body;
    return alternate ? body : body.replace(/\.?0+$/, '');
  };
  if (exponent < -4 || exponent >= significant) {
    return trim(text.slice(0, text.indexOf('e'))) + spellExponent(exponent);
  }
  return trim(fixed(value, significant - 1 - exponent));
}

/** `%e` of a finite value >= 0. */
function scientific(value: number, decimals: number): string {
  if (value === 0) return withPoint('0'.repeat(decimals + 1), 1) + 'e+00';
  let exponent = Number(value.toExponential().split('e')[1]);
  let digits = scaled(value, decimals - exponent);
  // The shortest spelling may have the power of its neighbour (1e+23 is below 10^23).
  if (digits.length > decimals + 1) digits = scaled(value, decimals - ++exponent);
  else if (digits.length < decimals + 1) digits = scaled(value, decimals - --exponent);
  return withPoint(digits, 1) + spellExponent(exponent);
}

/** `%f` of a finite value >= 0. */
function fixed(value: number, decimals: number): string {
  const digits = scaled(value, decimals).padStart(decimals + 1, '0');
  return withPoint(digits, digits.length - decimals);
}

/** Digits of `value * 10^power` rounded to a whole number, ties to even; value finite, >= 0. */
function scaled(value: number, power: number): string {
  const [mantissa, exponent] = binaryParts(value);
  let top = mantissa;
  let bottom = 1n;
  if (exponent >= 0) top <<= BigInt(exponent);
  else bottom <<= BigInt(-exponent);
  if (power >= 0) top *= 10n ** BigInt(power);
  else bottom *= 10n ** BigInt(-power);
  const whole = top / bottom;
  const twice = (top % bottom) * 2n;
  const up = twice > bottom || (twice === bottom && whole % 2n === 1n);
  return (up ? whole + 1n : whole).toString();
}

/** A finite value >= 0 as whole mantissa and power of two. */
function binaryParts(value: number): [bigint, number] {
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, value);
  const word = bits.getBigUint64(0);
  const biased = Number(word >> 52n) & 0x7ff;
  const fraction = word & 0xfffffffffffffn;
  return biased === 0 ? [fraction, -1074] : [fraction | 0x10000000000000n, biased - 1075];
}

function withPoint(digits: string, at: number): string {
  return digits.length > at ? `${digits.slice(0, at)}.${digits.slice(at)}` : digits;
}

function spellExponent(exponent: number): string {
  const digits = String(Math.abs(exponent)).padStart(2, '0');
  return `e${exponent < 0 ? '-' : '+'}${digits}`;
}

function spellSpecial(value: number): string | undefined {
  if (Number.isNaN(value)) return 'nan';
  if (value === Infinity) return 'inf';
  return value === -Infinity ? '-inf' : undefined;
}

function isNegative(value: number): boolean {
  return value < 0 || Object.is(value, -0);
}

function signed(value: number, text: string): string {
  return isNegative(value) ? `-${text}` : text;
}
