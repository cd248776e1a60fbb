/**
 * What every part of tallyd is told, after flags, environment, file and defaults are joined.
 * `config/options.ts` describes each key (unit, default, cost); `config/load.ts` makes this value.
 * Keys that StatsD has keep StatsD's names and meaning (test/conformance/statsd/FACTS.md §5).
 */

export const DIALECTS = ['statsd', 'extended', 'dogstatsd'] as const;
export type Dialect = (typeof DIALECTS)[number];

/** One listener of StatsD lines, as in StatsD's `servers` list. */
export interface ServerConfig {
  transport: 'udp' | 'tcp';
  address: string;
  /** 0 picks a free port. */
  port: number;
  /** UDP: an IPv6 socket (the wildcard one is dual-stack), as StatsD's `address_ipv6`. */
  ipv6: boolean;
  /** TCP on a unix stream socket, UDP on a unix datagram socket: its path, else undefined. */
  socketPath: string | undefined;
  /** Octal permissions of the socket, e.g. 0o777. */
  socketMode: number | undefined;
  dialect: Dialect;
}

/** StatsD's `histogram` entry: bins of the first entry whose `metric` is part of the key. */
export interface HistogramConfig {
  metric: string;
  /** Upper bounds, ascending; Infinity stands for 'inf'. `labels` keeps their spelling. */
  bins: number[];
  labels: string[];
}

/** The `graphite` object of a StatsD config: prefixes of names, as StatsD's Graphite backend. */
export interface NamespaceConfig {
  /** true: `stats.`/`stats_counts.`; false: `<globalPrefix>.counters.`; 'mixed': StatsD's third state. */
  legacy: true | false | 'mixed';
  globalPrefix: string;
  prefixCounter: string;
  prefixTimer: string;
  prefixGauge: string;
  prefixSet: string;
  /** undefined: none; '' appends a lone dot, as StatsD does. */
  globalSuffix: string | undefined;
  /** StatsD's `prefixStats`: name of StatsD's own counters. */
  prefixStats: string;
}

export interface AggregationConfig {
  flushIntervalMs: number;
  /** Flushes at multiples of the interval on the wall clock (StatsD: since start). */
  flushAlign: boolean;
  /** Percent, negative for the largest; `label` is StatsD's suffix (`99_9`, `top10`). */
  percentThresholds: { percent: number; label: string }[];
  histograms: HistogramConfig[];
  /** undefined: all statistics. */
  calculatedTimerMetrics: string[] | undefined;
  flushCounts: boolean;
  deleteCounters: boolean;
  deleteTimers: boolean;
  deleteSets: boolean;
  deleteGauges: boolean;
  /** Flushes that an idle gauge survives under deleteGauges. */
  gaugesMaxTTL: number;
  keyNameSanitize: boolean;
  /** Raw values kept per timer and flush before log-linear bins take over. */
  exactTimerValues: number;
  maxSeries: number;
  /** Live metrics whose names share their first nodes, and how many nodes these are. */
  maxSeriesPerPrefix: number;
  prefixNodes: number;
  /** Live metrics that one sender made. */
  maxSeriesPerSource: number;
  maxNameBytes: number;
  maxSetMembers: number;
  namespace: NamespaceConfig;
}

export type BackendName = 'graphite' | 'console' | 'repeater';

/** Bounds on what one HTTP request, and all of them together, may cost. */
export interface HttpLimits {
  /** Bytes of a request's body. */
  bodyBytes: number;
  /** Targets in one render. */
  targets: number;
  /** Series that one render may fetch or answer. */
  series: number;
  /** Datapoints that one render may read or compute at a time (8 bytes each). */
  points: number;
  /** Calls inside each other in one target, pipes counted. */
  targetDepth: number;
  /** Datapoints of one answer, after maxDataPoints: their text costs ten times their value. */
  answerPoints: number;
  /** Milliseconds that a render may take, waiting included. */
  requestMs: number;
  /** Renders evaluated at the same time; others wait. */
  concurrentRenders: number;
  /** Renders that may wait; more are refused. */
  waitingRenders: number;
  /** Nodes that one find may match. */
  findHits: number;
}

/** How long events (annotations) are kept. */
export interface EventKeeping {
  /** Since they happened, or came if that was later; 0: as long as there is room. */
  seconds: number;
  /** Most of them; of more the first to come go. */
  count: number;
}

