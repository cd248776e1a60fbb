/**
 * The ports that tallyd is to listen on, before it does: two on one number are told by their keys,
 * and whatever is to be sent to one of them would come back for ever.
 */
import type { ServerConfig } from './structures.ts';

interface Place {
  address: string;
  port: number;
}

interface ListeningPort extends Place {
  /** In the file. */
  key: string;
  protocol: 'tcp' | 'udp';
}

interface Listeners {
  servers: readonly ServerConfig[];
  management: Place | undefined;
  carbon: Place | undefined;
  carbonPickle: Place | undefined;
  http: Place | undefined;
}

/** Free ones that the system picks are not among them. */
export function portsOf({
  servers,
  management,
  carbon,
  carbonPickle,
  http,
}: Listeners): ListeningPort[] {
  const ports: ListeningPort[] = servers
    .filter(({ socketPath }) => socketPath === undefined)
    .map(({ address, port, transport }) => ({ key: 'port', address, port, protocol: transport }));
  const tcp = { mgmt_port: management, carbonPort: carbon, carbonPicklePort: carbonPickle };
  for (const [key, place] of Object.entries({ ...tcp, httpPort: http })) {
    if (place !== undefined) ports.push({ ...place, key, protocol: 'tcp' });
  }
  if (carbon !== undefined) ports.push({ ...carbon, key: 'carbonPort', protocol: 'udp' });
  return ports.filter(({ port }) => port !== 0);
}

/** Pairs of listeners that cannot both have their port, each pair of keys once. */
export function clashesOf(ports: readonly ListeningPort[]): [ListeningPort, ListeningPort][] {
  const clashes = new Map<string, [ListeningPort, ListeningPort]>();
  ports.forEach((one, i) => {
    for (const other of ports.slice(0, i)) {
      const isSame = one.port === other.port && one.protocol === other.protocol;
      if (!isSame || !overlap(one.address, other.address)) continue;
      clashes.set(`${other.key} ${one.key} ${one.port}`, [other, one]);
    }
  });
  return [...clashes.values()];
}

/** The listener that a target leads back to; `own`: addresses and names of this machine. */
export function leadsBack(
  ports: readonly ListeningPort[],
  target: { host: string; port: number },
  protocol: 'tcp' | 'udp',
  own: readonly string[],
): ListeningPort | undefined {
  const host = target.host.toLowerCase();
  const isHere = isLoopback(host) || isWildcard(host) || own.includes(host);
  if (!isHere) return undefined;
  return ports.find(
    ({ address, port, protocol: spoken }) =>
      port === target.port &&
      spoken === protocol &&
      (isWildcard(address) ||
        address === host ||
        (isLoopback(address) && (isLoopback(host) || isWildcard(host)))),
  );
}

function overlap(a: string, b: string): boolean {
  if (plain(a) === plain(b)) return true;
  if (a === '::' || b === '::') return true; // takes IPv4 in as well
  return (a === '0.0.0.0' && !b.includes(':')) || (b === '0.0.0.0' && !a.includes(':'));
}

function plain(address: string): string {
  return address.toLowerCase() === 'localhost' ? '127.0.0.1' : address.toLowerCase();
}

function isWildcard(address: string): boolean {
  return address === '0.0.0.0' || address === '::';
}

function isLoopback(address: string): boolean {
  return address === '::1' || plain(address).startsWith('127.');
}
