/**
 * Every option of tallyd, once. An option is one entry here and its paragraph in
 * `config/tallyd.json5`: the flag, the variable, the key in the file, the check of its value, the
 * corrections of typing errors, the help, and the setting with its TypeScript type follow from the
 * entry. `fooBytes: option('integer', 'What it is.', { unit: 'bytes', default: 5, range: [0, 9] })`
 * is `--foo-bytes`, `TALLYD_FOO_BYTES` and `config.fooBytes`; a test does exactly this.
 *
 * `statsd(…)` is a key that StatsD has, spelled and meant as there. What else an entry may say is
 * in `option.ts`; rules that make one setting of several options are in `rules.ts`.
 */
import { type Dialect, DIALECT_NAMES, EXACT_TIMERS, hasTrait, LONG_NAMES } from './dialects.ts';
import { readDefine } from './define.ts';
import { HTTP_ACCESS } from './http-access.ts';
import { HTTP_LIMITS } from './http-limits.ts';
import { type Lookup, option, section, statsd } from './option.ts';
import { readNameTags, shippedNameTags } from './name-tags.ts';
import { readTimeZone, SYSTEM_ZONE } from './time-zone.ts';
import { readBackends, readServer, readStatistics, readTitle, readTTL } from './statsd-values.ts';
import { readHistograms, readKeyFlush, readRepeater, readServers } from './structures.ts';

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

const sameAs = (key: string) => (value: Lookup) => value(key);
/** A part of the limit that it is within: no one takes all of it. */
const partOf = (key: string, parts: number) => (value: Lookup) =>
  Math.ceil((value(key) as number) / parts);
/** In dialects with a trait. */
const ifTrait = (trait: number, number: number) => (value: Lookup) =>
  hasTrait(value('dialect') as Dialect, trait) ? number : undefined;

/** A file of carbon's own rules. */
const carbonRules = <const To extends string>(describe: string, to: To) =>
  option('path', describe, { to: `carbonRules.${to}` as const });
/** A type of metrics that is forgotten, by default as deleteIdleStats says. */
const forgetting = <const To extends string>(describe: string, to: To) =>
  statsd('boolean', describe, {
    otherwise: sameAs('deleteIdleStats'),
    to: `aggregation.${to}` as const,
  });
/** A part of names that StatsD lets one choose. */
const namePart = <const To extends string>(describe: string, word: string, to: To) =>
  statsd('text', describe, { default: word, to: `aggregation.namespace.${to}` as const });

const LISTEN = section('StatsD listener', {
  port: statsd('port', 'Port of StatsD lines; 0 picks a free one, off listens nowhere.', {
    default: 8125,
  }),
  address: statsd('text', 'Address that every listener binds to.', {
    default: '0.0.0.0',
    otherwise: (value: Lookup) => (value('address_ipv6') === true ? '::' : undefined),
  }),
  address_ipv6: statsd('boolean', 'IPv6 socket; its wildcard address takes IPv4 too.', {
    default: false,
  }),
  server: statsd('text', 'Transport of StatsD lines.', {
    default: './servers/udp',
    cost: 'TCP costs a connection per sender, and a slow tallyd then slows its senders.',
    read: readServer,
  }),
  socket: statsd('path', 'With TCP: path of a unix stream socket instead of a port.'),
  datagramSocket: option('path', 'Unix datagram socket to listen on beside the port.'),
  socket_mod: statsd('mode', 'Permissions of that socket, octal digits such as "0770".'),
  servers: statsd('structure', 'Several listeners, instead of the keys above.', {
    read: readServers,
  }),
  dialect: option('choice', 'How lines are read; a listener may have its own.', {
    default: 'extended',
    choices: DIALECT_NAMES,
  }),
  receiver: option(
    'choice',
    'How UDP is read: many datagrams a call, one by one, or by Node events.',
    {
      default: 'auto',
      choices: ['auto', 'native', 'drain', 'message'],
      cost: 'drain receives about half as many datagrams a second as native, message a sixth.',
    },
  ),
  receiveBufferBytes: option('integer', 'Receive buffer asked of the kernel.', {
    unit: 'bytes',
    default: 8 * 1024 * 1024,
    range: [0, 1024 * 1024 * 1024],
    cost: 'Kernel memory per UDP socket, taken only while datagrams wait.',
  }),
});

