import { readFileSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';
import type { AggregationConfig } from '../../src/config/config.ts';
import { DEFAULT_CONFIG } from '../../src/config/load.ts';
import { ConsoleBackend } from '../../src/forward/console.ts';
import { dialectCode } from '../../src/config/dialects.ts';
import { withSnapshots } from '../../src/ingest/receive/snapshots.ts';
import { makeAggregator, send } from '../ingest/aggregate/make.ts';
import { frameOf } from '../support/frame.ts';
import { assert, describe } from '../support/suite.ts';

interface Case {
  id: string;
  packets: string[];
  config: { flushInterval: number };
  stdout?: string;
}

const cases = readFileSync(
  new URL('../conformance/statsd/conformance.jsonl', import.meta.url),
  'utf8',
)
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => JSON.parse(line) as Case)
  .filter(({ stdout }) => stdout !== undefined);

/** A backend behind a real aggregator; `flush` returns what was printed. */
function printer(wish: Partial<AggregationConfig> = {}, prettyprint = false) {
  const config = { ...DEFAULT_CONFIG.aggregation, flushIntervalMs: 1000, ...wish };
  const aggregator = makeAggregator(config);
  let printed = '';
  const backend = new ConsoleBackend({
    prettyprint,
    namespace: config.namespace,
    sanitizesSent: config.sanitizesSent,
    percents: config.percentThresholds.map(({ percent }) => percent),
    nowSeconds: 1000,
    print: (text) => (printed += text),
  });
  const source = withSnapshots(aggregator, (snapshot) => backend.take(snapshot));
  return {
    backend,
    send: (packet: string) => send(aggregator, packet, dialectCode('statsd')),
    flush(time: number): string {
      printed = '';
      source.beginFlush(time);
      const frame = source.continueFlush(Infinity, () => 0);
      backend.flush(frame!);
      return printed;
    },
  };
}

/** The named object of a printed flush, without its own indentation. */
function part(printed: string, name: string): string {
  const line = printed.split('\n').findIndex((text) => text.startsWith(`  ${name}: `));
  const lines = printed.split('\n').slice(line);
  const end = /[}\]],?$/.test(lines[0]!)
    ? 0
    : lines.findIndex((text) => /^ {2}[}\]],?$/.test(text));
  const text = lines.slice(0, end + 1).map((one) => one.slice(2));
  return text
    .join('\n')
    .slice(name.length + 2)
    .replace(/,$/, '');
}

