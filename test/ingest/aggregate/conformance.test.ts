/**
 * The cases recorded from the real StatsD, replayed in process: packets in, names and values of the
 * flush out. Cases about sockets, the console, backends and reloads are replayed end to end
 * elsewhere; they are told by what they hold, not by their ids.
 */
import { readFileSync } from 'node:fs';
import { loadConfig } from '../../../src/config/load.ts';
import type { AggregationConfig } from '../../../src/config/config.ts';
import { Aggregator } from '../../../src/ingest/aggregate/aggregator.ts';
import { dialectCode } from '../../../src/config/dialects.ts';
import { assert, describe } from '../../support/suite.ts';
import { flushOf, type Emitted } from './flushing.ts';

type Packet = string | { hex: string } | { repeat: [string, number] };

interface Step {
  packets?: Packet[];
  reload?: object;
  expected?: Record<string, unknown>;
  internal?: Record<string, unknown>;
  want?: Record<string, number>;
}

interface Case extends Step {
  id: string;
  config: Record<string, unknown>;
  steps?: Step[];
  transport?: string;
  raw_lines?: string[];
  [feature: string]: unknown;
}

const CASES = readFileSync('test/conformance/statsd/conformance.jsonl', 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Case);

/** Sockets of other kinds, the console, other backends. */
const ELSEWHERE = ['mgmt', 'repeater', 'stdout'];
/** Values that hang on the wall clock, and the lines that the Graphite backend itself adds. */
const BACKEND = /(^|\.)(graphiteStats\.\w+|processing_time|timestamp_lag|numStats)(\.|;|$)/;

function isInProcess(one: Case): boolean {
  const parts: object[] = [one, ...(one.steps ?? [])];
  if (ELSEWHERE.some((feature) => parts.some((part) => feature in part))) return false;
  return one.transport === undefined || one.transport === 'udp6';
}

function configOf(given: object): AggregationConfig {
  const text = JSON.stringify({ flushInterval: 500, ...given });
  const env = { TALLYD_DIALECT: 'statsd' };
  const { config } = loadConfig({ file: 'config.js', text, env, flags: {} });
  return config.aggregation;
}

function bytesOf(packet: Packet): Uint8Array {
  if (typeof packet === 'string') return Buffer.from(packet);
  if ('hex' in packet) return Buffer.from(packet.hex, 'hex');
  return Buffer.from(packet.repeat[0].repeat(packet.repeat[1]));
}

function replay(one: Case): void {
  const aggregator = new Aggregator(configOf(one.config), { wantSketches: false, hashSeed: 7 });
  const names = new Map<number, string>();
  let time = 1_700_000_000;
  flushOf(aggregator, time, names);
  for (const step of one.steps ?? [one]) {
    if (step.reload !== undefined && one.config['automaticConfigReload'] !== false) {
      aggregator.reconfigure(configOf(step.reload), false);
    }
    for (const packet of step.packets ?? []) {
      const bytes = bytesOf(packet);
      aggregator.packet(bytes, 0, bytes.length, dialectCode('statsd'), false);
    }
    time += 1;
    compare(step, flushOf(aggregator, time, names), one.id);
  }
}

function compare(step: Step, emitted: Emitted, id: string): void {
  if (step.want !== undefined) {
    for (const [name, value] of Object.entries(step.want)) {
      assert.equal(emitted.values.get(name), [value], `${id}: ${name}`);
    }
    return;
  }
  const wanted = new Map<string, unknown[]>();
  for (const [name, value] of Object.entries({ ...step.expected, ...step.internal })) {
    if (/(^|\.)numStats(\.|;|$)/.test(name))
      assert.is(emitted.metricCount, value, `${id} numStats`);
    else wanted.set(name, Array.isArray(value) ? value : [value]);
  }
  const got = new Map<string, unknown[]>();
  for (const [name, values] of emitted.values) {
    if (BACKEND.test(name) || /\s/.test(name)) continue;
    got.set(
      name,
      values.map((value) => (Number.isFinite(value) ? value + 0 : String(value))),
    );
  }
  assert.equal(sorted(got), sorted(wanted), id);
}

function sorted(values: Map<string, unknown[]>): [string, unknown[]][] {
  return [...values].sort(([a], [b]) => (a < b ? -1 : 1));
}

describe('StatsD, recorded cases in process', (it) => {
  const categories = new Map<string, Case[]>();
  for (const one of CASES.filter(isInProcess)) {
    const category = one.id.replace(/-\d+$/, '');
    categories.set(category, [...(categories.get(category) ?? []), one]);
  }
  for (const [category, cases] of categories) {
    it(`${category}: ${cases.length} cases`, () => {
      for (const one of cases) replay(one);
    });
  }
  it('is most of the corpus', () => {
    assert.ok(CASES.filter(isInProcess).length > CASES.length * 0.8);
  });
});
