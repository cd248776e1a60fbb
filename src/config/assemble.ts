/**
 * From checked option values to the `Config` that the parts of tallyd are built from: fills in
 * defaults, StatsD's rules between keys (deleteIdleStats, backends, servers) and what a dialect
 * implies. Called by `load.ts` only.
 */
import type {
  AggregationConfig,
  BackendName,
  Config,
  Dialect,
  HttpLimits,
  NamespaceConfig,
  RepeaterConfig,
  ServerConfig,
} from './config.ts';
import type { FileValues, Findings } from './findings.ts';
import { readDefine } from './define.ts';
import { parsePeer } from './peers.ts';
import { OPTION_BY_KEY } from './options.ts';
import { TALLYD_KEYS } from './tallyd-keys.ts';
import {
  readHistograms,
  readKeyFlush,
  readRepeater,
  readServers,
  serverConfig,
  SOCKET_NEEDS_TCP,
} from './structures.ts';
import { show, thresholdLabel, type Given, type PortValue, type Threshold } from './values.ts';

/** Values kept exactly under `dialect: statsd`: its numbers to the last bit for any sane timer. */
const EXACT_TIMER_VALUES_STATSD = 10_000;
/** StatsD knows no limit; a datagram is one. */
const MAX_NAME_BYTES_STATSD = 65_507;

/** The checked values by option key, with the places they come from. */
export class Settings {
  readonly inputFile: string | undefined;
  readonly file: FileValues;
  readonly findings: Findings;
  readonly given: ReadonlyMap<string, Given>;
  private readonly values: ReadonlyMap<string, unknown>;

  constructor(
    input: { file: string | undefined; values: FileValues; findings: Findings },
    given: ReadonlyMap<string, Given>,
    values: ReadonlyMap<string, unknown>,
  ) {
    this.inputFile = input.file;
    this.file = input.values;
    this.findings = input.findings;
    this.given = given;
    this.values = values;
  }

  /** What was given, undefined when nothing was or it was wrong. */
  own(key: string): unknown {
    return this.values.get(key);
  }

  ownText(key: string): string | undefined {
    return this.own(key) as string | undefined;
  }

  text(key: string): string {
    return this.valueOf(key) as string;
  }

  number(key: string): number {
    return this.valueOf(key) as number;
  }

  flag(key: string): boolean {
    return this.valueOf(key) as boolean;
  }

  port(key: string): PortValue {
    return this.valueOf(key) as PortValue;
  }

  words(key: string): string[] {
    return this.valueOf(key) as string[];
  }

  /** Given, else the default of the option table. */
  private valueOf(key: string): unknown {
    return this.values.get(key) ?? OPTION_BY_KEY.get(key)?.default;
  }
}

export function assemble(from: Settings): Config {
  const everywhere = from.ownText('address') ?? (from.flag('address_ipv6') ? '::' : '0.0.0.0');
  const carbonAddress = from.ownText('carbonAddress') ?? everywhere;
  const backends = readBackends(from);
  const debug = from.flag('debug');
  const keyFlush = from.own('keyFlush');
  const define = from.own('define');
  return {
    file: from.inputFile,
    servers: servers(from),
    connections: {
      max: from.number('maxConnections'),
      maxPerSource: partOf(from, 'maxConnectionsPerSource', 'maxConnections', 2),
    },
    receiveBufferBytes: from.number('receiveBufferBytes'),
    receiver: from.text('receiver') as Config['receiver'],
    aggregation: aggregation(from),
    management: listener(from, 'mgmt_port', from.text('mgmt_address')),
    healthStatus: from.text('healthStatus'),
    carbon: listener(from, 'carbonPort', carbonAddress),
    carbonPickle: listener(from, 'carbonPicklePort', carbonAddress),
    http: listener(from, 'httpPort', from.ownText('httpAddress') ?? everywhere),
    adminPeers: adminPeers(from),
    httpLimits: httpLimits(from),
    renderCache: {
      timeoutSeconds: from.number('cacheTimeout'),
      bytes: from.number('cacheBytes'),
      entries: from.number('cacheEntries'),
    },
    events: {
      seconds: (from.own('eventRetention') as number | undefined) ?? 0,
      count: from.number('maxEvents'),
    },
    define: define === undefined ? {} : readDefine(from, define),
    dataDir: from.text('dataDir'),
    storageSchemas: from.text('storageSchemas'),
    storageAggregation: from.text('storageAggregation'),
    sketchSchemas: from.text('sketchSchemas'),
    storageFilesGiven: {
      storageSchemas: from.own('storageSchemas') !== undefined,
      storageAggregation: from.own('storageAggregation') !== undefined,
      sketchSchemas: from.own('sketchSchemas') !== undefined,
    },
    carbonRules: {
      whitelist: from.ownText('carbonWhitelist'),
      blacklist: from.ownText('carbonBlacklist'),
      rewriteRules: from.ownText('carbonRewriteRules'),
      aggregationRules: from.ownText('carbonAggregationRules'),
    },
    sketches: from.flag('sketches'),
    averagedTimers: from.flag('averagedTimers'),
    mapSizeBytes: from.number('mapSizeBytes'),
    diskHeadroomBytes: from.number('diskHeadroomBytes'),
    maxPendingFlushes: from.number('maxPendingFlushes'),
    maxStoredSeries: from.number('maxStoredSeries'),
    maxStoredSeriesPerPrefix: partOf(from, 'maxStoredSeriesPerPrefix', 'maxStoredSeries', 4),
    expireIdleSeconds: (from.own('expireIdleSeries') as number | undefined) ?? 0,
    backends: [...backends],
    graphiteBackend: backends.has('graphite') ? graphiteBackend(from) : undefined,
    consoleBackend: backends.has('console')
      ? { prettyprint: from.flag('console.prettyprint') }
      : undefined,
    repeater: repeater(from, backends.has('repeater')),
    keyFlush: keyFlush === undefined ? undefined : readKeyFlush(from, keyFlush),
    logLevel: from.ownText('logLevel') ?? (debug ? 'debug' : 'info'),
    debug,
    dumpMessages: from.flag('dumpMessages'),
    automaticConfigReload: from.flag('automaticConfigReload'),
    title: from.ownText('title'),
    raw: rawValues(from),
  };
}

