/**
 * What a server must have counted after so many lines: each line read alone, by an aggregator of its
 * own. The server reads the same ones packed, cut and mixed with others.
 */
import { DEFAULT_CONFIG } from '../../src/config/load.ts';
import { Aggregator } from '../../src/ingest/aggregate/aggregator.ts';
import { dialectCode } from '../../src/config/dialects.ts';
import { readCarbonLines } from '../support/carbon-lines.ts';

/** Lines by what became of them, and their samples. */
export interface Expected {
  lines: number;
  /** All of their samples were taken. */
  taken: number;
  /** Some of them were. */
  partly: number;
  /** Lines without a sample that was taken, by the reason of the first. */
  refused: Record<string, number>;
  samples: number;
  badSamples: Record<string, number>;
  notices: number;
}

export function expectedOfStatsd(lines: readonly Buffer[], dialect: string): Expected {
  const expected = nothing(lines.length);
  const code = dialectCode(dialect as 'statsd');
  let aggregator = newAggregator();
  let before = aggregator.health();
  lines.forEach((line, i) => {
    aggregator.packet(line, 0, line.length, code, true);
    const after = aggregator.health();
    const samples = after.metrics - before.metrics;
    const notices = after.events - before.events + after.checks - before.checks;
    const reasons = Object.entries(after.badLines)
      .map(([reason, count]) => ({ reason, count: count - (before.badLines[reason] ?? 0) }))
      .filter(({ count }) => count > 0);
    for (const { reason, count } of reasons) add(expected.badSamples, reason, count);
    expected.samples += samples;
    expected.notices += notices;
    if (after.lines - before.lines !== 1) throw new Error(`no line: ${line.toString('latin1')}`);
    const isTaken = samples + notices > 0;
    if (!isTaken && reasons[0] === undefined) {
      throw new Error(`neither taken nor refused: ${line.toString('latin1')}`);
    }
    if (!isTaken)
      add(expected.refused, reasons[0]!.reason, 1); // there is one
    else if (reasons.length > 0) expected.partly += 1;
    else expected.taken += 1;
    before = after;
    // Tables that grow for ever would make each of the next ones slower to count.
    if (i % 2000 !== 1999) return;
    aggregator = newAggregator();
    before = aggregator.health();
  });
  return expected;
}

export function expectedOfCarbon(lines: readonly Buffer[]): Expected {
  const expected = nothing(lines.length);
  const rules = { nowSeconds: 0, nameBytesMax: DEFAULT_CONFIG.aggregation.maxNameBytes };
  for (const line of lines) {
    let outcomes = 0;
    readCarbonLines(line, 0, line.length, rules, {
      point: () => {
        outcomes += 1;
        expected.taken += 1;
        expected.samples += 1;
      },
      reject: (reason) => {
        outcomes += 1;
        add(expected.refused, reason, 1);
        add(expected.badSamples, reason, 1);
      },
    });
    // Blanks alone are no line to carbon.
    if (outcomes === 0) expected.lines -= 1;
    if (outcomes > 1) throw new Error(`counted twice: ${line.toString('latin1')}`);
  }
  return expected;
}

export function joined(all: readonly Expected[]): Expected {
  const sum = nothing(0);
  for (const one of all) {
    for (const key of ['lines', 'taken', 'partly', 'samples', 'notices'] as const) {
      sum[key] += one[key];
    }
    for (const [reason, count] of Object.entries(one.refused)) add(sum.refused, reason, count);
    for (const [reason, count] of Object.entries(one.badSamples)) {
      add(sum.badSamples, reason, count);
    }
  }
  return sum;
}

function nothing(lines: number): Expected {
  const none = { taken: 0, partly: 0, samples: 0, notices: 0 };
  return { lines, ...none, refused: {}, badSamples: {} };
}

function add(counts: Record<string, number>, reason: string, count: number): void {
  counts[reason] = (counts[reason] ?? 0) + count;
}

function newAggregator(): Aggregator {
  const options = { wantSketches: false, hashSeed: 0x5eed };
  const aggregator = new Aggregator(DEFAULT_CONFIG.aggregation, options);
  aggregator.nowSeconds = Math.floor(Date.now() / 1000);
  return aggregator;
}
