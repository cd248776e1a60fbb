/**
 * What can be done about what was refused (rejections/rejections.ts), and how it is called when people read
 * it: for the log here and the health report on the main thread.
 */
import { type HintPlaces, hintSentence, portOfMistakes } from './mistakes.ts';

interface Kind {
  /** In the log. */
  title: string;
  /** Of the counter. */
  help: string;
}

const KINDS: Record<string, Kind> = {
  'lines.bad': { title: 'bad lines', help: 'Lines that could not be read, by reason.' },
  'lines.mistaken': {
    title: 'bad lines that show a mistake',
    help: 'Bad StatsD lines that show a usual mistake, by mistake.',
  },
  'lines.odd': {
    title: 'lines that were counted otherwise than meant',
    help: 'Lines that were counted and show a usual mistake, by mistake.',
  },
  'series.refused': { title: 'refused metrics', help: 'Metrics refused at a limit, by limit.' },
  'notices.refused': {
    title: 'refused events and checks',
    help: 'Events and service checks refused, by reason.',
  },
  'connections.refused': {
    title: 'connections refused or cut off',
    help: 'Connections refused or cut off, by reason.',
  },
  'carbon.refused': { title: 'refused points', help: 'Carbon lines refused, by reason.' },
  'carbon.mistaken': {
    title: 'refused points that show a mistake',
    help: 'Refused carbon lines that show a usual mistake, by mistake.',
  },
  'pickle.mistaken': {
    title: 'connections to the pickle port that show a mistake',
    help: 'Connections to the pickle port that show a usual mistake, by mistake.',
  },
  'console.mistaken': {
    title: 'sent to the management console by mistake',
    help: 'What came to the management console by mistake.',
  },
  'rules.refused': {
    title: "points refused by carbon's rules",
    help: "Points that carbon's own rules refuse, by rule.",
  },
  'store.refused': {
    title: 'series that the store refused',
    help: 'Series that the store refused, by reason.',
  },
};

/** About what is no mistake in a line. */
const HINTS: Record<string, string> = {
  'series.refused series': 'maxSeries metrics are alive',
  'series.refused prefix': 'the first nodes of this name have maxSeriesPerPrefix metrics already',
  'series.refused source': 'this sender made maxSeriesPerSource metrics already',
  'series.refused timedValues': 'more than 65,536 names and seconds with |T came in one flush',
  'lines.bad inFuture': 'a timestamp |T is in epoch seconds, and no more than a minute ahead',
  'lines.bad timestampOnType': 'a timestamp |T goes with counters (c) and gauges (g) only',
  'timed.refused late': 'the store was behind, or the disk refused',
  'timed.refused tooOld': 'the timestamp |T is older than the retention of its series',
  'series.refused setMembers': 'a set got more than maxSetMembers distinct members in a flush',
  'store.refused limit': 'the store holds maxStoredSeries series',
  'store.refused prefix':
    'the first nodes of this name have maxStoredSeriesPerPrefix series already',
  'store.refused disk': 'the disk or the data file is nearly full',
  'points notStored': 'the store was behind, or the disk refused',
  'datagrams truncated': 'a unix datagram may have 65,534 bytes; its last whole lines are taken',
  'carbon.dropped late': 'the store was late, and senders over UDP cannot be held back',
  'notices.refused flood': 'more than 1000 events and checks came in one second',
  'notices.refused notStored': 'an event may have 64 KiB as JSON; or the store refused it',
  'repeater.dropped late': 'the main thread was late: packets came faster than it sends them on',
  'repeater.dropped queueFull': '16 MiB wait for a target of the repeater, the oldest went',
  'repeater.dropped failed': 'a target of the repeater could not be sent to',
  'graphite.dropped queueFull': 'graphiteQueueBytes wait for Graphite, the oldest went',
  'graphite.dropped damaged': 'the queue on disk was damaged or cut off',
  'key_flush.left_out maxNames':
    'more than maxSeries names between two writes of the key flush log',
  'connections.refused tooMany': 'the listener has maxConnections connections',
  'connections.refused tooManyFromSource': 'the address has maxConnectionsPerSource connections',
  'connections.refused lineTooLong':
    'a line may have 64 KiB (carbon: 16 KiB), a pickle 1 MiB, until its end comes',
  'connections.refused lineCutOff': 'the connection ended in the middle of a line or message',
  'connections.refused idle': 'nothing came for an hour',
};

/** Undefined where nothing is to be said. */
export function hintFor(what: string, reason: string, places: HintPlaces): string | undefined {
  const port = what === 'lines.odd' ? 'statsd' : portOfMistakes(what);
  return port === undefined ? HINTS[`${what} ${reason}`] : hintSentence(reason, port, places);
}

export function titleOf(what: string): string {
  return KINDS[what]?.title ?? what;
}

export function helpOf(what: string): string {
  return KINDS[what]?.help ?? what;
}