function listener(
  from: Settings,
  key: string,
  address: string,
): { address: string; port: number } | undefined {
  const port = from.port(key);
  return port === 'off' ? undefined : { address, port };
}

function adminPeers(from: Settings): string[] {
  const peers = from.words('adminPeers');
  const { place = '', spelled = false } = from.given.get('adminPeers') ?? {};
  for (const peer of peers) {
    if (parsePeer(peer) !== undefined) continue;
    const expected = 'an address such as 10.0.0.5 or a network such as 10.0.0.0/8';
    const key = spelled ? '' : 'adminPeers: ';
    from.findings.error(place, `${key}read ${show(peer)}, expected ${expected}`);
  }
  return [...peers];
}

function httpLimits(from: Settings): HttpLimits {
  const limit = (name: keyof HttpLimits): number => from.number(`httpLimits.${name}`);
  return {
    bodyBytes: limit('bodyBytes'),
    targets: limit('targets'),
    targetDepth: limit('targetDepth'),
    series: limit('series'),
    points: limit('points'),
    answerPoints: limit('answerPoints'),
    requestMs: limit('requestMs'),
    concurrentRenders: limit('concurrentRenders'),
    waitingRenders: limit('waitingRenders'),
    findHits: limit('findHits'),
  };
}

function servers(from: Settings): ServerConfig[] {
  const dialect = from.text('dialect') as Dialect;
  const list = from.own('servers');
  if (list !== undefined) {
    const unused = ['port', 'address', 'server', 'socket', 'datagramSocket', 'address_ipv6'];
    for (const key of unused) {
      const given = from.given.get(key);
      if (given === undefined || !given.spelled) continue;
      from.findings.warning(given.place, 'no effect on StatsD listeners, the file lists "servers"');
    }
    return readServers(from, list, dialect);
  }
  const port = from.port('port');
  const socket = from.given.get('socket');
  if (socket !== undefined && from.text('server') === './servers/udp') {
    from.findings.warning(socket.place, `${SOCKET_NEEDS_TCP}: ignored`);
  }
  const common = {
    address: from.ownText('address') ?? '',
    ipv6: from.flag('address_ipv6'),
    socketPath: from.ownText('socket') ?? '',
    socketMode: (from.own('socket_mod') as number | undefined) ?? -1,
    own: dialect,
  };
  const listeners: ServerConfig[] = [];
  if (port !== 'off') {
    const server = from.text('server');
    listeners.push(serverConfig({ ...common, server, port, datagramSocket: '' }));
  }
  const datagramSocket = from.ownText('datagramSocket') ?? '';
  if (datagramSocket !== '') {
    listeners.push(serverConfig({ ...common, server: './servers/udp', port: 0, datagramSocket }));
  }
  return listeners;
}

function aggregation(from: Settings): AggregationConfig {
  const idle = from.flag('deleteIdleStats');
  const deletes = (key: string) => (from.own(key) as boolean | undefined) ?? idle;
  const thresholds =
    (from.own('percentThreshold') as Threshold[] | undefined) ?? defaultThresholds();
  const statistics = from.words('calculatedTimerMetrics');
  const histogram = from.own('histogram');
  return {
    flushIntervalMs: from.number('flushInterval'),
    flushAlign: from.flag('flushAlign'),
    percentThresholds: thresholds,
    histograms: histogram === undefined ? [] : readHistograms(from, histogram),
    calculatedTimerMetrics: statistics.length === 0 ? undefined : statistics,
    flushCounts: from.flag('flush_counts'),
    deleteCounters: deletes('deleteCounters'),
    deleteTimers: deletes('deleteTimers'),
    deleteSets: deletes('deleteSets'),
    deleteGauges: deletes('deleteGauges'),
    gaugesMaxTTL: from.number('gaugesMaxTTL'),
    keyNameSanitize: from.flag('keyNameSanitize'),
    exactTimerValues: exactTimerValues(from),
    maxSeries: from.number('maxSeries'),
    maxSeriesPerPrefix: partOf(from, 'maxSeriesPerPrefix', 'maxSeries', 4),
    prefixNodes: from.number('prefixNodes'),
    maxSeriesPerSource: partOf(from, 'maxSeriesPerSource', 'maxSeries', 2),
    maxNameBytes: maxNameBytes(from),
    maxSetMembers: from.number('maxSetMembers'),
    namespace: namespace(from),
  };
}

