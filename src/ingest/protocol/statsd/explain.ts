/**
 * How tallyd reads one line, in words: the parsers of the hot path read it, and what they report is
 * collected. The `parse` verb prints it. The shapes are those of
 * test/conformance/statsd/dialects.jsonl. Not fast.
 */
import { FIELDS, SHOWN_AS_SENT } from '../../../config/dialects.ts';
import {
  LINE_REASONS,
  Cursor,
  KIND_COUNTER,
  KIND_SET,
  type SampleSink,
  TIME,
  VALUE,
  WEIGHT,
} from '../cursor.ts';
import {
  explainCheck,
  explainEvent,
  fieldsOf,
  keptTags,
  type MetricFields,
  type TagPair,
} from './explain-fields.ts';
import { LINE_READERS } from './line-readers.ts';
import { NameWriter } from './sanitize.ts';
import { NAME_OK, writeName } from './tags.ts';

interface ExplainedMetric {
  kind: 'metric';
  name: string;
  /** What it is counted as: `a:1|h` is type `c` to StatsD. */
  type: string;
  /** Numbers, or the members of a set. */
  values: (number | string)[];
  /** 1 for counters whose values are multiplied already. */
  rate: number;
  tags: TagPair[];
  /** A gauge that is changed by its value. */
  relative?: true;
  /** Epoch seconds: the sample belongs to the slot of this time, not to the current interval. */
  timestamp?: number;
  container?: string;
  external?: string;
  cardinality?: string;
  note?: string;
}

interface ExplainedMetrics {
  kind: 'metrics';
  /** With a rate where it is not 1. */
  events: { name: string; type: string; value: number | string; rate?: number }[];
  note?: string;
}

export type Explained =
  | ExplainedMetric
  | ExplainedMetrics
  | ReturnType<typeof explainEvent>
  | ReturnType<typeof explainCheck>
  | { error: string };

const TYPES = ['c', 'ms', 'g', 's'];
const NAME_LIMIT = 65_535;

/** Sentences for `LINE_REASONS`, in its order. */
const SENTENCES = [
  'no type: expected name:value|type',
  'the value is not a finite number',
  'a timer may not be negative',
  'the sample rate is not "@" and a number above 0 that a count can hold (1e-15 to 1e6)',
  'the type is unknown: expected c, ms, g, s, h or d',
  'the name is empty, or nothing of it can be kept',
  'the name is too long',
  'there are too many tags',
  'the timestamp is not "T" and a whole number above 0',
  'not an event: expected _e{title bytes,text bytes}:title|text',
  'not a check: expected _sc|name|status, status 0 to 3',
  'a field is a number or a type: a sample rate starts with "@", a line with a line feed before it',
  'the timestamp is more than a minute ahead',
  'a timestamp goes with types c and g only',
  'a colon ends the name, and what follows it is no value: write another character in names',
  'the value is so large that sums of it are beyond a 64-bit float',
];

class Collector implements SampleSink {
  readonly samples: Omit<ExplainedMetric, 'kind'>[] = [];
  readonly reasons: number[] = [];
  other: Explained | undefined;
  private readonly sanitize: boolean;
  private readonly decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  private readonly out = new NameWriter();

  constructor(sanitize: boolean) {
    this.sanitize = sanitize;
  }

