/**
 * The version in package.json, which lies two folders up from here both in the sources and in the
 * compiled package.
 */
import fs from 'node:fs';

export function readVersion(): string {
  const text = fs.readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
