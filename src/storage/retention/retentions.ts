/**
 * Retention strings, as in carbon's storage-schemas.conf: `10s:6h,1m:7d,10m:5y`.
 *
 *     step:duration[,step:duration…]     60s:7d     one point a minute, for seven days
 *     step:points                        60:1440    bare numbers: seconds, and a count of points
 *
 * Units are those of lib/time-units.ts, in lower case. Rules between archives are whisper's (whisper.py `validateArchiveList`).
 */
import { UserError } from '../../lib/errors.ts';
import { TIME_UNITS } from '../../lib/time-units.ts';
import type { Archive } from './archives.ts';

/** Whisper keeps steps, points and retentions as unsigned 32-bit numbers. */
const UINT32_MAX = 0xffffffff;

interface RetentionFault {
  /** Where in the text the faulty part starts. */
  offset: number;
  sentence: string;
}

/** Archives sorted by step; throws `badConfig` with the first thing that is wrong. */
export function parseRetentions(text: string): Archive[] {
  const { archives, faults } = readRetentions(text);
  const first = faults[0];
  if (first !== undefined) throw new UserError('badConfig', first.sentence);
  return archives;
}

/** Like parseRetentions, but tells everything that is wrong instead of throwing. */
export function readRetentions(text: string): { archives: Archive[]; faults: RetentionFault[] } {
  const archives: Archive[] = [];
  const faults: RetentionFault[] = [];
  let offset = 0;
  for (const part of text.split(',')) {
    const read = readRetention(part.trim());
    if (typeof read === 'string') {
      faults.push({ offset: offset + part.length - part.trimStart().length, sentence: read });
    } else archives.push(read);
    offset += part.length + 1;
  }
  archives.sort((a, b) => a.step - b.step);
  if (faults.length === 0) {
    for (const sentence of validateArchives(archives)) {
      faults.push({ offset: 0, sentence: `retentions "${text.trim()}": ${sentence}` });
    }
  }
  return { archives, faults };
}

/** `10s:6h,1m:7d`: the largest unit that divides each number, weeks as days. */
export function formatRetentions(archives: readonly Archive[]): string {
  return archives
    .map(({ step, points }) => `${formatSeconds(step)}:${formatSeconds(step * points)}`)
    .join(',');
}

/** Whisper's rules between archives, in order of step: a sentence for each one broken. */
export function validateArchives(archives: readonly Archive[]): string[] {
  if (archives.length === 0) return ['no archive, expected at least one step:duration'];
  const broken = archives.flatMap((archive) => {
    const name = describe(archive);
    if (archive.step < 1) return [`${name} has a step of 0 seconds, expected at least 1`];
    if (archive.points < 1) return [`${name} has no room for a point, expected at least 1`];
    const seconds = archive.step * archive.points;
    return seconds <= UINT32_MAX ? [] : [`${name} is over ${UINT32_MAX} seconds (136 years)`];
  });
  for (let i = 1; i < archives.length && broken.length === 0; i++) {
    // 1 <= i < length
    const sentence = brokenRule(archives[i - 1]!, archives[i]!);
    if (sentence !== undefined) broken.push(sentence);
  }
  return broken;
}

function brokenRule(finer: Archive, coarser: Archive): string | undefined {
  const names = `${describe(finer)} and ${describe(coarser)}`;
  if (finer.step === coarser.step) return `${names} have the same step, expected distinct ones`;
  if (coarser.step % finer.step !== 0) {
    return `${names}: step ${coarser.step} s is not a multiple of step ${finer.step} s`;
  }
  if (coarser.step * coarser.points <= finer.step * finer.points) {
    return `${names}: the coarser one must cover more time than the finer one`;
  }
  const needed = coarser.step / finer.step;
  if (finer.points < needed) {
    return (
      `${names}: the finer one holds ${finer.points} points, ` +
      `one point of the coarser one needs ${needed}`
    );
  }
  return undefined;
}

function describe(archive: Archive): string {
  return formatRetentions([archive]);
}

/** One `step:duration`, or the sentence that says what is wrong with it. */
function readRetention(text: string): Archive | string {
  const quoted = `retention "${text}"`;
  const parts = text.split(':');
  if (parts.length !== 2) return `${quoted}: expected step:duration, such as 10s:6h`;
  const step = readDuration(parts[0]!); // two parts
  const length = readDuration(parts[1]!);
  if (typeof step === 'string') return `${quoted}: ${step}`;
  if (typeof length === 'string') return `${quoted}: ${length}`;
  const stepSeconds = step.count * (step.unitSeconds ?? 1);
  if (stepSeconds < 1) return `${quoted}: a step of 0 seconds, expected at least 1`;
  const points =
    length.unitSeconds === undefined
      ? length.count
      : Math.floor((length.count * length.unitSeconds) / stepSeconds);
  if (points < 1) return `${quoted}: shorter than one step, expected room for a point at least`;
  if (stepSeconds * points > UINT32_MAX) {
    return `${quoted}: ${stepSeconds * points} seconds, expected at most ${UINT32_MAX}`;
  }
  return { step: stepSeconds, points };
}

function readDuration(text: string): { count: number; unitSeconds: number | undefined } | string {
  const match = /^(\d+)(.*)$/s.exec(text);
  if (match === null) return `"${text}" is not a number with a unit, expected such as 10s or 6h`;
  const count = Number(match[1]);
  const unit = match[2]!; // the group always takes part
  if (unit === '') return { count, unitSeconds: undefined };
  const known = TIME_UNITS.find(([name]) => name.startsWith(unit));
  if (known === undefined) return `unknown unit "${unit}", expected s m h d w y`;
  return { count, unitSeconds: known[1] };
}

function formatSeconds(seconds: number): string {
  const unit = TIME_UNITS.findLast(
    ([name, length]) => name !== 'weeks' && seconds % length === 0 && seconds >= length,
  );
  return unit === undefined ? `${seconds}s` : `${seconds / unit[1]}${unit[0][0]}`;
}
