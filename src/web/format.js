/** Numbers, durations and moments as people read them. */

const SI = ['', 'k', 'M', 'G', 'T', 'P', 'E'];
const SMALL = ['', 'm', 'µ', 'n', 'p'];
const BINARY = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];

/**
 * A value in the unit system of an axis, by Graphite's names of them.
 *
 * @param {number | null | undefined} value
 * @param {string} [system] si, binary, sec, msec or none
 * @param {number} [digits] that count
 */
export function short(value, system = 'si', digits = 4) {
  if (value === null || value === undefined || Number.isNaN(value)) return '–';
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '-∞';
  if (system === 'sec') return seconds(value);
  if (system === 'msec') return seconds(value / 1000);
  if (system === 'none') return plain(value, Math.max(digits, 6));
  return system === 'binary'
    ? scaled(value, 1024, BINARY, [''], digits)
    : scaled(value, 1000, SI, SMALL, digits);
}

/**
 * @param {number} value
 * @param {number} base
 * @param {string[]} large
 * @param {string[]} small
 * @param {number} digits
 */
function scaled(value, base, large, small, digits) {
  const size = Math.abs(value);
  if (size === 0) return '0';
  let power = 0;
  let shown = size;
  while (shown >= base * (1 - 0.5 * 10 ** -digits) && power < large.length - 1) {
    shown /= base;
    power += 1;
  }
  // Thousandths are easier to read as 0.005 than as 5m; what is smaller is not.
  if (power === 0)
    while (shown < 0.001 && -power < small.length - 1) {
      shown *= base;
      power -= 1;
      if (power === -1 && shown >= 1) break;
    }
  const unit = power >= 0 ? large[power] : small[-power];
  return `${value < 0 ? '-' : ''}${plain(shown, digits)}${unit}`;
}

/**
 * @param {number} value
 * @param {number} digits
 */
function plain(value, digits) {
  return String(Number(value.toPrecision(digits)));
}

/**
 * Of whole seconds or parts of one: `1.5h`, `250ms`.
 *
 * @param {number} value
 */
function seconds(value) {
  const size = Math.abs(value);
  if (size === 0) return '0';
  for (const [length, unit] of /** @type {const} */ ([
    [86_400, 'd'],
    [3600, 'h'],
    [60, 'min'],
    [1, 's'],
    [1e-3, 'ms'],
  ])) {
    if (size >= length) return `${plain(value / length, 4)}${unit}`;
  }
  return `${plain(value * 1e6, 4)}µs`;
}

/**
 * A step or a length of time, in the largest unit that is whole: `10s`, `5min`, `1d`.
 *
 * @param {number} length seconds
 */
export function duration(length) {
  for (const [size, unit] of /** @type {const} */ ([
    [86_400, 'd'],
    [3600, 'h'],
    [60, 'min'],
  ])) {
    if (length >= size && length % size === 0) return `${length / size}${unit}`;
  }
  return `${Number(length.toPrecision(4))}s`;
}

/**
 * How long something took or has been: `3 days`, `12 min`.
 *
 * @param {number} length seconds
 */
export function roughly(length) {
  if (length < 90) return `${Math.round(length)} s`;
  if (length < 5400) return `${Math.round(length / 60)} min`;
  if (length < 129_600) return `${Math.round(length / 3600)} h`;
  return `${Math.round(length / 86_400)} days`;
}

/** @param {number} count */
export function bytes(count) {
  return `${short(count, 'binary', 3).replace(/([A-Z]i)?$/, ' $1')}B`;
}

/** @param {number} value */
export function whole(value) {
  return value.toLocaleString('en');
}

const CLOCK = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const CLOCK_SECONDS = new Intl.DateTimeFormat('en-GB', {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
});
const DAY = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });
const WEEKDAY = new Intl.DateTimeFormat('en-GB', {
  weekday: 'short',
  day: 'numeric',
  month: 'short',
});
const MONTH = new Intl.DateTimeFormat('en-GB', { month: 'short', year: 'numeric' });

/** @param {number} time epoch seconds */
export function fullTime(time) {
  const at = new Date(time * 1000);
  return `${WEEKDAY.format(at)} ${CLOCK_SECONDS.format(at)}`;
}

/**
 * Labels under a time axis, of two lines where a day begins.
 *
 * @param {readonly number[]} times epoch seconds
 * @param {number} step between them, seconds
 */
export function timeLabels(times, step) {
  let day = '';
  return times.map((time) => {
    const at = new Date(time * 1000);
    if (step >= 28 * 86_400) return MONTH.format(at);
    const date = DAY.format(at);
    if (step >= 86_400) return date;
    const clock = (step < 60 ? CLOCK_SECONDS : CLOCK).format(at);
    const isNew = date !== day;
    day = date;
    return isNew ? `${clock}\n${WEEKDAY.format(at)}` : clock;
  });
}
