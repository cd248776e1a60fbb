/** A configuration for the tests of receiving: loopback, free ports, long intervals. */
import type { AggregationConfig, Config, ServerConfig } from '../../../src/config/config.ts';

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
  return {
    flushIntervalMs: 600_000,
    flushAlign: true,
    percentThresholds: [{ percent: 90, label: '90' }],
    histograms: [],
    calculatedTimerMetrics: undefined,
    flushCounts: true,
    deleteCounters: false,
    deleteTimers: false,
    deleteSets: false,
    deleteGauges: false,
    gaugesMaxTTL: 1,
    keyNameSanitize: true,
    exactTimerValues: 32,
    maxSeries: 100_000,
    maxNameBytes: 1000,
    maxSetMembers: 10_000,
    namespace: {
      legacy: true,
      globalPrefix: 'stats',
      prefixCounter: 'counters',
      prefixTimer: 'timers',
      prefixGauge: 'gauges',
      prefixSet: 'sets',
      globalSuffix: undefined,
      prefixStats: 'statsd',
    },
    ...wish,
  };
}

export function config(
  wish: Partial<Config> = {},
  aggregationWish: Partial<AggregationConfig> = {},
): Config {
  return {
    file: undefined,
    servers: [udpServer()],
    receiveBufferBytes: 4 * 1024 * 1024,
    receiver: 'drain',
    aggregation: aggregation(aggregationWish),
    management: undefined,
    healthStatus: 'up',
    carbon: undefined,
    carbonPickle: undefined,
    http: undefined,
    dataDir: '',
    storageSchemas: '',
    storageAggregation: '',
    sketchSchemas: '',
    maxStoredSeries: 0,
    storageFilesGiven: false,
    mapSizeBytes: 0,
    maxPendingFlushes: 0,
    graphiteBackend: undefined,
    consoleBackend: undefined,
    repeater: undefined,
    keyFlush: undefined,
    logLevel: 'info',
    debug: false,
    dumpMessages: false,
    automaticConfigReload: false,
    title: undefined,
    raw: {},
    ...wish,
  };
}
