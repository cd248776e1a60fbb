/**
 * Odd lines at random, in every dialect: what `tallyd parse` says of a line is what the aggregator
 * keeps of it, and no two things that were sent become one series without a count.
 */
import fc from 'fast-check';
import { type Dialect, DIALECT_NAMES, dialectCode } from '../../../../src/config/dialects.ts';
import type { Aggregator } from '../../../../src/ingest/aggregate/aggregator.ts';
import { type Explained, explainLine } from '../../../../src/ingest/protocol/statsd/explain.ts';
import { canonicalName } from '../../../../src/wire/series-name.ts';
import { assert, describe, rounds } from '../../../support/suite.ts';
import { contents, makeAggregator, send } from '../../aggregate/make.ts';

const KINDS = { c: 'counters', g: 'gauges', s: 'sets', ms: 'timers' } as const;

/** What lines are made of, sound and odd. */
const NODES = ['a', 'a2', 'b', 'x.y', 'A1', '日本', 'é', '-1', '10', '_e', '_sc', 'name'];
const MARKS = [
  '.',
  '..',
  ':',
  '::',
  '|',
  ',',
  '#',
  ';',
  '=',
  '[',
  ']',
  '@',
  '~',
  '+',
  '/',
  '-',
  '_',
];
const BLANKS = [
  ' ',
  '\t',
  '\u00A0',
  '\uFEFF',
  '\r',
  '\0',
  '\x01',
  '\\n',
  '\x7f',
  '\u0085',
  '\u2028',
  '}',
];
const ENDS = [':1|c', ':2|ms', ':3:4|h', ':+5|g', ':u|s', ':1|c|@0.5', ':1|m', ':1|C', ':x|c'];
const TAGS = [
  '|#k:v',
  '|#k:,k2:x,j:2,k:1',
  '{k="v"}',
  '|#~k:~v,;',
  '|#dd.internal.x:1,k',
  '|#name:x',
  '|c:ci-7',
  '|',
];
const BYTES = ['\xff', '\xc3', '\xe2\x80'];

const word = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...NODES) },
  { weight: 3, arbitrary: fc.constantFrom(...MARKS) },
  { weight: 1, arbitrary: fc.constantFrom(...BLANKS) },
);
const line = fc
  .tuple(
    fc.array(word, { maxLength: 6 }),
    fc.constantFrom(...ENDS),
    fc.array(fc.oneof(fc.constantFrom(...TAGS), word), { maxLength: 3 }),
    fc.option(fc.constantFrom(...BYTES), { freq: 8 }),
  )
  .map(([name, end, rest, bytes]) => {
    const text = [...name, end, ...rest].join('');
    return Buffer.concat([Buffer.from(bytes ?? '', 'latin1'), Buffer.from(text)]);
  });

/** Names by kind that live metrics have, without StatsD's own. */
function stored(aggregator: Aggregator): string[] {
  return Object.values(KINDS)
    .flatMap((kind) => Object.keys(contents(aggregator, kind)).map((name) => `${kind} ${name}`))
    .filter((name) => !name.startsWith('counters statsd.'))
    .sort();
}

function kindOf(type: string): string {
  return type === 'h' || type === 'd' ? KINDS.ms : KINDS[type as keyof typeof KINDS];
}

/** The same from what `parse` says. */
function explained(one: Explained, dialect: Dialect): string[] {
  if ('error' in one || one.kind === 'event' || one.kind === 'check') return [];
  const all = one.kind === 'metrics' ? one.events : [{ ...one, name: nameOf(one, dialect) }];
  return [...new Set(all.map(({ name, type }) => `${kindOf(type)} ${name}`))].sort();
}

/** The agent's tags are told as a list; Graphite has each key once, sorted, and no empty ones. */
function nameOf(one: Extract<Explained, { kind: 'metric' }>, dialect: Dialect): string {
  if (dialect !== 'dogstatsd') return one.name;
  const byKey = new Map<string, string>();
  for (const [key, value] of one.tags) {
    if (key !== '' && value !== '') byKey.set(key, value ?? 'true');
  }
  const tags = [...byKey].map((tag) => Buffer.from(tag.join('=')));
  return [one.name, ...tags.sort(Buffer.compare)].join(';');
}

describe('parse and store', (it) => {
  for (const dialect of DIALECT_NAMES) {
    it(`${dialect}: agree on every line`, () => {
      fc.assert(
        fc.property(line, fc.boolean(), (bytes, keyNameSanitize) => {
          const aggregator = makeAggregator({ keyNameSanitize });
          send(aggregator, bytes, dialectCode(dialect));
          const says = explainLine(bytes, dialectCode(dialect), { keyNameSanitize });
          const names = stored(aggregator);
          assert.equal(names, explained(says, dialect), JSON.stringify(says));
          const isBad = 'error' in says || ('note' in says && says.note !== undefined);
          assert.is(aggregator.health().badLinesSeen > 0, isBad, JSON.stringify(says));
          // StatsD's own names get their form in the store.
          if (dialect === 'statsd') return;
          for (const name of names) {
            const series = `stats.${name.slice(name.indexOf(' ') + 1)}`;
            assert.is(canonicalName(series), series);
          }
        }),
        { numRuns: rounds(150, 15_000) },
      );
    });
  }

  const text = fc
    .array(fc.constantFrom('a', 'b', 'é', '日', '+', '/', ' ', '~', ';', '!', '.', '\x01', '_'), {
      maxLength: 4,
    })
    // Blanks at the end of a line are no part of it.
    .map((parts) => parts.join('').replace(/ $/, ' z'));
  const metric = fc.record({
    name: text.map((name) => `n${name.replaceAll(';', '')}`),
    tags: fc.array(fc.tuple(fc.constantFrom('k', 'j', 'dd.internal.x', 'k!', 'ключ'), text), {
      maxLength: 3,
    }),
  });
  type Metric = { name: string; tags: [string, string][] };
  const lineOf = ({ name, tags }: Metric): string =>
    `${name}:1|c${tags.length === 0 ? '' : `|#${tags.map((tag) => tag.join(':')).join()}`}`;
  /** What makes two of them the same by right. */
  const meaningOf = ({ name, tags }: Metric): string => {
    const kept = tags.filter(([key, value]) => !key.startsWith('dd.internal') && value !== '');
    const nodes = name
      .trim()
      .split('.')
      .filter((node) => node !== '');
    return JSON.stringify([nodes, [...new Map(kept)].map((tag) => tag.join('=')).sort()]);
  };

  for (const dialect of ['extended', 'dogstatsd'] as const) {
    it(`${dialect}: two that were sent become one only with a count`, () => {
      fc.assert(
        fc.property(metric, metric, fc.boolean(), (one, other, keyNameSanitize) => {
          const aggregator = makeAggregator({ keyNameSanitize });
          send(aggregator, `${lineOf(one)}\n${lineOf(other)}\n`, dialectCode(dialect));
          assert.is(aggregator.health().badLinesSeen, 0);
          const alike = meaningOf(one) === meaningOf(other);
          const names = stored(aggregator);
          if (alike) return assert.is(names.length, 1, names.join());
          const told = aggregator.rejections().filter(({ what }) => what === 'names.changed');
          assert.ok(
            names.length === 2 || told.some(({ count }) => count > 0),
            `${lineOf(one)} and ${lineOf(other)}: ${names.join()}`,
          );
        }),
        { numRuns: rounds(100, 15_000) },
      );
    });
  }
});