const GRAPHITE = section('Graphite listeners and HTTP', {
  carbonPort: option('port', 'Graphite plaintext, TCP and UDP.', { default: 2003 }),
  carbonPicklePort: option('port', 'Graphite pickle over TCP.', { default: 2004 }),
  carbonWhitelist: carbonRules("carbon's whitelist.conf: only these names.", 'whitelist'),
  carbonBlacklist: carbonRules("carbon's blacklist.conf: not these names.", 'blacklist'),
  carbonRewriteRules: carbonRules("carbon's rewrite-rules.conf.", 'rewriteRules'),
  carbonAggregationRules: carbonRules("carbon's aggregation-rules.conf.", 'aggregationRules'),
  carbonAddress: option('text', 'Address of both, when it is not `address`.', {
    otherwise: sameAs('address'),
  }),
  httpPort: option('port', 'Graphite HTTP API and the web page.', { default: 8080 }),
  httpAddress: option('text', 'Address of HTTP, when it is not `address`.', {
    otherwise: sameAs('address'),
  }),
  ...HTTP_ACCESS,
  timeZone: option('text', 'Zone of times of requests that name none, such as Europe/Berlin.', {
    default: 'UTC',
    inherits: SYSTEM_ZONE,
    read: readTimeZone,
  }),
  graphTemplates: option('path', 'Styles of pictures: graphTemplates.conf beside the file.'),
  partialFirstBucket: option(
    'boolean',
    'With maxDataPoints, show datapoints before the first whole bucket.',
    { default: false, cost: 'Buckets that are a little longer, where one more would be too many.' },
  ),
  slowRenderMs: option('integer', 'Renders that take longer are told to the log; 0: none is.', {
    unit: 'milliseconds',
    default: 5000,
    range: [0, 3600 * 1000],
    cost: 'A line of the log for each that does.',
  }),
  define: statsd('structure', 'Macros of targets: templates by name.', {
    otherwise: () => ({}),
    read: readDefine,
  }),
  nameTags: option('structure', 'Rules by which dotted names have tags, for /explore.', {
    otherwise: shippedNameTags,
    read: readNameTags,
  }),
  cacheTimeout: option('integer', 'Age up to which /render repeats an answer.', {
    unit: 'seconds',
    default: 60,
    range: [0, 24 * 3600],
    cost: 'None in freshness: an answer is given up with the next write to the store.',
    to: 'renderCache.timeoutSeconds',
  }),
  cacheBytes: option('integer', 'Memory for answers of /render; 0 keeps none.', {
    unit: 'bytes',
    default: 64 * 1024 ** 2,
    range: [0, 16 * 1024 ** 3],
    cost: 'That much memory.',
    to: 'renderCache.bytes',
  }),
  cacheEntries: option('integer', 'Answers of /render that are kept; 0: none.', {
    unit: 'answers',
    default: 10_000,
    range: [0, 1_000_000],
    cost: 'About 500 bytes of memory an answer beside its text.',
    to: 'renderCache.entries',
  }),
});

const AGGREGATION = section('Aggregation', {
  flushInterval: statsd('integer', 'How often aggregates become datapoints.', {
    unit: 'milliseconds',
    default: 10_000,
    range: [1, 24 * 3600 * 1000],
    cost: 'Half the interval is twice the datapoints, transactions and backend traffic.',
    to: 'aggregation.flushIntervalMs',
  }),
  flushAlign: option('boolean', 'Flush at multiples of the interval on the clock.', {
    default: true,
    to: 'aggregation.flushAlign',
  }),
  percentThreshold: statsd('thresholds', 'Percentiles of timers, one or a list.', {
    unit: 'percent',
    default: [90],
    cost: 'Five series more per timer for each threshold.',
    to: 'aggregation.percentThresholds',
  }),
  histogram: statsd('structure', 'Histogram bins of timers, by part of the name.', {
    default: [],
    cost: 'One series more per matching timer for each bin.',
    read: readHistograms,
    to: 'aggregation.histograms',
  }),
  calculatedTimerMetrics: statsd('words', 'Timer statistics to keep; empty: all.', {
    read: readStatistics,
    to: 'aggregation.calculatedTimerMetrics',
  }),
  flush_counts: statsd('boolean', 'Send counts of counters beside their rates.', {
    default: true,
    cost: 'One series more per counter.',
    to: 'aggregation.flushCounts',
  }),
  exactTimerValues: option('integer', 'Values a timer keeps exactly per flush.', {
    unit: 'values',
    default: 32,
    range: [1, 1_000_000],
    cost: '8 bytes a value and timer, and sorting them at each flush.',
    // StatsD's numbers to the last bit, for any sane timer.
    otherwise: ifTrait(EXACT_TIMERS, 10_000),
    to: 'aggregation.exactTimerValues',
  }),
});

