/**
 * The dialects of StatsD's line: a row of traits each, bits that the parsers test. A new dialect is
 * a row here, its reader in `ingest/protocol/statsd/line-readers.ts` (the compiler asks for it) and
 * its column in `config/dialects.md`. The dialect belongs to a listener: one grammar cannot serve
 * all (test/conformance/statsd/DIALECTS.md).
 */

/** Beside `c`, `g`, `ms` and `s` there are the types `h` and `d`: timers that a rate weighs. */
export const DISTRIBUTIONS = 1 << 0;
/** The sample rate weighs the values of `ms` too, not their count alone. */
export const WEIGHTED_MS = 1 << 1;
/** What stands between the first colon and the bar is values, or the line has no name. */
export const STRICT_COLONS = 1 << 2;
/** A signed gauge is a change of its value. */
export const GAUGE_DELTAS = 1 << 3;
/** A line holds several samples, each with a type: `a:1|c:2|ms`. */
export const PACKED = 1 << 4;
/** Colons before the first bar stand between values of one type; without this trait, between samples. */
export const PACKED_VALUES = 1 << 25;
/** One wrong value rejects all values of the line. */
export const WHOLE_LINE = 1 << 5;
/**
 * Blanks around the type and at the end are no part of the line, `ms@0.5` needs no bar, and `m` and
 * no type at all count as well.
 */
export const LENIENT = 1 << 6;
/** A field that starts with a digit is a rate whose `@` was forgotten: the line is rejected. */
export const RATE_NEEDS_MARK = 1 << 7;
/** Fields behind the type beside rate and tags: `T` timestamps, containers, cardinality. */
export const FIELDS = 1 << 8;
/** A timestamp on a timer or set rejects the sample; without this trait it counts now. */
export const STRICT_TIMESTAMPS = 1 << 9;
/** Lines that start with `_e{` or `_sc|` are events and service checks. */
export const EVENTS = 1 << 10;
/** An empty name rejects the line. */
export const NEEDS_NAME = 1 << 11;
/**
 * Names have Graphite's canonical form: blanks around them and empty nodes go, tags are sorted and
 * each key has one value, as sent. Without this trait tags are appended to the name as they come.
 */
export const CANONICAL_NAMES = 1 << 12;
/** Tags also stand in the name: `name,k=v`, `name#k=v`, `na[k=v]me`. */
export const TAGS_IN_NAME = 1 << 13;
/** What comes over a stream is ASCII: a byte beyond it is what StatsD makes of it. */
export const ASCII_STREAMS = 1 << 14;
/** The rest of a stream without a newline at its end is a line. */
export const KEEPS_TAIL = 1 << 15;
/** A stream may be frames behind their lengths, as DogStatsD's clients send on unix sockets. */
export const FRAMED_STREAMS = 1 << 24;
/** `tallyd parse` shows type, values and tags one by one as sent, not as they are kept. */
export const SHOWN_AS_SENT = 1 << 16;
/** Timers are exact to the last bit by default. */
export const EXACT_TIMERS = 1 << 17;
/** Names are as long as a datagram by default. */
export const LONG_NAMES = 1 << 18;
/** The console answers for names that every JavaScript object has as if they were metrics. */
export const OBJECT_NAMES = 1 << 19;
/** Names lose what StatsD drops of them, unless `keyNameSanitize` is false. */
export const SANITIZED_NAMES = 1 << 20;
/** Names that `keyNameSanitize: false` left as they were are sanitised when they are sent. */
export const SANITIZED_WHEN_SENT = 1 << 21;
/** `ms` may be negative, as any distribution. */
export const NEGATIVE_MS = 1 << 22;
/** Infinity is a value, any rate is one, and sums may become either or NaN. */
export const ANY_NUMBERS = 1 << 23;

const DIALECTS = {
  /** StatsD bit for bit. */
  statsd:
    GAUGE_DELTAS |
    PACKED |
    ASCII_STREAMS |
    EXACT_TIMERS |
    LONG_NAMES |
    OBJECT_NAMES |
    SANITIZED_NAMES |
    SANITIZED_WHEN_SENT |
    ANY_NUMBERS,
  /** The same for every line that StatsD reads well, plus DogStatsD's fields and the tag styles. */
  extended:
    GAUGE_DELTAS |
    PACKED |
    PACKED_VALUES |
    DISTRIBUTIONS |
    WEIGHTED_MS |
    LENIENT |
    STRICT_COLONS |
    RATE_NEEDS_MARK |
    FIELDS |
    EVENTS |
    NEEDS_NAME |
    SANITIZED_NAMES |
    CANONICAL_NAMES |
    TAGS_IN_NAME |
    KEEPS_TAIL |
    FRAMED_STREAMS,
  /** As the Datadog agent reads it. */
  dogstatsd:
    DISTRIBUTIONS |
    WEIGHTED_MS |
    NEGATIVE_MS |
    PACKED_VALUES |
    WHOLE_LINE |
    FIELDS |
    STRICT_TIMESTAMPS |
    EVENTS |
    NEEDS_NAME |
    CANONICAL_NAMES |
    KEEPS_TAIL |
    FRAMED_STREAMS |
    SHOWN_AS_SENT,
};

export type Dialect = keyof typeof DIALECTS;

export const DIALECT_NAMES = Object.keys(DIALECTS) as Dialect[];

/** Traits by the dialect's code. */
export const TRAITS: readonly number[] = Object.values(DIALECTS);

/** The small number that stands for a dialect on the way of a line. */
export function dialectCode(name: Dialect): number {
  return DIALECT_NAMES.indexOf(name);
}

/** False without a dialect: there is no StatsD listener. */
export function hasTrait(name: Dialect | undefined, trait: number): boolean {
  return name !== undefined && (DIALECTS[name] & trait) !== 0;
}
