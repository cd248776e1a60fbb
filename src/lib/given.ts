/** JSON of others, of which nothing is known: what is not as expected is undefined. */

export type Given = Record<string, unknown>;

export function asObject(value: unknown): Given | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Given)
    : undefined;
}

export function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** A text that says something, or a number as text. */
export function asText(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value.trim() !== '' ? value : undefined;
}

export function asNumber(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}
