/**
 * Bytes that real client libraries sent, recorded; beside them what the console of the real StatsD
 * showed after them.
 */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { dialectCode } from '../../../src/config/dialects.ts';
import { assert, describe } from '../../support/suite.ts';
import type { Aggregator } from '../../../src/ingest/aggregate/aggregator.ts';
import { contents, makeAggregator, send } from './make.ts';

const FOLDER = 'test/conformance/statsd/clients';

/** Lines `udp "text"`, quoted as JSON but for \xNN. */
function feed(aggregator: Aggregator, file: string, dialect: number): void {
  for (const line of readFileSync(path.join(FOLDER, file), 'utf8').split('\n')) {
    const match = /^(udp|tcp) (".*")$/.exec(line);
    if (match === null) continue;
    const text = JSON.parse(match[2]!.replace(/\\x/g, '\\u00')) as string;
    send(aggregator, text, dialect, match[1] === 'tcp');
  }
}

/** The three objects that StatsD's console prints: counters, gauges, timers. */
function stateOf(text: string): Record<string, unknown>[] {
  return text
    .split('END')
    .slice(0, 3)
    .map((part) => {
      const quoted = part
        .replace(/'((?:[^'\\]|\\.)*)'/g, (_, inside: string) => JSON.stringify(inside))
        .replace(/([{,]\s*)([A-Za-z_]\w*):/g, '$1"$2":');
      return JSON.parse(quoted) as Record<string, unknown>;
    });
}

const files = readdirSync(FOLDER).filter((file) => !file.includes('.statsd-state.'));

describe('real clients', (it) => {
  for (const file of files) {
    const stateFile = path.join(FOLDER, file.replace('.txt', '.statsd-state.txt'));
    it(`${file}: read without a throw`, () => {
      for (const dialect of [dialectCode('statsd'), dialectCode('extended')])
        feed(makeAggregator(), file, dialect);
    });
    if (!readdirSync(FOLDER).includes(path.basename(stateFile))) continue;
    it(`${file}: StatsD's own state`, () => {
      const [counters, gauges, timers] = stateOf(readFileSync(stateFile, 'utf8'));
      const aggregator = makeAggregator({ exactTimerValues: 10_000 });
      feed(aggregator, file, dialectCode('statsd'));
      assert.equal(Object.fromEntries(aggregator.inspect('counters')), counters);
      assert.equal(contents(aggregator, 'gauges'), gauges);
      assert.equal(contents(aggregator, 'timers'), timers);
    });
  }
});