const IDLE = section('Idle metrics', {
  deleteIdleStats: statsd('boolean', 'Forget idle metrics of every type below.', {
    default: false,
  }),
  deleteCounters: forgetting('Forget counters at each flush.', 'deleteCounters'),
  deleteTimers: forgetting('Forget timers at each flush.', 'deleteTimers'),
  deleteSets: forgetting('Forget sets at each flush.', 'deleteSets'),
  deleteGauges: forgetting('Forget gauges after gaugesMaxTTL flushes.', 'deleteGauges'),
  gaugesMaxTTL: statsd('integer', 'Flushes that an idle gauge survives deleteGauges.', {
    unit: 'flushes',
    default: 1,
    read: readTTL,
    to: 'aggregation.gaugesMaxTTL',
  }),
});

const NAMES = section('Names', {
  keyNameSanitize: statsd('boolean', 'Replace blanks and slashes, drop odd characters.', {
    default: true,
    cost: 'Turned off, names may have blanks and slashes, which targets cannot name.',
    to: 'aggregation.keyNameSanitize',
  }),
  prefixStats: namePart("Name of the server's own counters.", 'statsd', 'prefixStats'),
  'graphite.legacyNamespace': statsd('namespace', 'Names as stats.* and stats_counts.*.', {
    default: true,
    takesNull: true,
    to: 'aggregation.namespace.legacy',
  }),
  'graphite.globalPrefix': namePart('First part of new-style names.', 'stats', 'globalPrefix'),
  'graphite.prefixCounter': namePart(
    'Second part of new-style counters.',
    'counters',
    'prefixCounter',
  ),
  'graphite.prefixTimer': namePart('Second part of new-style timers.', 'timers', 'prefixTimer'),
  'graphite.prefixGauge': namePart('Second part of new-style gauges.', 'gauges', 'prefixGauge'),
  'graphite.prefixSet': namePart('Second part of new-style sets.', 'sets', 'prefixSet'),
  'graphite.globalSuffix': statsd('text', 'Last part of every name.', {
    to: 'aggregation.namespace.globalSuffix',
  }),
});

const LIMITS = section('Limits', {
  maxSeries: option('integer', 'Distinct metrics alive at once; more are refused.', {
    unit: 'metrics',
    default: 1_000_000,
    range: [16, 100_000_000],
    cost: 'About 200 bytes of memory a metric, and disk for each of its series.',
    to: 'aggregation.maxSeries',
  }),
  maxSeriesPerPrefix: option('integer', 'Of them with one prefix.', {
    unit: 'metrics',
    range: [1, 100_000_000],
    cost: 'One bad deploy may take so much of maxSeries; by default a quarter of it.',
    otherwise: partOf('maxSeries', 4),
    to: 'aggregation.maxSeriesPerPrefix',
  }),
  prefixNodes: option('integer', 'Nodes of a name that make its prefix.', {
    unit: 'nodes',
    default: 2,
    range: [1, 16],
    cost: 'More nodes, smaller prefixes: each gets the whole maxSeriesPerPrefix.',
    to: 'aggregation.prefixNodes',
  }),
  maxSeriesPerSource: option('integer', 'Of them made by one sender.', {
    unit: 'metrics',
    range: [1, 100_000_000],
    cost: 'One sender may take so much of maxSeries; by default half of it.',
    otherwise: partOf('maxSeries', 2),
    to: 'aggregation.maxSeriesPerSource',
  }),
  maxConnections: option('integer', 'Connections of one TCP or unix listener.', {
    unit: 'connections',
    default: 1024,
    range: [1, 100_000],
    cost: 'A descriptor and up to 64 KiB for an unfinished line each.',
    to: 'connections.max',
  }),
  maxConnectionsPerSource: option('integer', 'Of them from one address.', {
    unit: 'connections',
    range: [1, 100_000],
    cost: 'One address may take so many of maxConnections; by default half of them.',
    otherwise: partOf('maxConnections', 2),
    to: 'connections.maxPerSource',
  }),
  maxNameBytes: option('integer', 'Longest name, tags included.', {
    unit: 'bytes',
    default: 1024,
    range: [16, 65_000],
    cost: 'Memory and disk, as far as senders use it.',
    // StatsD knows no limit; a datagram is one.
    otherwise: ifTrait(LONG_NAMES, 65_507),
    to: 'aggregation.maxNameBytes',
  }),
  maxSetMembers: option('integer', 'Members that one set holds per flush.', {
    unit: 'members',
    default: 100_000,
    range: [1, 16_000_000],
    cost: 'Some 100 bytes a member until the next flush.',
    to: 'aggregation.maxSetMembers',
  }),
  ...HTTP_LIMITS,
});

