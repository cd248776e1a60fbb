/**
 * The statsd dialect against a reference of `split` and `Number`, written from StatsD's documented
 * behaviour: the same state after any packet.
 */
import fc from 'fast-check';
import { dialectCode } from '../../../../src/config/dialects.ts';
import { assert, describe, rounds } from '../../../support/suite.ts';
import { contents, makeAggregator, send } from '../../aggregate/make.ts';

class Reference {
  readonly counters = new Map<string, number>();
  readonly timers = new Map<string, number[]>();
  readonly gauges = new Map<string, number>();
  readonly sets = new Map<string, Set<string>>();
  bad = 0;
  lines = 0;

  packet(text: string): void {
    for (const line of text.split('\n')) {
      if (line === '') continue;
      this.lines += 1;
      const parts = line.split('|#');
      const samples = parts[0]!.split(':');
      const key = sanitize(samples.shift()! + tagsOf(parts[1]));
      if (samples.length === 0) samples.push('1');
      for (const sample of samples) if (!this.sample(key, sample.split('|'))) this.bad += 1;
    }
  }

  private sample(key: string, [value, type, rate]: string[]): boolean {
    if (type === undefined) return false;
    let scale = 1;
    if (rate !== undefined) {
      if (!rate.startsWith('@') || !isNumber(rate.slice(1)) || rate[1] === '-') return false;
      const digits = /^@([\d.]+)/.exec(rate)?.[1];
      if (digits === undefined || Number.isNaN(Number(digits))) return false;
      scale = 1 / Number(digits);
    }
    if (type !== 's' && !isNumber(value!)) return false;
    if (type === 'ms' && Number(value) < 0) return false;
    this.store(key, type.trim(), value!, scale);
    return true;
  }

  private store(key: string, type: string, value: string, scale: number): void {
    const number = Number(value);
    if (type === 'ms') this.timers.set(key, [...(this.timers.get(key) ?? []), number]);
    else if (type === 's') {
      this.sets.set(key, (this.sets.get(key) ?? new Set()).add(value === '' ? '0' : value));
    } else if (type === 'g') {
      const before = this.gauges.get(key);
      const adds = /^[+-]/.test(value) && before !== undefined && before !== 0 && before === before;
      this.gauges.set(key, adds ? before + number : number);
    } else {
      // What is not there, 0 or NaN starts at 0.
      const before = this.counters.get(key);
      this.counters.set(key, (before ? before : 0) + number * scale);
    }
  }
}

const isNumber = (text: string): boolean => text !== '' && !Number.isNaN(Number(text));

function tagsOf(text: string | undefined): string {
  if (text === undefined || text === '') return '';
  const tags = text.split(',').map((tag) => tag.replace(';', '_').replace(':', '='));
  return `;${tags.join(';')}`;
}

function sanitize(key: string): string {
  return key
    .replace(/\s+/g, '_')
    .replace(/\//g, '-')
    .replace(/[^a-zA-Z_\-0-9.;=]/g, '');
}

function agree(packets: Uint8Array[]): void {
  const aggregator = makeAggregator({ exactTimerValues: 10_000, maxNameBytes: 65_535 });
  const reference = new Reference();
  for (const packet of packets) {
    send(aggregator, packet, dialectCode('statsd'));
    reference.packet(Buffer.from(packet).toString());
  }
  const plain = <T>(map: Map<string, T>): Record<string, T> => Object.fromEntries(map);
  assert.equal(contents(aggregator, 'counters'), plain(reference.counters));
  assert.equal(contents(aggregator, 'timers'), plain(reference.timers));
  assert.equal(contents(aggregator, 'gauges'), plain(reference.gauges));
  const sets = [...reference.sets].map(([key, set]): [string, string[]] => [key, [...set]]);
  assert.equal(contents(aggregator, 'sets'), Object.fromEntries(sets));
  assert.is(aggregator.health().badLinesSeen, reference.bad);
  assert.is(aggregator.health().lines, reference.lines);
}

const PIECES = [
  'a,b.c,é, ,/,:,:,:,|,|,|c,|ms,|g,|s,|h,@,@0.1,1,-2,+3,0.5,1e3,x,#,|#,t:v,;,=,\n,\r,\t'.split(','),
  [',', '\u00a0', 'Infinity', '0x1f', '.', '\ufeff', '123456789012345678', '_e{1,1}'],
].flat();
const piece = fc.constantFrom(...PIECES);

describe('the statsd dialect', (it) => {
  it('agrees with a naive reader on lines of every shape', () => {
    const text = fc.array(piece, { maxLength: 40 }).map((pieces) => Buffer.from(pieces.join('')));
    fc.assert(fc.property(fc.array(text, { maxLength: 3 }), agree), { numRuns: rounds(150, 4000) });
  });

  it('agrees on well-made lines', () => {
    const line = fc
      .tuple(
        fc.constantFrom('a', 'b.c', 'a b', 'x/y', 'long.name.of.more.than.thirty.two.bytes.indeed'),
        fc.oneof(fc.integer().map(String), fc.double({ noNaN: true }).map(String)),
        fc.constantFrom('c', 'ms', 'g', 's', 'h'),
        fc.constantFrom('', '|@0.1', '|@1', '|@.25', '|@0', '|@1e-2'),
        fc.constantFrom('', '|#', '|#x:1', '|#x:1,y'),
      )
      .map(([name, value, type, rate, tags]) => `${name}:${value}|${type}${rate}${tags}`);
    const packet = fc.array(line, { maxLength: 20 }).map((lines) => Buffer.from(lines.join('\n')));
    fc.assert(fc.property(fc.array(packet, { maxLength: 3 }), agree), {
      numRuns: rounds(40, 1000),
    });
  });

  it('agrees on bytes that are no UTF-8', () => {
    const bytes = fc.uint8Array({ maxLength: 60 });
    const mixed = fc
      .array(
        fc.oneof(
          piece.map((text) => Buffer.from(text)),
          bytes,
        ),
        { maxLength: 12 },
      )
      .map((parts) => Buffer.concat(parts));
    fc.assert(fc.property(fc.array(mixed, { maxLength: 2 }), agree), {
      numRuns: rounds(100, 3000),
    });
  });

  it('reads streams as 7-bit ASCII', () => {
    const aggregator = makeAggregator();
    send(aggregator, 'é:1|c\n', dialectCode('statsd'), true);
    assert.equal(contents(aggregator, 'counters'), { C: 1 });
  });

  it('lives through what kills StatsD', () => {
    const aggregator = makeAggregator();
    for (const line of ['a:1|c|@+0.5', 'a:1|c|@ 1', 'a:1|c|@Infinity', '__proto__:1|ms', 'a:1|c']) {
      send(aggregator, line, dialectCode('statsd'));
    }
    assert.equal(contents(aggregator, 'counters'), { a: 1 });
    assert.equal(aggregator.inspect('timers'), [['__proto__', [1]]]);
    assert.is(aggregator.health().badLines['badRate'], 3);
    assert.equal(aggregator.health().lastBad.at(-1), {
      reason: 'badRate',
      text: 'a:1|c|@Infinity',
    });
  });
});
