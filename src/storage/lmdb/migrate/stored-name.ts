/** What becomes of names that an older tallyd stored as it got them (name-forms.ts). */
import { canonicalName, joinNodes } from '../../../wire/series-name.ts';

/** The form of a stored name; what has none gets one, without what keeps it from it. */
export function formOfStored(name: string): string {
  const form = canonicalName(name);
  if (form !== undefined) return form;
  const plain = joinNodes(name.replace(/[\p{Cc}\p{Cs}\u2028\u2029;{}"]/gu, '_'));
  return plain === '' ? '_' : plain;
}