const STORAGE = section('Storage', {
  dataDir: option('path', 'Folder of the data file.', { default: './data' }),
  storageSchemas: option('path', 'Retention of series: storage-schemas.conf beside the file.'),
  storageAggregation: option('path', 'Rollup rules: storage-aggregation.conf beside the file.'),
  sketchSchemas: option('path', 'Retention of sketches: sketch-schemas.conf beside the file.'),
  sketches: option('boolean', 'Store sketches of timers and sets.', {
    default: true,
    cost: 'Disk: see retention show. Off: coarser archives of timers are averages of statistics.',
  }),
  averagedTimers: option('boolean', 'Roll timers up as Graphite does.', {
    default: false,
    cost: 'An average of percentiles is no percentile: off by a factor, not by a percent.',
  }),
  mapSizeBytes: option('integer', 'Size that the data file may reach.', {
    unit: 'bytes',
    default: 64 * 1024 ** 3,
    range: [1024 ** 2, 16 * 1024 ** 4],
    cost: 'Address space only; disk is used as series need it.',
  }),
  diskHeadroomBytes: option('integer', 'Free disk that new series must leave.', {
    unit: 'bytes',
    default: 256 * 1024 ** 2,
    range: [0, 16 * 1024 ** 4],
    cost: 'New series are refused earlier; known ones have that much to go on with.',
  }),
  futureToleranceMs: option('integer', 'How far ahead of this clock times of points may be.', {
    unit: 'ms',
    default: 60_000,
    range: [0, 86_400_000],
    cost: 'Points of senders whose clocks are ahead wait in memory and on disk: 100,000 at most.',
    to: 'aggregation.futureToleranceMs',
  }),
  maxStoredSeries: option('integer', 'Series in the data file; more are refused.', {
    unit: 'series',
    default: 10_000_000,
    range: [16, 1_000_000_000],
    cost: 'Disk for all archives of a series, some 200 bytes of memory for its name.',
  }),
  maxStoredSeriesPerPrefix: option('integer', 'Of them with one prefix.', {
    unit: 'series',
    range: [1, 1_000_000_000],
    cost: 'One bad deploy may take so much of maxStoredSeries; by default a quarter of it.',
    otherwise: partOf('maxStoredSeries', 4),
  }),
  maxStoredNameBytes: option('integer', 'Bytes of the names of all series.', {
    unit: 'bytes',
    default: 256 * 1024 ** 2,
    range: [65_536, 1024 ** 4],
    cost: 'About as much memory again; one prefix may take half of it.',
  }),
  expireIdleSeries: option('duration', 'Delete series that got no value for so long.', {
    default: 'off',
    cost: 'Their points are gone; one that receives again starts anew.',
    to: 'expireIdleSeconds',
  }),
  eventRetention: option('duration', 'Delete events (annotations) that are so old.', {
    default: 'off',
    cost: 'They are gone, whatever the archives of series still hold.',
    to: 'events.seconds',
  }),
  maxEvents: option('integer', 'Events that are kept; of more the first to come go.', {
    unit: 'events',
    default: 50_000,
    range: [1, 10_000_000],
    cost: 'Some 200 bytes of memory each, and a look at each in every search.',
    to: 'events.count',
  }),
  maxEventBytes: option('integer', 'Bytes of the events that are kept, in the same way.', {
    unit: 'bytes',
    default: 64 * 1024 ** 2,
    range: [1024 ** 2, 1024 ** 4],
    cost: 'Disk, and memory for the tags: as much again for events that are all tags.',
    to: 'events.bytes',
  }),
  maxMetadata: option('integer', 'Records of /metrics/set-metadata; more are refused.', {
    unit: 'records',
    default: 100_000,
    range: [0, 100_000_000],
    cost: 'Disk; they are counted once, when the first one is written.',
    to: 'metadata.count',
  }),
  maxMetadataBytes: option('integer', 'Bytes of their names and texts.', {
    unit: 'bytes',
    default: 64 * 1024 ** 2,
    range: [0, 1024 ** 4],
    cost: 'Disk.',
    to: 'metadata.bytes',
  }),
  maxDashboards: option('integer', 'Dashboards that are kept; more are refused.', {
    unit: 'dashboards',
    default: 1000,
    range: [0, 100_000],
    cost: 'Some 300 bytes of memory each.',
    to: 'dashboards.count',
  }),
  maxDashboardBytes: option('integer', 'Bytes of all of them.', {
    unit: 'bytes',
    default: 64 * 1024 ** 2,
    range: [0, 1024 ** 4],
    cost: 'Disk; they are read through once, when the first list is asked for.',
    to: 'dashboards.bytes',
  }),
  maxPendingFlushes: option('integer', 'Flushes that wait in memory for the disk.', {
    unit: 'flushes',
    default: 60,
    range: [1, 100_000],
    cost: '12 bytes a series and flush while the disk refuses them.',
  }),
});

