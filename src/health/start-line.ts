/** The line of the log that says that tallyd is up, and where it listens. For `daemon.ts`. */
import type { Config } from '../config/config.ts';
import type { Ingest } from '../ingest/ingest.ts';
import { hostPort } from '../lib/host-port.ts';
import type { Log } from '../lib/log.ts';

type Endpoint = Parameters<typeof hostPort>[0];

interface Listening {
  http: (Endpoint & { isTls: boolean }) | undefined;
  console: Endpoint | undefined;
  ingest: Ingest;
}

/** Says it; every address: `statsd udp 0.0.0.0:8125`. */
export function sayUp({ http, console, ingest }: Listening, config: Config, log: Log): string[] {
  const addresses = ingest.addresses.map((at) => `${at.kind} ${at.transport} ${hostPort(at)}`);
  if (http !== undefined) addresses.unshift(`${http.isTls ? 'https' : 'http'} ${hostPort(http)}`);
  if (console !== undefined) addresses.unshift(`console tcp ${hostPort(console)}`);
  log('info', `tallyd is up: ${addresses.join(', ')}`, {
    addresses,
    receiver: ingest.receiver,
    receiveBufferBytes: ingest.receiveBufferBytes,
    dialect: config.servers[0]?.dialect,
    dataDir: config.dataDir,
    flushIntervalMs: config.aggregation.flushIntervalMs,
  });
  return addresses;
}
