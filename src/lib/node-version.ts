/**
 * Whether this Node can run tallyd, asked before anything else is loaded: an older one would end in
 * an error of its own inside of some module. Nothing here needs more than Node 14.
 */
import fs from 'node:fs';

/** The sentence for a Node that is older than package.json says; undefined where it is not. */
export function oldNodeSentence(version: string = process.versions.node): string | undefined {
  const text = fs.readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  const { engines } = JSON.parse(text) as { engines: { node: string } };
  const needed = engines.node.replace('>=', '');
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [majorMin = 0, minorMin = 0] = needed.split('.').map(Number);
  if (major > majorMin || (major === majorMin && minor >= minorMin)) return undefined;
  return (
    `tallyd needs Node.js ${needed} or newer, this is ${version} (${process.execPath}). ` +
    'Debian 12 and Ubuntu 24.04 have 18: take one from nodejs.org, NodeSource or nvm.'
  );
}