  sample(cursor: Cursor): void {
    const result = writeName(this.out, cursor, this.sanitize, NAME_LIMIT);
    if (result !== NAME_OK) return this.reject(cursor, result);
    const asSent = (cursor.traits & SHOWN_AS_SENT) !== 0;
    const text = (from: number, to: number): string =>
      this.decoder.decode(cursor.bytes.subarray(from, to));
    const kept = this.decoder.decode(this.out.bytes.subarray(0, this.out.length));
    // The agent's tags are a list, in which a key may come twice and a bare tag has no value.
    const [body = ''] = kept.split(';', 1);
    const inName = text(cursor.nameFrom, cursor.nameTo).split(';').slice(1);
    const tagText = text(cursor.tagsFrom, cursor.tagsTo);
    const scaled = cursor.kind === KIND_COUNTER && !asSent;
    const weight = cursor.numbers[WEIGHT]!;
    const number = cursor.numbers[VALUE]! * (scaled ? weight : 1);
    const member = text(cursor.memberFrom, cursor.memberTo);
    this.samples.push({
      name: asSent ? body : kept,
      type: this.typeOf(cursor, text(cursor.typeFrom, cursor.typeTo)),
      values: [cursor.kind === KIND_SET ? (asSent ? member : member || '0') : number],
      rate: scaled ? 1 : rateOf(weight),
      tags: asSent
        ? keptTags([...inName, ...(tagText === '' ? [] : tagText.split(','))])
        : tagsInName(kept),
      ...(cursor.relative ? { relative: true } : {}),
      ...((cursor.traits & FIELDS) === 0 ? {} : this.fieldsOf(cursor)),
    });
  }

  reject(_cursor: Cursor, reason: number): void {
    this.reasons.push(reason);
  }

  event(cursor: Cursor): void {
    this.other = explainEvent(cursor);
  }

  check(cursor: Cursor): void {
    this.other = explainCheck(cursor);
  }

  private fieldsOf(cursor: Cursor): MetricFields & { timestamp?: number } {
    const timestamp = cursor.numbers[TIME]!;
    const text = this.decoder.decode(cursor.bytes.subarray(cursor.fieldsFrom, cursor.lineTo));
    return { ...(timestamp > 0 ? { timestamp } : {}), ...fieldsOf(text) };
  }

  /** Distributions keep their letter; what StatsD takes for a counter is called one. */
  private typeOf(cursor: Cursor, written: string): string {
    const isOwn = cursor.weighted || (cursor.traits & SHOWN_AS_SENT) !== 0;
    return isOwn ? written : TYPES[cursor.kind]!;
  }
}

/** `line` without its newline. Sanitises names as the server does by default. */
export function explainLine(
  line: Uint8Array,
  dialect: number,
  options: { keyNameSanitize?: boolean } = {},
): Explained {
  const bytes = new Uint8Array(line.length + 16);
  bytes.set(line);
  const cursor = new Cursor();
  cursor.attach(bytes);
  cursor.setDialect(dialect);
  const collector = new Collector(options.keyNameSanitize ?? true);
  if (line.length === 0) return { error: 'the line is empty' };
  LINE_READERS[dialect]!(cursor, 0, line.length, collector);
  return joined(collector);
}

function joined({ samples, reasons, other }: Collector): Explained {
  if (other !== undefined) return other;
  const sentences = reasons.map((reason) => SENTENCES[reason] ?? LINE_REASONS[reason]!);
  const first = samples[0];
  if (first === undefined) return { error: sentences.join('; ') };
  const note = sentences.length === 0 ? {} : { note: `refused in part: ${sentences.join('; ')}` };
  const alike = samples.every(({ type, rate }) => type === first.type && rate === first.rate);
  if (alike) {
    const values = samples.flatMap((sample) => sample.values);
    return { kind: 'metric', ...first, values, ...note };
  }
  const events = samples.map(({ name, type, values, rate }) => {
    return { name, type, value: values[0]!, ...(rate === 1 ? {} : { rate }) };
  });
  return { kind: 'metrics', events, ...note };
}

/** The sample rate as it was written; the weight is its reciprocal. */
function rateOf(weight: number): number {
  const rate = 1 / weight;
  const short = Number(rate.toPrecision(15));
  return 1 / short === weight ? short : rate;
}

function tagsInName(name: string): TagPair[] {
  return name
    .split(';')
    .slice(1)
    .map((tag) => {
      const equals = tag.indexOf('=');
      return equals < 0 ? [tag, null] : [tag.slice(0, equals), tag.slice(equals + 1)];
    });
}
