/** A configuration for the tests of receiving: loopback, free ports, long intervals. */
import { DEFAULT_CONFIG } from '../../../src/config/load.ts';
import type { AggregationConfig, Config } from '../../../src/config/config.ts';
import type { ServerConfig } from '../../../src/config/structures.ts';

export function udpServer(wish: Partial<ServerConfig> = {}): ServerConfig {
  return {
    transport: 'udp',
    address: '127.0.0.1',
    port: 0,
    ipv6: false,
    socketPath: undefined,
    socketMode: undefined,
    dialect: 'extended',
    ...wish,
  };
}

export function tcpServer(wish: Partial<ServerConfig> = {}): ServerConfig {
  return udpServer({ transport: 'tcp', ...wish });
}

export function aggregation(wish: Partial<AggregationConfig> = {}): AggregationConfig {
  // Not aligned: no boundary of the clock falls into a test.
  const quiet = { flushIntervalMs: 600_000, flushAlign: false };
  return { ...DEFAULT_CONFIG.aggregation, ...quiet, ...wish };
}

export function config(
  wish: Partial<Config> = {},
  aggregationWish: Partial<AggregationConfig> = {},
): Config {
  return {
    ...DEFAULT_CONFIG,
    servers: [udpServer()],
    receiveBufferBytes: 4 * 1024 * 1024,
    carbon: undefined,
    carbonPickle: undefined,
    aggregation: aggregation(aggregationWish),
    ...wish,
  };
}
