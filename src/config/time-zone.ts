/**
 * The zone of times that name none (`timeZone`): one that the JavaScript engine knows, such as
 * Europe/Berlin. The system's own variable TZ gives it where nothing else does, in any of its
 * spellings; one that is no zone here is told and left.
 */
import { show, type RawValue, type Read } from './values.ts';

/** The system's variable. */
export const SYSTEM_ZONE = 'TZ';

export function readTimeZone({ value, place }: RawValue): Read<string> {
  const isSystems = place === SYSTEM_ZONE;
  const name = isSystems ? String(value).replace(/^:?(?:.*\/zoneinfo\/)?/, '') : value;
  if (typeof name === 'string' && isZone(name)) return { value: name };
  const sentence = `read ${show(value)}, expected a zone such as Europe/Berlin`;
  return isSystems ? { value: 'UTC', warning: `${sentence}: UTC is used` } : { error: sentence };
}

function isZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
