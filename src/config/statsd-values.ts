/**
 * Readers of the options for which StatsD has a rule of its own: what it passes over in silence is
 * a warning here, and has the effect that it has there.
 */
import {
  type Context,
  type RawValue,
  type Read,
  readText,
  readWords,
  show,
  toNumber,
} from './values.ts';

export type ServerPath = './servers/udp' | './servers/tcp';
export type BackendName = 'graphite' | 'console' | 'repeater';

/** StatsD's module path, with or without its folder and ending. */
export function readServer({ value }: Pick<RawValue, 'value'>): Read<ServerPath> {
  const path = typeof value === 'string' ? value : '';
  const name = /^(?:\.\/servers\/)?(udp|tcp)(?:\.js)?$/.exec(path)?.[1];
  return name === undefined
    ? { error: `read ${show(value)}, expected "./servers/udp" or "./servers/tcp"` }
    : { value: `./servers/${name as 'udp' | 'tcp'}` };
}

/** A whole number above 0; everything else, texts too, is 1. */
export function readTTL(given: RawValue): Read<number> {
  const value = given.spelled ? toNumber(given.value) : given.value;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1) return { value };
  const warning = `read ${show(given.value)}, expected a whole number above 0: taken as 1`;
  return { value: 1, warning };
}

/** What is no list, and an empty list, keeps every statistic. */
export function readStatistics(given: RawValue): Read<string[] | undefined> {
  const read = readWords(given);
  if ('value' in read) return { value: read.value.length === 0 ? undefined : read.value };
  if (Array.isArray(given.value)) return read;
  return { value: undefined, warning: `${read.error}: ignored` };
}

/** false is how a file says that there is no title. */
export function readTitle(given: RawValue): Read<string | undefined> {
  return given.value === false ? { value: undefined } : readText(given);
}

const BACKEND = /^(?:\.\/backends\/)?(graphite|console|repeater)(?:\.js)?$/;

/** Whether a list of backends has one of somebody else's. */
export function namesOthersBackend(list: unknown): boolean {
  return Array.isArray(list) && list.some((one) => typeof one === 'string' && !BACKEND.test(one));
}

/** Built-in backends in their order; a module of somebody else's is told and left out. */
export function readBackends(
  given: RawValue,
  _: unknown,
  { findings }: Context,
): Read<BackendName[]> {
  const read = readWords(given);
  if ('error' in read) return read;
  const known = new Set<BackendName>();
  for (const word of read.value) {
    const name = BACKEND.exec(word)?.[1];
    if (name !== undefined) {
      known.add(name as BackendName);
      continue;
    }
    const sentence = `backend ${show(word)} is left out: tallyd has graphite, console and repeater`;
    findings.warning(given.place, `${sentence}, and loads no modules`);
  }
  return { value: [...known] };
}
