/**
 * Who may change the store by HTTP: addresses and networks of `adminPeers` (`10.0.0.5`, `10.0.0.0/8`,
 * `fd00::/8`), names of this server in `httpHosts` (`graphite.example.com`, `*.example.com`).
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

/** Addresses and networks as a list that is asked fast, and the texts that are none. */
export function networks(texts: readonly string[]): { networks: net.BlockList; wrong: string[] } {
  const list = new net.BlockList();
  const wrong: string[] = [];
  for (const text of texts) {
    const peer = parsePeer(text);
    if (peer === undefined) wrong.push(text);
    else list.addSubnet(peer.address, peer.bits, peer.family);
  }
  return { networks: list, wrong };
}

/** Whether an address as a socket tells it is in one of the networks. */
export function isIn(list: net.BlockList, address: string): boolean {
  const plain = plainAddress(address);
  return net.isIP(plain) !== 0 && list.check(plain, net.isIPv6(plain) ? 'ipv6' : 'ipv4');
}

/** Of `::ffff:127.0.0.1`, as a dual-stack socket tells IPv4 addresses, the address. */
export function plainAddress(address: string): string {
  return address.startsWith('::ffff:') ? address.slice('::ffff:'.length) : address;
}

/** The value of `adminPeers`. */
export const readPeers = listOf(
  'adminPeers',
  (text) => parsePeer(text) !== undefined,
  'an address such as 10.0.0.5 or a network such as 10.0.0.0/8',
);

const HOST_NAME = /^(?:\*\.)?(?!-)[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*$/i;

/** The value of `httpHosts`: what stands before the port in a request's Host. */
export const readHosts = listOf(
  'httpHosts',
  (text) => text.length <= 253 && (HOST_NAME.test(text) || net.isIP(text) !== 0),
  'a name such as graphite.example.com, or *.example.com for all below one',
);

/** The value of `corsOrigins`: what a browser says of the page, scheme and port with it. */
export const readOrigins = listOf(
  'corsOrigins',
  (text) => text === '*' || (URL.canParse(text) && new URL(text).origin === text),
  'an origin in small letters such as https://grafana.example.com, without a path, or "*"',
);

/** Reads a list of texts; every one that is not right is an error. */
function listOf(key: string, isRight: (text: string) => boolean, expected: string) {
  return (given: RawValue, _: Limits, { findings }: Context): Read<string[]> => {
    const read = readWords(given);
    if ('error' in read) return read;
    for (const text of read.value) {
      if (isRight(text)) continue;
      const label = given.spelled ? '' : `${key}: `;
      findings.error(given.place, `${label}read ${show(text)}, expected ${expected}`);
    }
    return read;
  };
}
