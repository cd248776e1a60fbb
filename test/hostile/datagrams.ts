/**
 * The doors for lines: odd and mutated lines of all dialects and of carbon, in packets of up to
 * 64 KiB, through the aggregator and what becomes of its flushes in a real store. A round is a line.
 *
 * Lines come in lives: a server of its own configuration, its store, a few flushes. Each life has a
 * seed of its own, so that one is run again by `--seed` and the rounds of a life.
 */
import fs from 'node:fs';
import type { AggregationConfig } from '../../src/config/config.ts';
import { dialectCode, DIALECT_NAMES } from '../../src/config/dialects.ts';
import { DEFAULT_CONFIG, loadConfig } from '../../src/config/load.ts';
import { temporaryFolder, openIn } from '../storage/lmdb/open.ts';
import { rulesOf } from '../storage/rules-of.ts';
import { CarbonDoor } from './carbon-door.ts';
import { addTally, Complaints, Dice, type Kind, type Tally, unaccounted } from './kind.ts';
import { carbonLines, statsdLines } from './odd-lines.ts';
import { residentMb, StallWatch } from './stall.ts';
import { Stored } from './stored.ts';
import { Twins } from './twins.ts';

const NOW = 1_700_000_000;
const LINES_A_LIFE = 60_000;
const LINES_A_FLUSH = 15_000;
const PACKET_BYTES_MAX = 65_507;
const STALL_MS_MAX = 100;
const RSS_MB_MAX = 1000;
const ALL = DIALECT_NAMES.map(dialectCode);
const RULES = { '^stats.counters': '10s:30m,1m:2h', '': '10s:1h' };

export const datagrams: Kind = {
  name: 'datagrams',
  rounds: 1_000_000,
  short: 4000,
  async run(rounds, seed, print) {
    const complaints = new Complaints();
    const watch = new StallWatch(STALL_MS_MAX);
    const sums: Record<string, number> = {};
    const tally: Tally = { received: 0, kept: 0, counted: 0 };
    let rssMost = 0;
    for (let life = 0, done = 0; done < rounds; life++, done += LINES_A_LIFE) {
      const lines = Math.min(LINES_A_LIFE, rounds - done);
      const where = `--seed ${seed + life} --rounds ${lines}`;
      try {
        const { faults, counts, tallies } = await live(seed + life, lines, watch);
        for (const one of tallies) addTally(tally, one);
        for (const fault of faults) complaints.add(fault, where);
        for (const [what, count] of Object.entries(counts)) sums[what] = (sums[what] ?? 0) + count;
      } catch (error) {
        complaints.add(`thrown: ${(error as Error).stack}`, where);
      }
      for (const { what, ms } of watch.stalls.splice(0)) {
        complaints.add(`${Math.round(ms)} ms: ${what}`, where);
      }
      rssMost = Math.max(rssMost, residentMb());
      if (rssMost > RSS_MB_MAX) complaints.add(`memory of ${RSS_MB_MAX} MB`, where);
    }
    for (const what of Object.keys(sums)) if (sums[what] === 0) delete sums[what];
    print(JSON.stringify(sums));
    const figures = { what: 'lines', ...tally, longestMs: watch.worstMs };
    return { wrong: [...complaints.list, ...unaccounted(figures)], ...figures };
  },
};

