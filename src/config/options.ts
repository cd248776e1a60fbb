/**
 * Every option of tallyd, once: its key in the file, its flag, its variable, what it may hold, its
 * default and what raising it costs. `load.ts` validates by this table, `cli/start.ts` makes flags
 * of it, `suggest.ts` corrects typing errors with it, and a test holds `config/tallyd.json5` to it.
 * Keys that StatsD has are spelled as StatsD spells them; `a.b` is key `b` of the object `a`.
 */
import { DIALECTS } from './config.ts';
import { LOG_LEVELS, type Option, option } from './option.ts';

export { camelCase, OPTION_GROUPS } from './option.ts';
export type { Option } from './option.ts';

const LISTEN = 'StatsD listener';
const GRAPHITE = 'Graphite listeners and HTTP';
const AGGREGATION = 'Aggregation';
const IDLE = 'Idle metrics';
const NAMES = 'Names';
const LIMITS = 'Limits';
const STORAGE = 'Storage';
const BACKENDS = 'Backends';
const OPERATION = 'Management and logging';

export const OPTIONS: readonly Option[] = [
  option(LISTEN, 'port', 'port', 'Port of StatsD lines; 0 picks a free one, off listens nowhere.', {
    default: 8125,
  }),
  option(LISTEN, 'address', 'text', 'Address that every listener binds to.', {
    default: '0.0.0.0',
  }),
  option(LISTEN, 'address_ipv6', 'boolean', 'IPv6 socket; its wildcard address takes IPv4 too.', {
    default: false,
  }),
  option(LISTEN, 'server', 'choice', 'Transport of StatsD lines.', {
    default: './servers/udp',
    choices: ['./servers/udp', './servers/tcp'],
    cost: 'TCP costs a connection per sender, and a slow tallyd then slows its senders.',
  }),
  option(LISTEN, 'socket', 'text', 'With TCP: path of a unix stream socket instead of a port.'),
  option(LISTEN, 'datagramSocket', 'text', 'Unix datagram socket to listen on beside the port.'),
  option(LISTEN, 'socket_mod', 'mode', 'Permissions of that socket, octal digits such as "0770".'),
  option(LISTEN, 'servers', 'structure', 'Several listeners, instead of the keys above.'),
  option(LISTEN, 'dialect', 'choice', 'How lines are read; a listener may have its own.', {
    default: 'extended',
    choices: DIALECTS,
  }),
  option(LISTEN, 'receiver', 'choice', 'How UDP is read: drain the socket, or Node events.', {
    default: 'drain',
    choices: ['drain', 'message'],
    cost: 'message receives about a third as many datagrams a second.',
  }),
  option(LISTEN, 'receiveBufferBytes', 'integer', 'Receive buffer asked of the kernel.', {
    unit: 'bytes',
    default: 8 * 1024 * 1024,
    min: 0,
    max: 1024 * 1024 * 1024,
    cost: 'Kernel memory per UDP socket, taken only while datagrams wait.',
  }),

  option(GRAPHITE, 'carbonPort', 'port', 'Graphite plaintext, TCP and UDP.', { default: 2003 }),
  option(GRAPHITE, 'carbonPicklePort', 'port', 'Graphite pickle over TCP.', { default: 2004 }),
  option(GRAPHITE, 'carbonWhitelist', 'text', "carbon's whitelist.conf: only these names."),
  option(GRAPHITE, 'carbonBlacklist', 'text', "carbon's blacklist.conf: not these names."),
  option(GRAPHITE, 'carbonRewriteRules', 'text', "carbon's rewrite-rules.conf."),
  option(GRAPHITE, 'carbonAggregationRules', 'text', "carbon's aggregation-rules.conf."),
  option(GRAPHITE, 'carbonAddress', 'text', 'Address of both, when it is not `address`.'),
  option(GRAPHITE, 'httpPort', 'port', 'Graphite HTTP API and the web page.', { default: 8080 }),
  option(GRAPHITE, 'httpAddress', 'text', 'Address of HTTP, when it is not `address`.'),
  option(GRAPHITE, 'adminPeers', 'words', 'Who, beside this machine, may change series by HTTP.', {
    default: [],
    cost: 'Whoever has one of these addresses can read, delete and rename every series.',
  }),
  option(GRAPHITE, 'define', 'structure', 'Macros of targets: templates by name.'),
  option(GRAPHITE, 'cacheTimeout', 'integer', 'Age up to which /render repeats an answer.', {
    unit: 'seconds',
    default: 60,
    min: 0,
    max: 24 * 3600,
    cost: 'None in freshness: an answer is given up with the next write to the store.',
  }),
  option(GRAPHITE, 'cacheBytes', 'integer', 'Memory for answers of /render; 0 keeps none.', {
    unit: 'bytes',
    default: 64 * 1024 ** 2,
    min: 0,
    max: 16 * 1024 ** 3,
    cost: 'That much memory.',
  }),
  option(GRAPHITE, 'cacheEntries', 'integer', 'Answers of /render that are kept; 0: none.', {
    unit: 'answers',
    default: 10_000,
    min: 0,
    max: 1_000_000,
    cost: 'About 500 bytes of memory an answer beside its text.',
  }),

  option(AGGREGATION, 'flushInterval', 'integer', 'How often aggregates become datapoints.', {
    unit: 'milliseconds',
    default: 10_000,
    min: 1,
    max: 24 * 3600 * 1000,
    cost: 'Half the interval is twice the datapoints, transactions and backend traffic.',
  }),
  option(AGGREGATION, 'flushAlign', 'boolean', 'Flush at multiples of the interval on the clock.', {
    default: true,
  }),
  option(AGGREGATION, 'percentThreshold', 'thresholds', 'Percentiles of timers, one or a list.', {
    unit: 'percent',
    default: [90],
    cost: 'Five series more per timer for each threshold.',
  }),
  option(AGGREGATION, 'histogram', 'structure', 'Histogram bins of timers, by part of the name.', {
    default: [],
    cost: 'One series more per matching timer for each bin.',
  }),
  option(AGGREGATION, 'calculatedTimerMetrics', 'words', 'Timer statistics to keep; empty: all.', {
    default: [],
  }),
  option(AGGREGATION, 'flush_counts', 'boolean', 'Send counts of counters beside their rates.', {
    default: true,
    cost: 'One series more per counter.',
  }),
  option(AGGREGATION, 'exactTimerValues', 'integer', 'Values a timer keeps exactly per flush.', {
    unit: 'values',
    default: 32,
    min: 1,
    max: 1_000_000,
    cost: '8 bytes a value and timer, and sorting them at each flush.',
  }),

  option(IDLE, 'deleteIdleStats', 'boolean', 'Forget idle metrics of every type below.', {
    default: false,
  }),
  option(IDLE, 'deleteCounters', 'boolean', 'Forget counters at each flush.'),
  option(IDLE, 'deleteTimers', 'boolean', 'Forget timers at each flush.'),
  option(IDLE, 'deleteSets', 'boolean', 'Forget sets at each flush.'),
  option(IDLE, 'deleteGauges', 'boolean', 'Forget gauges after gaugesMaxTTL flushes.'),
  option(IDLE, 'gaugesMaxTTL', 'integer', 'Flushes that an idle gauge survives deleteGauges.', {
    unit: 'flushes',
    default: 1,
  }),

  option(NAMES, 'keyNameSanitize', 'boolean', 'Replace blanks and slashes, drop odd characters.', {
    default: true,
    cost: 'Turned off, a name with a blank breaks the line format of backends.',
  }),
  option(NAMES, 'prefixStats', 'text', "Name of the server's own counters.", { default: 'statsd' }),
  option(NAMES, 'graphite.legacyNamespace', 'namespace', 'Names as stats.* and stats_counts.*.', {
    default: true,
  }),
  option(NAMES, 'graphite.globalPrefix', 'text', 'First part of new-style names.', {
    default: 'stats',
  }),
  option(NAMES, 'graphite.prefixCounter', 'text', 'Second part of new-style counters.', {
    default: 'counters',
  }),
  option(NAMES, 'graphite.prefixTimer', 'text', 'Second part of new-style timers.', {
    default: 'timers',
  }),
  option(NAMES, 'graphite.prefixGauge', 'text', 'Second part of new-style gauges.', {
    default: 'gauges',
  }),
  option(NAMES, 'graphite.prefixSet', 'text', 'Second part of new-style sets.', {
    default: 'sets',
  }),
  option(NAMES, 'graphite.globalSuffix', 'text', 'Last part of every name.'),

  option(LIMITS, 'maxSeries', 'integer', 'Distinct metrics alive at once; more are refused.', {
    unit: 'metrics',
    default: 1_000_000,
    min: 16,
    max: 100_000_000,
    cost: 'About 200 bytes of memory a metric, and disk for each of its series.',
  }),
  option(LIMITS, 'maxSeriesPerPrefix', 'integer', 'Of them with one prefix.', {
    unit: 'metrics',
    min: 1,
    max: 100_000_000,
    cost: 'One bad deploy may take so much of maxSeries; by default a quarter of it.',
  }),
  option(LIMITS, 'prefixNodes', 'integer', 'Nodes of a name that make its prefix.', {
    unit: 'nodes',
    default: 2,
    min: 1,
    max: 16,
    cost: 'More nodes, smaller prefixes: each gets the whole maxSeriesPerPrefix.',
  }),
  option(LIMITS, 'maxSeriesPerSource', 'integer', 'Of them made by one sender.', {
    unit: 'metrics',
    min: 1,
    max: 100_000_000,
    cost: 'One sender may take so much of maxSeries; by default half of it.',
  }),
  option(LIMITS, 'maxConnections', 'integer', 'Connections of one TCP or unix listener.', {
    unit: 'connections',
    default: 1024,
    min: 1,
    max: 100_000,
    cost: 'A descriptor and up to 64 KiB for an unfinished line each.',
  }),
  option(LIMITS, 'maxConnectionsPerSource', 'integer', 'Of them from one address.', {
    unit: 'connections',
    min: 1,
    max: 100_000,
    cost: 'One address may take so many of maxConnections; by default half of them.',
  }),
  option(LIMITS, 'maxNameBytes', 'integer', 'Longest name, tags included.', {
    unit: 'bytes',
    default: 1024,
    min: 16,
    max: 65_000,
    cost: 'Memory and disk, as far as senders use it.',
  }),
  option(LIMITS, 'maxSetMembers', 'integer', 'Members that one set holds per flush.', {
    unit: 'members',
    default: 100_000,
    min: 1,
    max: 16_000_000,
    cost: 'Some 100 bytes a member until the next flush.',
  }),
  option(LIMITS, 'httpLimits.bodyBytes', 'integer', 'Longest body of an HTTP request.', {
    unit: 'bytes',
    default: 4 * 1024 ** 2,
    min: 1024,
    max: 1024 ** 3,
    cost: 'Memory of several times that much while the request is read.',
  }),
  option(LIMITS, 'httpLimits.targets', 'integer', 'Targets in one /render.', {
    unit: 'targets',
    default: 1000,
    min: 1,
    max: 1_000_000,
    cost: 'Time of the one thread that answers HTTP.',
  }),
  option(LIMITS, 'httpLimits.targetDepth', 'integer', 'Calls inside each other in one target.', {
    unit: 'calls',
    default: 100,
    min: 1,
    max: 1000,
    cost: 'Stack and time: each level may double the datapoints held, or read a longer window.',
  }),
  option(LIMITS, 'httpLimits.series', 'integer', 'Series that one /render reads or answers.', {
    unit: 'series',
    default: 20_000,
    min: 1,
    max: 100_000_000,
    cost: 'Reading each from the data file, while other renders wait.',
  }),
  option(LIMITS, 'httpLimits.points', 'integer', 'Datapoints that one /render reads or computes.', {
    unit: 'datapoints',
    default: 20_000_000,
    min: 1,
    max: 1_000_000_000,
    cost: '8 bytes of memory each, a few times over, in each concurrent render.',
  }),
  option(LIMITS, 'httpLimits.answerPoints', 'integer', 'Datapoints in one answer of /render.', {
    unit: 'datapoints',
    default: 2_000_000,
    min: 1,
    max: 1_000_000_000,
    cost: 'Some 30 bytes of text each.',
  }),
  option(LIMITS, 'httpLimits.requestMs', 'integer', 'Time of one /render, waiting included.', {
    unit: 'milliseconds',
    default: 30_000,
    min: 1,
    max: 3600 * 1000,
    cost: 'A runaway render keeps others waiting for that long.',
  }),
  option(LIMITS, 'httpLimits.concurrentRenders', 'integer', 'Renders evaluated at a time.', {
    unit: 'renders',
    default: 4,
    min: 1,
    max: 1000,
    cost: 'Memory of each; they share one thread, so more are no faster.',
  }),
  option(LIMITS, 'httpLimits.waitingRenders', 'integer', 'Renders that wait; more get a 429.', {
    unit: 'renders',
    default: 400,
    min: 0,
    max: 100_000,
    cost: 'A connection and some KB of memory each.',
  }),
  option(LIMITS, 'httpLimits.findHits', 'integer', 'Nodes that one /metrics/find may match.', {
    unit: 'nodes',
    default: 100_000,
    min: 1,
    max: 100_000_000,
    cost: 'Some 200 bytes of memory each while the answer is made.',
  }),

  option(STORAGE, 'dataDir', 'text', 'Folder of the data file.', { default: './data' }),
  option(STORAGE, 'storageSchemas', 'text', "Retention of series, in carbon's format.", {
    default: 'config/storage-schemas.conf',
  }),
  option(STORAGE, 'storageAggregation', 'text', "Rollup rules, in carbon's format.", {
    default: 'config/storage-aggregation.conf',
  }),
  option(STORAGE, 'sketchSchemas', 'text', 'Retention of sketches, in the same format.', {
    default: 'config/sketch-schemas.conf',
  }),
  option(STORAGE, 'sketches', 'boolean', 'Store sketches of timers and sets.', {
    default: true,
    cost: 'Disk: see retention show. Off: coarser archives of timers are averages of statistics.',
  }),
  option(STORAGE, 'averagedTimers', 'boolean', 'Roll timers up as Graphite does.', {
    default: false,
    cost: 'An average of percentiles is no percentile: off by a factor, not by a percent.',
  }),
  option(STORAGE, 'mapSizeBytes', 'integer', 'Size that the data file may reach.', {
    unit: 'bytes',
    default: 64 * 1024 ** 3,
    min: 1024 ** 2,
    max: 16 * 1024 ** 4,
    cost: 'Address space only; disk is used as series need it.',
  }),
  option(STORAGE, 'diskHeadroomBytes', 'integer', 'Free disk that new series must leave.', {
    unit: 'bytes',
    default: 256 * 1024 ** 2,
    min: 0,
    max: 16 * 1024 ** 4,
    cost: 'New series are refused earlier; known ones have that much to go on with.',
  }),
  option(STORAGE, 'maxStoredSeries', 'integer', 'Series in the data file; more are refused.', {
    unit: 'series',
    default: 10_000_000,
    min: 16,
    max: 1_000_000_000,
    cost: 'Disk for all archives of a series, some 200 bytes of memory for its name.',
  }),
  option(STORAGE, 'maxStoredSeriesPerPrefix', 'integer', 'Of them with one prefix.', {
    unit: 'series',
    min: 1,
    max: 1_000_000_000,
    cost: 'One bad deploy may take so much of maxStoredSeries; by default a quarter of it.',
  }),
  option(STORAGE, 'expireIdleSeries', 'duration', 'Delete series that got no value for so long.', {
    default: 'off',
    cost: 'Their points are gone; one that receives again starts anew.',
  }),
  option(STORAGE, 'eventRetention', 'duration', 'Delete events (annotations) that are so old.', {
    default: 'off',
    cost: 'They are gone, whatever the archives of series still hold.',
  }),
  option(STORAGE, 'maxEvents', 'integer', 'Events that are kept; of more the first to come go.', {
    unit: 'events',
    default: 50_000,
    min: 1,
    max: 10_000_000,
    cost: 'Some 200 bytes of memory each, and a look at each in every search.',
  }),
  option(STORAGE, 'maxPendingFlushes', 'integer', 'Flushes that wait in memory for the disk.', {
    unit: 'flushes',
    default: 60,
    min: 1,
    max: 100_000,
    cost: '12 bytes a series and flush while the disk refuses them.',
  }),

  option(BACKENDS, 'backends', 'words', 'graphite, console and repeater, with or without path.', {
    default: ['./backends/graphite'],
  }),
  option(BACKENDS, 'graphiteHost', 'text', 'Graphite server that every flush is sent to as well.'),
  option(BACKENDS, 'graphitePort', 'integer', 'Its plaintext port.', {
    default: 2003,
    min: 1,
    max: 65535,
  }),
  option(BACKENDS, 'graphitePicklePort', 'integer', 'Its pickle port.', {
    default: 2004,
    min: 1,
    max: 65535,
  }),
  option(BACKENDS, 'graphiteProtocol', 'choice', 'Form in which flushes are sent there.', {
    default: 'text',
    choices: ['text', 'pickle'],
  }),
  option(BACKENDS, 'graphiteQueueBytes', 'integer', 'Flushes that wait for it on disk.', {
    unit: 'bytes',
    default: 2 ** 30,
    min: 0,
    max: 2 ** 50,
    cost: 'Some 50 bytes a value and flush while Graphite is away; 0 keeps them in memory only.',
  }),
  option(BACKENDS, 'console.prettyprint', 'boolean', 'Colours in the output of console.', {
    default: false,
  }),
  option(BACKENDS, 'repeater', 'structure', 'Where repeater sends each packet: host and port.', {
    default: [],
    cost: 'One send per packet and target.',
  }),
  option(BACKENDS, 'repeaterProtocol', 'choice', 'Transport of repeater.', {
    default: 'udp4',
    choices: ['udp4', 'udp6', 'tcp'],
  }),

  option(OPERATION, 'mgmt_port', 'port', "StatsD's management console, TCP.", { default: 8126 }),
  option(OPERATION, 'mgmt_address', 'text', 'Its address; StatsD listens everywhere.', {
    default: '127.0.0.1',
    cost: 'Whoever reaches the console can delete metrics: it has no password.',
  }),
  option(OPERATION, 'healthStatus', 'choice', 'First answer of health.', {
    default: 'up',
    choices: ['up', 'down'],
  }),
  option(OPERATION, 'logLevel', 'choice', 'Least severe message on stderr.', {
    default: 'info',
    choices: LOG_LEVELS,
  }),
  option(OPERATION, 'debug', 'boolean', 'Log level debug, unless logLevel says otherwise.', {
    default: false,
  }),
  option(OPERATION, 'dumpMessages', 'boolean', 'Log every packet.', {
    default: false,
    cost: 'Receiving slows down many times over.',
  }),
  option(OPERATION, 'automaticConfigReload', 'boolean', 'Reread this file when it changes.', {
    default: true,
  }),
  option(OPERATION, 'title', 'text', 'Process title.'),
  option(OPERATION, 'keyFlush', 'structure', 'Log of the most frequent names.', {
    cost: 'Every packet is read a second time, as text.',
  }),
  option(OPERATION, 'log', 'structure', "StatsD's logger: backend, level, application.", {
    ignored: 'the log is JSON on stderr, its level is set by logLevel',
  }),
  option(OPERATION, 'debugInterval', 'integer', "Pause of StatsD's debug output.", {
    unit: 'milliseconds',
    ignored: 'nothing is dumped periodically, /metrics shows it at any time',
  }),
];

export const OPTION_BY_KEY: ReadonlyMap<string, Option> = new Map(
  OPTIONS.map((one) => [one.key, one]),
);