const BACKENDS = section('Backends', {
  backends: statsd('words', 'graphite, console and repeater, with or without path.', {
    default: ['./backends/graphite'],
    read: readBackends,
  }),
  graphiteHost: statsd('text', 'Graphite server that every flush is sent to as well.'),
  graphitePort: statsd('integer', 'Its plaintext port.', { default: 2003, range: [1, 65535] }),
  graphitePicklePort: statsd('integer', 'Its pickle port.', { default: 2004, range: [1, 65535] }),
  graphiteProtocol: statsd('choice', 'Form in which flushes are sent there.', {
    default: 'text',
    choices: ['text', 'pickle'],
  }),
  graphiteQueueBytes: option('integer', 'Flushes that wait for it on disk.', {
    unit: 'bytes',
    default: 2 ** 30,
    range: [0, 2 ** 50],
    cost: 'Some 50 bytes a value and flush while Graphite is away; 0 keeps them in memory only.',
  }),
  'console.prettyprint': statsd('boolean', 'Colours in the output of console.', { default: false }),
  repeater: statsd('structure', 'Where repeater sends each packet: host and port.', {
    default: [],
    cost: 'One send per packet and target.',
    read: readRepeater,
  }),
  repeaterProtocol: statsd('choice', 'Transport of repeater.', {
    default: 'udp4',
    choices: ['udp4', 'udp6', 'tcp'],
  }),
});

const OPERATION = section('Management and logging', {
  mgmt_port: statsd('port', "StatsD's management console, TCP.", { default: 8126 }),
  mgmt_address: statsd('text', 'Its address; StatsD listens everywhere.', {
    default: '127.0.0.1',
    cost: 'Whoever reaches the console can delete metrics: it has no password.',
  }),
  healthStatus: statsd('choice', 'First answer of health.', {
    default: 'up',
    choices: ['up', 'down'],
  }),
  logLevel: option('choice', 'Least severe message on stderr.', {
    default: 'info',
    choices: LOG_LEVELS,
    otherwise: (value: Lookup) => (value('debug') === true ? 'debug' : undefined),
  }),
  debug: statsd('boolean', 'Log level debug, unless logLevel says otherwise.', { default: false }),
  dumpMessages: statsd('boolean', 'Log every packet.', {
    default: false,
    cost: 'Receiving slows down many times over.',
  }),
  automaticConfigReload: statsd('boolean', 'Reread this file when it changes.', { default: true }),
  title: statsd('text', 'Process title.', { read: readTitle }),
  keyFlush: statsd('structure', 'Log of the most frequent names.', {
    cost: 'Every packet is read a second time, as text.',
    read: readKeyFlush,
  }),
  log: statsd('structure', "StatsD's logger: backend, level, application.", {
    ignored: 'the log is JSON on stderr, its level is set by logLevel',
  }),
  debugInterval: statsd('integer', "Pause of StatsD's debug output.", {
    unit: 'milliseconds',
    ignored: 'nothing is dumped periodically, /metrics shows it at any time',
  }),
});

export const OPTIONS = {
  ...LISTEN,
  ...GRAPHITE,
  ...AGGREGATION,
  ...IDLE,
  ...NAMES,
  ...LIMITS,
  ...STORAGE,
  ...BACKENDS,
  ...OPERATION,
};
