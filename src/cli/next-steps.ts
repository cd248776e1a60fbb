/** What somebody who has just started tallyd on a terminal may do next: three lines. */

/** `http 0.0.0.0:8080`, `statsd udp 0.0.0.0:8125`, as the daemon lists where it listens. */
export function nextSteps(addresses: readonly string[]): string {
  const scheme = addresses.some((text) => text.startsWith('https ')) ? 'https' : 'http';
  const http = placeOf(addresses, `${scheme} `);
  const statsd = placeOf(addresses, 'statsd udp ');
  const lines: [string, string][] = [];
  if (http !== undefined) lines.push(['Open', `${scheme}://${http.host}:${http.port}`]);
  if (statsd !== undefined) {
    const { host, port } = statsd;
    lines.push([
      'Send',
      `echo 'hello.world:1|c' | nc -u -w1 ${host.replace(/[[\]]/g, '')} ${port}`,
    ]);
  }
  if (http !== undefined) {
    lines.push([
      'Grafana',
      `data source Graphite 1.1.x, URL ${scheme}://${http.host}:${http.port}`,
    ]);
  }
  const text = lines.map(([what, how]) => `  ${what.padEnd(9)}${how}\n`).join('');
  return text === '' ? '' : `\n${text}\n`;
}

/** An address that listens everywhere is asked on this machine. */
function placeOf(addresses: readonly string[], kind: string) {
  const address = addresses.find((text) => text.startsWith(kind))?.slice(kind.length);
  if (address === undefined || address.startsWith('/')) return undefined;
  const colon = address.lastIndexOf(':');
  const host = address.slice(0, colon);
  const isEverywhere = host === '0.0.0.0' || host === '::' || host === '[::]';
  return { host: isEverywhere ? 'localhost' : host, port: address.slice(colon + 1) };
}
