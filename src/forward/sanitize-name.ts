/**
 * StatsD's sanitising of names on text, for backends; `ingest/protocol/statsd/sanitize.ts` does the same on
 * bytes and gives the rules.
 */

export function sanitizeName(name: string): string {
  return name
    .replace(/\s+/g, '_')
    .replaceAll('/', '-')
    .replace(/[^a-zA-Z0-9_.;=-]/g, '');
}
