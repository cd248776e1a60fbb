/** Addresses of listeners as text. */
interface Endpoint {
  address: string;
  port: number;
}

/** `127.0.0.1:8125`, `[::1]:8125`; the path of a unix socket, which has no port. */
export function hostPort({ address, port }: Endpoint): string {
  if (port === 0) return address;
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

/** Where this machine reaches a listener: nobody can connect to the wildcard address. */
export function reachable({ address, port }: Endpoint): Endpoint {
  if (address === '0.0.0.0') return { address: '127.0.0.1', port };
  return { address: address === '::' ? '::1' : address, port };
}
