/**
 * Whatever is turned away or lost, in one table: by what it is, how the log and `/metrics` call it,
 * and what can be done, by reason. Nothing is rejected that does not stand here (`Rejections` takes
 * no other word).
 */
import { NAME_HINTS } from '../wire/series-name.ts';
import { type HintPlaces, type HintPort, hintSentence } from './mistakes.ts';

interface Kind {
  /** In the log. */
  title: string;
  /** Of the counter. */
  help: string;
  /** What can be done, by reason; a reason that says it all has none. */
  hints: Readonly<Record<string, string>>;
  /** Reasons that turn new names away: for ten minutes they are what `/health` complains of. */
  ofNames?: readonly string[];
  /** Nothing was lost, or it is counted elsewhere as well. */
  isNoLoss?: true;
  /** The reasons are those of mistakes.ts, with the hints of this port. */
  mistakesOn?: HintPort;
}

const CATALOGUE = {
  'lines.bad': {
    title: 'bad lines',
    help: 'Lines that could not be read, by reason.',
    hints: {
      badTimestamp: 'a timestamp |T is in whole epoch seconds, above 0',
      negativeTimer:
        'a time is not below 0; the types h and d, and dialect dogstatsd, take such values',
      nameTooLong: 'a name with its tags may have maxNameBytes bytes',
      tooManyTags: 'a line may have 64 tags',
      inFuture: 'a timestamp |T is in epoch seconds, no more than futureToleranceMs ahead',
      badValue: 'a value is a finite number: NaN, Infinity and 1e400 are none',
      badRate: 'a sample rate is above 1e-15 and at most 1e6; @0.1 says that one of ten was sent',
      sumTooLarge: 'a sum, a change of a gauge or the square of a timer would exceed 1.8e308',
      timestampOnType: 'a timestamp |T goes with counters (c) and gauges (g) only',
      colonInName:
        'a colon ends the name, and what follows it is no value: write another character in names',
      emptyName:
        'nothing is left of the name without empty nodes and what keyNameSanitize drops; ' +
        'keyNameSanitize: false keeps names as sent',
    },
  },
  'lines.mistaken': {
    title: 'bad lines that show a mistake',
    help: 'Bad StatsD lines that show a usual mistake, by mistake.',
    isNoLoss: true,
    hints: {},
    mistakesOn: 'statsd',
  },
  'lines.odd': {
    title: 'lines that were counted otherwise than meant',
    help: 'Lines that were counted and show a usual mistake, by mistake.',
    isNoLoss: true,
    hints: {
      inexactSum:
        'above 2^53 (9e15) a float64 does not hold every whole number: small counts are lost',
      infinite: 'StatsD takes Infinity and rate 0; nothing comes of them that could be stored',
    },
  },
  'names.changed': {
    title: 'names that are kept otherwise than sent',
    isNoLoss: true,
    help: 'Spellings of names that were changed so that two may have become one, by change.',
    hints: {
      dropped:
        'keyNameSanitize drops what is not a letter, a digit or one of _-.;= from names, ' +
        'and names that differ in it become one; false keeps names as sent',
      replaced:
        'blanks became _ and slashes - in names (keyNameSanitize); ' +
        'in tags ; and control characters became _, and ~ before a value went',
      repeatedTag: 'a tag came with several values: the last is kept',
      tagOfName: 'a tag called name was left out: Graphite calls the metric itself so',
    },
  },
  'series.refused': {
    title: 'refused metrics',
    help: 'Metrics refused at a limit, by limit.',
    hints: {
      series: 'maxSeries metrics are alive',
      prefix: 'the first nodes of this name have maxSeriesPerPrefix metrics already',
      prefixBytes: 'names with these first nodes take up 64 MiB already',
      source: 'this sender made maxSeriesPerSource metrics already',
      timedValues: 'more than 65,536 names and seconds with |T came in one flush',
      setMembers: 'a set got more than maxSetMembers distinct members in a flush',
      timerValues: 'the values of all timers take up their 256 MiB: percentiles lack the last ones',
      timerSketches: 'infinite values or rates of dialect statsd leave no sketch of the interval',
      timerBins: 'values of one timer lie too far apart: the smallest are shown as one',
    },
    ofNames: ['series', 'prefix', 'prefixBytes', 'source'],
  },
  'notices.refused': {
    title: 'refused events and checks',
    help: 'Events and service checks refused, by reason.',
    hints: {
      flood: 'more than 1000 events and checks, or 1 MiB of them, came in one second',
      notStored: 'an event may have 64 KiB as JSON; or the store refused it',
    },
  },
  'connections.refused': {
    title: 'connections refused or cut off',
    help: 'Connections refused or cut off, by reason.',
    hints: {
      tooMany: 'the listener has maxConnections connections',
      tooManyFromSource: 'the address has maxConnectionsPerSource connections',
      lineTooLong: 'a line may have 64 KiB (carbon: 16 KiB), a pickle 1 MiB, until its end comes',
      lineCutOff: 'the connection ended in the middle of a line, message or frame',
      frameTooLong:
        'a frame starts with its length, four bytes, the lowest first, and may have 65,535 bytes',
      frameEmpty: 'a frame came with a length of 0; it was passed over',
      idle: 'nothing came for an hour, or for 90 s where others found no place',
    },
  },
  'carbon.refused': {
    title: 'refused points',
    help: 'Carbon lines refused, by reason.',
    hints: {
      ...NAME_HINTS,
      badPickle: 'a pickle is a list of up to 65536 points (name, (time, value)), without classes',
      badLine: 'a line is name value timestamp; a point of a pickle is (name, (timestamp, value))',
      nameTooLong: 'a name with its tags may have maxNameBytes bytes',
      notSeconds:
        'the time is past 2106 as epoch seconds, so it is in milliseconds or finer: divide by 1000',
    },
  },
  'carbon.mistaken': {
    title: 'refused points that show a mistake',
    isNoLoss: true,
    help: 'Refused carbon lines that show a usual mistake, by mistake.',
    hints: {},
    mistakesOn: 'carbon',
  },
  'pickle.mistaken': {
    title: 'connections to the pickle port that show a mistake',
    isNoLoss: true,
    help: 'Connections to the pickle port that show a usual mistake, by mistake.',
    hints: {},
    mistakesOn: 'pickle',
  },
  'console.mistaken': {
    title: 'sent to the management console by mistake',
    help: 'What came to the management console by mistake.',
    hints: {},
    mistakesOn: 'console',
  },
  'console.refused': {
    title: 'connections to the management console turned away',
    help: 'Connections to the management console turned away, by reason.',
    hints: { tooMany: 'the management console has 64 connections: the longest silent gave way' },
  },
  'rules.refused': {
    title: "points refused by carbon's rules",
    help: "Points that carbon's own rules refuse, by rule.",
    hints: { names: 'rewriting, or an aggregation rule, made no name of this one' },
  },
  'store.refused': {
    title: 'series that the store refused',
    help: 'Series that the store refused, by reason.',
    hints: {
      limit: 'the store holds maxStoredSeries series',
      prefix: 'the first nodes of this name have maxStoredSeriesPerPrefix series already',
      bytes: 'the names of all series take up maxStoredNameBytes',
      prefixBytes: 'names with these first nodes take up half of maxStoredNameBytes',
      disk: 'the disk or the data file is nearly full',
      ...NAME_HINTS,
    },
    ofNames: ['limit', 'prefix', 'bytes', 'prefixBytes'],
  },
  'timed.refused': {
    title: 'values with times of their own that were not stored',
    help: 'Such points refused, by reason.',
    hints: {
      late: 'the store was behind, or the disk refused',
      tooOld: 'the timestamp |T is older than the retention of its series',
    },
  },
  points: {
    title: 'ready-made points that were not stored',
    help: 'Ready-made points that were not stored, by reason.',
    hints: {
      notStored: 'the store was behind, or the disk refused',
      notFinite: 'NaN and infinities are no values',
      tooOld:
        "the time is older than all archives of its series reach: is the sender's clock right? " +
        'Longer retentions are for storage-schemas.conf',
      inFuture:
        "the time is more than futureToleranceMs ahead of this machine's clock: set the sender's " +
        'clock (NTP); times are in epoch seconds',
    },
  },
  'datagrams.cut': {
    title: 'datagrams that were cut off',
    help: 'Unix datagrams that were cut off, by reason.',
    hints: { datagramTooLong: 'a unix datagram may have 65,600 bytes; its whole lines are taken' },
  },
  'carbon.dropped': {
    title: 'points dropped',
    help: 'Points dropped because the store was late (UDP).',
    hints: { late: 'the store was late, and senders over UDP cannot be held back' },
  },
  'repeater.dropped': {
    title: 'packets that the repeater did not send on',
    help: 'Packets that the repeater did not send on, by reason.',
    hints: {
      late: 'the main thread was late: packets came faster than it sends them on',
      queueFull:
        'more waits for a target of the repeater than memory is given to: 16 MiB, UDP 4 MiB',
      noAddress: 'the name of a target has no address, or the name server does not answer',
      failed: 'a target of the repeater could not be sent to',
    },
  },
  'stdout.dropped': {
    title: 'texts that standard output did not take',
    help: 'Texts of the console backend and the key flush log that were not printed, by reason.',
    hints: {
      notWritten: 'whoever read standard output has gone; it is printed to again after a restart',
    },
  },
  'graphite.dropped': {
    title: 'flushes that Graphite does not get',
    help: 'Flushes that Graphite does not get, by reason.',
    hints: {
      queueFull: 'graphiteQueueBytes wait for Graphite, the oldest went',
      diskLow:
        'the disk of the data folder is nearly full: what waits for Graphite gives way first',
      damaged: 'the queue on disk was damaged or cut off',
    },
  },
  'key_flush.left_out': {
    title: 'lines that the key flush log left out',
    help: 'Lines over the number of names that the key flush log counts.',
    hints: { maxNames: 'more than maxSeries names between two writes of the key flush log' },
  },
} satisfies Record<string, Kind>;

