/**
 * The table of spellings against the full reader: the same lines go to an aggregator that remembers
 * spellings, to one whose table is so small that they give way all the time, and to one that remembers
 * none. All must hold the same, tell the same and flush the same.
 */
import { DEFAULT_CONFIG } from '../../../src/config/load.ts';
import { DIALECT_NAMES } from '../../../src/config/dialects.ts';
import { Aggregator } from '../../../src/ingest/aggregate/aggregator.ts';
import { assert } from '../../support/suite.ts';
import { flushOf } from './flushing.ts';

const NOW = 1_700_000_000;
const TINY_BYTES = 8192;
const CONFIG = {
  ...DEFAULT_CONFIG.aggregation,
  maxNameBytes: 200,
  maxSetMembers: 20,
  exactTimerValues: 4,
  maxSeries: 3000,
  deleteIdleStats: true,
  deleteCounters: true,
  deleteTimers: true,
  deleteSets: true,
  deleteGauges: true,
  gaugesMaxTTL: 2,
};

/** Pools that lines are put together from: what is usual comes often, what is odd is there. */
const NAMES = [
  ...Array.from({ length: 40 }, (_, i) => `app${i % 3}.requests.${i}`),
  'a', 'b.c', 'a..b', '.a.', ' a', 'a ', 'na me', 'a/b', 'é.ü', '\ufeffa', '\u00a0a', 'a\tb', '', '.', '~a',
  'a;x=y', 'a;y=1;x=2', 'cpu,host=a,dc=b', 'cpu#host=a', 'c[host=a]pu', 'a;name=x', 'a,b', 'A::b', 'lb.10:9001',
  '_e', '_e{1,1}', '_e{5,4}', '_sc', '_sc|a', 'a|b', 'a|#b', 'x'.repeat(31), 'x'.repeat(32), 'x'.repeat(33),
  `long.${'node.'.repeat(20)}end`, 'y'.repeat(199), 'y'.repeat(201), '__proto__', 'statsd.bad_lines_seen',
]; // prettier-ignore
const VALUES = [
  '0', '1', '3', '42', '1.5', '-1', '+2', '-0', '12.25', '123456789', '1234567890', '0.000001', '1.', '.5', '00012',
  '1e3', '1e999', '-1e999', '1e308', '9007199254740993', '0x10', 'nan', 'NaN', 'Infinity', '-Infinity', '', ' 1 ', '1,5',
  'abc', 'true', '1:2:3', '1:x:3', ':1', '1:', '::', ':Invoice:9', '1:0012', '1|2', 'user-77', 'ü', '\xff',
]; // prettier-ignore
const USUAL_VALUES = ['1', '2', '7.5', '100', '0.25', '12345.5', '-3', '+4'];
const TYPES = ['c', 'c', 'c', 'ms', 'ms', 'g', 'g', 's', 'h', 'd', 'm', '', 'x', 'cc', ' c ', 's ', ' ms', 'g\0', 'ms@0.5', 'c@0', 'counter', 'c\\n', 'c:2|ms', 'ms:1|c|@0.1']; // prettier-ignore
const RATES = ['', '', '', '', '|@0.1', '|@0.5', '|@1', '|@0', '|@-1', '|@x', '|@', '|@1e-2', '|@0.000000000000001', '|0.5', '|@0.1:2|c']; // prettier-ignore
const TAGS = [
  '', '', '', '|#env:prod', '|#env:prod,az:b', '|#az:b,env:prod', '|#a', '|#a:', '|#:b', '|#', '|#a:b|#c:d',
  '|#dd.internal.card:low,a:b', '|#a:1,a:2', '|#name:x', '|#a:b c', `|#${Array.from({ length: 70 }, (_, i) => `k${i}:v`).join(',')}`,
  '|#é:ü', '|#a:b,', '|#a;b:c', '|#a:b\r',
]; // prettier-ignore
const FIELDS = ['', '', '', '', '|c:ci-7', '|T1700000000', '|T0', '|Tx', `|T${NOW + 9999}`, '|e:it', '|card:low', '|c', '|', '|5', '\r', ' ', '\0', '  \t']; // prettier-ignore

type Random = () => number;