/** What was given, else a part of the limit that it is within: no one takes all of it. */
function partOf(from: Settings, key: string, whole: string, parts: number): number {
  return (from.own(key) as number | undefined) ?? Math.ceil(from.number(whole) / parts);
}

function maxNameBytes(from: Settings): number {
  const statsd = from.text('dialect') === 'statsd' && from.own('maxNameBytes') === undefined;
  return statsd ? MAX_NAME_BYTES_STATSD : from.number('maxNameBytes');
}

function exactTimerValues(from: Settings): number {
  const statsd = from.text('dialect') === 'statsd' && from.own('exactTimerValues') === undefined;
  return statsd ? EXACT_TIMER_VALUES_STATSD : from.number('exactTimerValues');
}

function defaultThresholds(): Threshold[] {
  const percents = OPTION_BY_KEY.get('percentThreshold')?.default as number[];
  return percents.map((percent) => ({ percent, label: thresholdLabel(String(percent)) }));
}

function namespace(from: Settings): NamespaceConfig {
  return {
    legacy: (from.own('graphite.legacyNamespace') as NamespaceConfig['legacy']) ?? true,
    globalPrefix: from.text('graphite.globalPrefix'),
    prefixCounter: from.text('graphite.prefixCounter'),
    prefixTimer: from.text('graphite.prefixTimer'),
    prefixGauge: from.text('graphite.prefixGauge'),
    prefixSet: from.text('graphite.prefixSet'),
    globalSuffix: from.ownText('graphite.globalSuffix'),
    prefixStats: from.text('prefixStats'),
  };
}

/** Built-in backends by name; a module of somebody else's is told and left out. */
function readBackends(from: Settings): Set<BackendName> {
  const known = new Set<BackendName>();
  const place = from.given.get('backends')?.place ?? '';
  for (const word of from.words('backends')) {
    const name = /^(?:\.\/backends\/)?(graphite|console|repeater)(?:\.js)?$/.exec(word)?.[1];
    if (name !== undefined) {
      known.add(name as BackendName);
      continue;
    }
    const sentence = `backend ${show(word)} is left out: tallyd has graphite, console and repeater`;
    from.findings.warning(place, `${sentence}, and loads no modules`);
  }
  return known;
}

function graphiteBackend(from: Settings): Config['graphiteBackend'] {
  const host = from.ownText('graphiteHost');
  if (host === undefined || host === '') return undefined;
  const protocol = from.text('graphiteProtocol') as 'text' | 'pickle';
  const port = from.number(protocol === 'text' ? 'graphitePort' : 'graphitePicklePort');
  return { host, port, protocol, queueBytes: from.number('graphiteQueueBytes') };
}

function repeater(from: Settings, wanted: boolean): RepeaterConfig | undefined {
  const list = from.own('repeater');
  const targets = list === undefined ? [] : readRepeater(from, list);
  if (!wanted) return undefined;
  if (targets.length === 0) {
    const place = from.given.get('backends')?.place ?? '';
    from.findings.warning(place, 'backend repeater has nothing to send to: "repeater" is empty');
    return undefined;
  }
  return { targets, protocol: from.text('repeaterProtocol') as RepeaterConfig['protocol'] };
}

/**
 * What the console's `config` command shows: the file as given, with StatsD's own keys from flags
 * and variables laid over it and what StatsD fills in, in the order in which it does.
 */
function rawValues(from: Settings): Record<string, unknown> {
  const raw = structuredClone(from.file.root);
  for (const [key, given] of from.given) {
    if (!given.spelled || TALLYD_KEYS.has(key)) continue;
    const [outer, inner] = key.split('.') as [string, string | undefined];
    if (inner === undefined) raw[outer] = given.value;
    else raw[outer] = { ...(raw[outer] as object | undefined), [inner]: given.value };
  }
  raw['gaugesMaxTTL'] = from.number('gaugesMaxTTL');
  raw['deleteIdleStats'] ??= false;
  if (from.flag('deleteIdleStats')) {
    for (const key of ['deleteCounters', 'deleteTimers', 'deleteSets', 'deleteGauges']) {
      raw[key] ??= true;
    }
  }
  return raw;
}