/** What can be turned away, such as `lines.bad`. */
export type RejectedKind = keyof typeof CATALOGUE;

/** Undefined where nothing is to be said. */
export function hintFor(what: string, reason: string, places: HintPlaces): string | undefined {
  const kind = kindOf(what);
  const told = kind?.hints[reason];
  const port = what === 'lines.odd' ? 'statsd' : kind?.mistakesOn;
  return told !== undefined || port === undefined ? told : hintSentence(reason, port, places);
}

export function titleOf(what: string): string {
  return kindOf(what)?.title ?? what;
}

export function helpOf(what: string): string {
  return kindOf(what)?.help ?? what;
}

/** Whether it is counted only once it occurs: there are many mistakes that nobody makes. */
export function isOfMistakes(what: string): boolean {
  return kindOf(what)?.mistakesOn !== undefined;
}

/** Whether a new name was turned away. */
export function isOfNames(what: string, reason: string): boolean {
  return kindOf(what)?.ofNames?.includes(reason) === true;
}

/** Whether something was lost that nothing else counts. */
export function isLost(what: string): boolean {
  return kindOf(what)?.isNoLoss !== true;
}

function kindOf(what: string): Kind | undefined {
  return Object.hasOwn(CATALOGUE, what) ? CATALOGUE[what as RejectedKind] : undefined;
}
