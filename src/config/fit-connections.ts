/**
 * Connections as many as descriptors allow: out of them the system would accept and close
 * connections that nobody counts, and `/health` and the console could not be reached. What the
 * listeners may have together is kept below the limit that the process has; the rest is left to
 * files, look-ups and the console.
 */
import type { Config } from './config.ts';

/** The data file, the queue for Graphite, files that are read, connections that are made. */
const RESERVED = 64;
const CONSOLE_CONNECTIONS = 64;
/** Below that nothing works; then it is said and tried. */
const LEAST = 8;

/** `limit` and `open`: descriptors that the process may have, and has at its start. */
export function fitConnections(
  config: Config,
  { limit, open }: { limit: number; open: number },
): { config: Config; warning: string | undefined } {
  const { connections, httpLimits } = config;
  const listeners = streamListeners(config);
  const http = config.http === undefined ? 0 : httpLimits.connections;
  const wanted = listeners * connections.max + http;
  const console = config.management === undefined ? 0 : CONSOLE_CONNECTIONS;
  const left = Math.max(0, limit - open - RESERVED - console);
  if (wanted <= left) return { config, warning: undefined };
  const fit = (count: number): number =>
    Math.min(count, Math.max(LEAST, Math.floor((count * left) / wanted)));
  const max = fit(connections.max);
  const fitted = {
    max,
    maxPerSource: Math.max(1, Math.floor((connections.maxPerSource * max) / connections.max)),
  };
  const changes = [
    `httpLimits.connections is ${fit(httpLimits.connections)} instead of ${httpLimits.connections}`,
  ];
  if (listeners > 0) {
    changes.unshift(
      `maxConnections is ${max} instead of ${connections.max} on each of ${listeners} listeners`,
    );
  }
  return {
    config: {
      ...config,
      connections: fitted,
      httpLimits: { ...httpLimits, connections: fit(httpLimits.connections) },
    },
    warning:
      `this process may have ${limit} files and sockets open: ${changes.join(', ')}; ` +
      '"ulimit -n" or LimitNOFILE= of systemd raises that',
  };
}

function streamListeners({ servers, carbon, carbonPickle }: Config): number {
  const streams = servers.filter(({ transport }) => transport === 'tcp').length;
  return streams + [carbon, carbonPickle].filter((one) => one !== undefined).length;
}