/** Answers of /render that are kept for the next who asks the same. */
export interface RenderCacheConfig {
  /** Age up to which an answer is given again, unless the request says otherwise. */
  timeoutSeconds: number;
  /** All answers together; 0 keeps none. */
  bytes: number;
  entries: number;
}

export interface GraphiteBackendConfig {
  host: string;
  port: number;
  protocol: 'text' | 'pickle';
  /** Bytes that may wait on disk; 0: in memory only. */
  queueBytes: number;
}

export interface RepeaterConfig {
  targets: { host: string; port: number }[];
  protocol: 'udp4' | 'udp6' | 'tcp';
}

/** StatsD's `keyFlush`: which names came most often, written down every interval. */
export interface KeyFlushConfig {
  intervalMs: number;
  /** The most frequent names that are written, percent of all. */
  percent: number;
  /** File to append to, undefined: standard output. */
  log: string | undefined;
}

export interface Config {
  /** The file that was read, if any. */
  file: string | undefined;
  servers: ServerConfig[];
  /** Bounds on the stream connections of one listener. */
  connections: { max: number; maxPerSource: number };
  /** Asked of the kernel with SO_RCVBUF, bytes. */
  receiveBufferBytes: number;
  /** 'drain' reads the descriptor itself, 'message' uses dgram's events. */
  receiver: 'drain' | 'message';
  aggregation: AggregationConfig;
  management: { address: string; port: number } | undefined;
  healthStatus: string;
  carbon: { address: string; port: number } | undefined;
  carbonPickle: { address: string; port: number } | undefined;
  http: { address: string; port: number } | undefined;
  /** Addresses and networks, beside this machine, that may change series over HTTP. */
  adminPeers: string[];
  httpLimits: HttpLimits;
  renderCache: RenderCacheConfig;
  events: EventKeeping;
  /** Macros of targets: templates by name. */
  define: Record<string, string>;
  dataDir: string;
  storageSchemas: string;
  storageAggregation: string;
  sketchSchemas: string;
  /** Which of these were named by the user: those must exist. */
  storageFilesGiven: {
    storageSchemas: boolean;
    storageAggregation: boolean;
    sketchSchemas: boolean;
  };
  /** Carbon's own rule files, by what they hold. */
  carbonRules: {
    whitelist: string | undefined;
    blacklist: string | undefined;
    rewriteRules: string | undefined;
    aggregationRules: string | undefined;
  };
  /** Whether sketches of timers and sets are stored at all. */
  sketches: boolean;
  /** Coarser archives of timers hold averages of statistics, as Graphite's, not the true ones. */
  averagedTimers: boolean;
  /** Bytes that the data file may grow to (LMDB's map). */
  mapSizeBytes: number;
  /** Free bytes of its disk below which new series are refused; never over a twentieth of it. */
  diskHeadroomBytes: number;
  /** Flushes kept in memory while the disk refuses them. */
  maxPendingFlushes: number;
  /** Series that the store holds; a name beyond it is refused and counted. */
  maxStoredSeries: number;
  /** Of them those whose names share their first nodes (`aggregation.prefixNodes`). */
  maxStoredSeriesPerPrefix: number;
  /** Seconds without a value after which a series is deleted; 0: never. */
  expireIdleSeconds: number;
  /** As listed: the order in which they answer the console's `stats`. */
  backends: BackendName[];
  /** undefined too when it is listed and has no host to send to. */
  graphiteBackend: GraphiteBackendConfig | undefined;
  consoleBackend: { prettyprint: boolean } | undefined;
  repeater: RepeaterConfig | undefined;
  keyFlush: KeyFlushConfig | undefined;
  logLevel: string;
  debug: boolean;
  dumpMessages: boolean;
  automaticConfigReload: boolean;
  title: string | undefined;
  /** As given, for the management console's `config` command. */
  raw: Record<string, unknown>;
}

/** Something in a config file that is wrong (`error`) or odd (`warning`), with its place. */
export interface Finding {
  severity: 'error' | 'warning';
  /** A warning at start (backends of others have keys of their own), an error for `check`. */
  unknownKey?: true;
  /** `file:line:column: what was read, what was expected`. */
  text: string;
}