/** mulberry32: whole runs from one seed. */
function randomOf(seed: number): Random {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

function makeLine(random: Random): Buffer {
  const pick = (list: readonly string[]): string => list[Math.floor(random() * list.length)]!;
  const isOdd = random() < 0.5;
  const value = random() < 0.5 ? pick(USUAL_VALUES) : pick(VALUES);
  const rest = isOdd ? pick(RATES) + pick(TAGS) + pick(FIELDS) : pick(TAGS.slice(0, 6));
  const line = Buffer.from(`${pick(NAMES)}:${value}|${pick(TYPES)}${rest}`);
  const fate = random();
  if (fate < 0.02) return line.subarray(0, Math.floor(random() * line.length));
  if (fate < 0.05) line[Math.floor(random() * line.length)] = Math.floor(random() * 256);
  if (fate > 0.98) return Buffer.from(pick(['', 'no colon', '_e{1,1}:a|b', '_sc|a|0', '\n', ':']));
  return line;
}

/** All that an aggregator tells, but for how often a name was written anew. */
function told(aggregator: Aggregator): unknown {
  const { spellingBytes, ...health } = aggregator.health();
  assert.ok(spellingBytes >= 0);
  return {
    health,
    rejections: aggregator.rejections().filter(({ what }) => what !== 'names.changed'),
    kinds: (['counters', 'timers', 'gauges', 'sets'] as const).map((k) => aggregator.inspect(k)),
  };
}

/** Sends so many lines; throws where the three differ. Returns how many lines the first one took. */
export function compareSpellings(seed: number, lines: number): number {
  const random = randomOf(seed);
  const sizes = [undefined, TINY_BYTES, 0];
  const subjects = sizes.map((spellingBytes) => {
    const limit = spellingBytes === undefined ? {} : { spellingBytes };
    const options = { wantSketches: true, hashSeed: seed, touchedSpellings: 0 };
    return new Aggregator(CONFIG, { ...options, ...limit });
  });
  const names = subjects.map(() => new Map<number, string>());
  const pool: Buffer[] = [];
  let sent = 0;
  for (let packet = 0; sent < lines; packet++) {
    // Lines come again, and new ones take their places.
    const count = 1 + Math.floor(random() * 12);
    const parts: Buffer[] = [];
    for (let i = 0; i < count; i++) {
      const slot = Math.floor(random() * 3000);
      if (random() < 0.1) pool[slot] = makeLine(random);
      parts.push((pool[slot] ??= makeLine(random)), Buffer.from('\n'));
    }
    if (random() < 0.5) parts.pop();
    sent += count;
    const bytes = Buffer.concat([...parts, Buffer.alloc(Math.floor(random() * 32), 0x7c)]);
    const to = parts.reduce((sum, { length }) => sum + length, 0);
    const dialect = Math.floor(random() * DIALECT_NAMES.length);
    const isStream = random() < 0.2;
    for (const subject of subjects) {
      subject.nowSeconds = NOW;
      subject.packet(bytes, 0, to, dialect, isStream, packet % 7 === 0 ? '10.0.0.7' : undefined);
    }
    const fate = random();
    if (fate < 0.002) {
      const flushes = subjects.map((subject, i) => flushOf(subject, NOW + packet, names[i]!));
      const [first, ...others] = flushes.map(({ values, metricCount }) => ({
        values,
        metricCount,
      }));
      for (const other of others) assert.equal(other, first, `flush, seed ${seed}`);
    } else if (fate < 0.003) {
      const pattern = `app${packet % 3}.requests.${packet % 40}`;
      const deleted = subjects.map((subject) => subject.deleteMetrics('counters', pattern));
      for (const other of deleted) assert.equal(other, deleted[0]);
    } else if (fate < 0.0035) {
      const keyNameSanitize = random() < 0.7;
      for (const subject of subjects) subject.reconfigure({ ...CONFIG, keyNameSanitize }, true);
    } else if (fate < 0.006 || sent >= lines) {
      const [first, ...others] = subjects.map(told);
      for (const other of others) assert.equal(other, first, `after ${sent} lines, seed ${seed}`);
    }
  }
  for (const subject of subjects) while (subject.takeTimed(NOW * 2) !== undefined);
  return subjects[0]!.health().lines;
}
