/**
 * Addresses and networks of the `adminPeers` option: `10.0.0.5`, `10.0.0.0/8`, `fd00::/8`.
 */
import net from 'node:net';
import { type Context, type RawValue, type Limits, type Read, readWords, show } from './values.ts';

interface Peer {
  address: string;
  family: 'ipv4' | 'ipv6';
  /** Leading bits that count; all of them for one address. */
  bits: number;
}

/** Undefined when the text is no address and no network. */
export function parsePeer(text: string): Peer | undefined {
  const [address = '', size, ...rest] = text.split('/');
  const version = net.isIP(address);
  if (version === 0 || rest.length > 0) return undefined;
  const bitsMax = version === 6 ? 128 : 32;
  const bits = size === undefined ? bitsMax : /^\d{1,3}$/.test(size) ? Number(size) : NaN;
  if (!(bits <= bitsMax)) return undefined;
  return { address, family: version === 6 ? 'ipv6' : 'ipv4', bits };
}

/** The option's value; every text that is no peer is an error. */
export function readPeers(given: RawValue, _: Limits, { findings }: Context): Read<string[]> {
  const read = readWords(given);
  if ('error' in read) return read;
  const expected = 'an address such as 10.0.0.5 or a network such as 10.0.0.0/8';
  for (const peer of read.value) {
    if (parsePeer(peer) !== undefined) continue;
    const key = given.spelled ? '' : 'adminPeers: ';
    findings.error(given.place, `${key}read ${show(peer)}, expected ${expected}`);
  }
  return read;
}