describe('forward/console', (it) => {
  for (const { id, packets, config, stdout } of cases) {
    it(`prints as recorded: ${id}`, () => {
      const { send: sendPacket, flush } = printer({ flushIntervalMs: config.flushInterval });
      let printed = flush(1000);
      for (const packet of packets) sendPacket(packet);
      printed += flush(1001);
      const masked = printed
        .replace(/^(Flushing stats at ) .*$/gm, '$1<date>')
        .replace(/(timestamp_lag': )[\d.e-]+/g, '$1<n>');
      assert.is(masked, `${stdout!}\n`);
    });
  }

  it('says when, two blanks before the date', () => {
    const { flush } = printer();
    const first = flush(1_700_000_000).split('\n')[0];
    assert.is(first, `Flushing stats at  ${String(new Date(1_700_000_000_000))}`);
  });

  it('has counts by sample rate, values as they came', () => {
    const { send: sendPacket, flush } = printer();
    sendPacket('t:20|ms|@0.1\nt:10|ms');
    const printed = flush(1000);
    assert.is(part(printed, 'timers'), '{ t: [ 20, 10 ] }');
    const data = part(printed, 'timer_data');
    assert.match(data, /\n {4}count: 11,\n {4}count_ps: 11,\n {4}sum: 30,\n/);
  });

  it('goes on with idle metrics, and forgets deleted ones', () => {
    const idle = printer();
    idle.send('t:5|ms\nu:x|s\nc:2|c\ng:3|g');
    idle.flush(1000);
    const printed = idle.flush(1001);
    assert.is(part(printed, 'timers'), '{ t: [] }');
    assert.is(part(printed, 'timer_data'), '{ t: { count: 0, count_ps: 0 } }');
    assert.is(part(printed, 'sets'), '{ u: [] }');
    assert.match(part(printed, 'counters'), / c: 0\n/);
    assert.is(part(printed, 'gauges'), "{ g: 3, 'statsd.timestamp_lag': 0 }");
    const forgetful = printer({ deleteTimers: true, deleteSets: true, deleteCounters: true });
    forgetful.send('t:5|ms\nu:x|s\nc:2|c');
    assert.is(part(forgetful.flush(1000), 'timers'), '{ t: [ 5 ] }');
    const after = forgetful.flush(1002);
    assert.is(part(after, 'timers'), '{}');
    assert.is(part(after, 'timer_data'), '{}');
    assert.is(part(after, 'sets'), '{}');
    assert.not.match(part(after, 'counters'), / c: /);
    assert.is(part(after, 'gauges'), "{ 'statsd.timestamp_lag': 1 }");
  });

  it('finds timers in any layout of names, tags last', () => {
    const base = DEFAULT_CONFIG.aggregation.namespace;
    const layouts = [
      base,
      { ...base, globalSuffix: 'a.b' },
      { ...base, globalSuffix: '' },
      { ...base, legacy: 'mixed' as const },
      { ...base, legacy: false as const, globalPrefix: '', prefixTimer: 't', globalSuffix: 's' },
      { ...base, legacy: false as const, prefixTimer: '' },
    ];
    for (const namespace of layouts) {
      const { send: sendPacket, flush } = printer({
        namespace,
        percentThresholds: [{ percent: 99.9, label: '99_9' }],
        calculatedTimerMetrics: ['upper', 'count_99_percent'],
      });
      sendPacket('a.b_c.upper:7|ms|#x:1,y:2\nz:1|ms');
      const data = part(flush(1000), 'timer_data');
      assert.is(
        data.replace(/\s+/g, ' '),
        "{ 'a.b_c.upper;x=1;y=2': { count_99_9: 1, upper: 7 }, z: { count_99_9: 1, upper: 1 } }",
      );
    }
  });

  it('finds timers whose names were kept as sent', () => {
    const { send: sendPacket, flush } = printer({
      keyNameSanitize: false,
      sanitizesSent: true,
      calculatedTimerMetrics: ['upper'],
    });
    sendPacket('a b/c!:7|ms');
    assert.is(part(flush(1000), 'timer_data'), "{ 'a b/c!': { upper: 7 } }");
  });

  it('shows an empty object for a timer of which nothing is sent', () => {
    const { send: sendPacket, flush } = printer({ calculatedTimerMetrics: ['nothing'] });
    sendPacket('t:7|ms');
    assert.is(part(flush(1000), 'timer_data'), '{ t: {} }');
  });

  it('keeps bins together, which only prettyprint goes deep enough to show', () => {
    const wish = {
      histograms: [{ metric: '', bins: [0.01, 10, Infinity], labels: ['0_01', '10', 'inf'] }],
      calculatedTimerMetrics: ['histogram', 'upper'],
    };
    const plain = printer(wish);
    plain.send('t:7|ms\nt:12|ms');
    const printed = plain.flush(1000);
    assert.is(part(printed, 'timer_data'), '{ t: { upper: 12, histogram: [Object] } }');
    const pretty = printer(wish, true);
    pretty.send('t:7|ms\nt:12|ms');
    const colored = pretty.flush(1000);
    assert.ok(colored.includes('\u001b[33m7\u001b[39m'));
    const bare = stripVTControlCharacters(colored);
    assert.match(bare, /histogram: \{ bin_0_01: 0, bin_10: 1, bin_inf: 1 \}/);
  });

  it('lists members as an object lists its keys, and any name', () => {
    const { send: sendPacket, flush } = printer();
    sendPacket('u:x|s\nu:30|s\nu:4|s\n__proto__:1|g');
    const printed = flush(1000);
    assert.is(part(printed, 'sets'), "{ u: [ '4', '30', 'x' ] }");
    assert.is(part(printed, 'gauges'), "{ ['__proto__']: 1 }");
  });

  it('has statistics of a timer that went over to bins', () => {
    const { send: sendPacket, flush } = printer({
      exactTimerValues: 2,
      calculatedTimerMetrics: ['upper', 'count'],
    });
    sendPacket('t:1|ms\nt:2|ms\nt:3|ms');
    const printed = flush(1000);
    assert.is(part(printed, 'timers'), '{ t: [] }');
    assert.is(part(printed, 'timer_data'), '{ t: { upper: 3, count: 3 } }');
  });

  it('takes no frame without its snapshot', () => {
    assert.throws(() => printer().backend.flush(frameOf(1000, {})), /a snapshot comes before/);
  });
});