async function live(
  seed: number,
  count: number,
  watch: StallWatch,
): Promise<{ faults: string[]; counts: Record<string, number>; tallies: Tally[] }> {
  const dice = new Dice(seed);
  const config = oddConfig(dice);
  const folder = temporaryFolder();
  const store = await openIn(folder, rulesOf(RULES), { futureToleranceMs: 60_000 });
  try {
    const twins = new Twins(config, watch);
    const carbon = new CarbonDoor(watch);
    const stored = new Stored(store, config, dice);
    // A name that StatsD left as it was sent, with blanks, is found by the other dialects as it is.
    const own = [dice.pick(ALL)];
    let now = NOW;
    for (let left = count; left > 0; left -= LINES_A_FLUSH) {
      now += 10;
      twins.nowSeconds = now - 1;
      const lines = Math.min(left, LINES_A_FLUSH);
      send(lines, dice, { twins, carbon, now, dialects: config.keyNameSanitize ? ALL : own });
      const { batch, nameOf } = twins.flush(now);
      await stored.flush(batch, nameOf);
      twins.forget(batch);
      for (const part of twins.timed(now)) await stored.put(part, now);
      for (const part of carbon.take()) await stored.put(part, now);
      await stored.take(twins.events(), now);
    }
    await stored.readSketches(now);
    const counts = { ...twins.counts(), 'carbon refused': carbon.refused };
    for (const [what, sum] of Object.entries(stored.totals)) {
      Object.assign(counts, { [`samples ${what}`]: sum });
    }
    const faults = [...twins.faults, ...carbon.faults, ...stored.faults];
    return { faults, counts, tallies: [twins.tally, carbon.tally] };
  } finally {
    await store.close();
    fs.rmSync(folder, { recursive: true });
  }
}

interface Doors {
  twins: Twins;
  carbon: CarbonDoor;
  now: number;
  dialects: readonly number[];
}

function send(count: number, dice: Dice, { twins, carbon, now, dialects }: Doors): void {
  const lines = statsdLines(Math.ceil(count * 0.8), dice);
  const points = carbonLines(count - lines.length, dice);
  // What is meant for the other port comes too.
  for (let i = 0; i < points.length / 10; i++) {
    const [a, b] = [dice.whole(lines.length), dice.whole(points.length)];
    [lines[a], points[b]] = [points[b]!, lines[a]!];
  }
  for (const packet of packets(lines, dice)) {
    const sender = `10.0.0.${dice.whole(3)}`;
    twins.packet(packet, dice.pick(dialects), dice.chance(0.3), sender);
  }
  for (const packet of packets(points, dice)) carbon.packet(packet, now, `10.0.0.${dice.whole(3)}`);
}

/** Mostly full ones, some of a few lines. */
function* packets(lines: readonly Buffer[], dice: Dice): Generator<Buffer[]> {
  let packet: Buffer[] = [];
  let bytes = 0;
  let most = PACKET_BYTES_MAX;
  for (const line of lines) {
    if (bytes + line.length + 1 > most && packet.length > 0) {
      yield packet;
      packet = [];
      bytes = 0;
      most = dice.chance(0.5) ? PACKET_BYTES_MAX : 1 + dice.whole(1500);
    }
    packet.push(line);
    bytes += line.length + 1;
  }
  if (packet.length > 0) yield packet;
}

/** Of an aggregation that is not the default one, with limits that are reached. */
function oddConfig(dice: Dice): AggregationConfig {
  const percentThreshold = dice.pick([90, [50, 90, 99.9, -10], [0, 100, -100], [90, 90]]);
  const text = JSON.stringify({
    percentThreshold,
    // Nobody else takes -100.
    ...(JSON.stringify(percentThreshold).includes('-100') ? { dialect: 'statsd' } : {}),
    histogram: dice.pick([[], [{ metric: '', bins: [0, 10, 100, 'inf'] }]]),
    keyNameSanitize: dice.chance(0.7),
    deleteIdleStats: dice.chance(0.3),
    deleteGauges: dice.chance(0.2),
    flushCounts: dice.chance(0.7),
    maxSetMembers: dice.pick([5, 100_000]),
    maxNameBytes: dice.pick([64, 1024]),
    graphite: { legacyNamespace: dice.chance(0.7), globalPrefix: dice.pick(['stats', 'x.y']) },
  });
  const read = loadConfig({ file: 'odd.json', text, env: {}, flags: {} });
  const fault = read.findings.find(({ severity }) => severity === 'error');
  if (fault !== undefined) throw new Error(fault.text);
  return {
    ...read.config.aggregation,
    exactTimerValues: dice.pick([0, 2, DEFAULT_CONFIG.aggregation.exactTimerValues]),
    maxSeries: dice.pick([50, 20_000, 20_000, 1_000_000]),
    maxSeriesPerPrefix: dice.pick([20, 1000, 250_000]),
    maxSeriesPerSource: dice.pick([100, 10_000, 500_000]),
  };
}
