/**
 * The door for configuration: files of every kind, odd and broken. A round is a configuration. The
 * loader answers with findings, a sentence each, and throws nothing; what it has no error for can be
 * used; `check` ends with 0 or 2.
 */
import fs from 'node:fs';
import path from 'node:path';
import { readSettings, type SettingsRead } from '../../src/cli/settings.ts';
import { dialectCode } from '../../src/config/dialects.ts';
import { Aggregator } from '../../src/ingest/aggregate/aggregator.ts';
import { CarbonPipeline, ruleRejections } from '../../src/intake/carbon-pipeline.ts';
import { SketchRules } from '../../src/storage/retention/sketch-rules.ts';
import { SeriesNames } from '../../src/wire/series-names.ts';
import { runHere } from '../cli/run-here.ts';
import { temporaryFolder } from '../storage/lmdb/open.ts';
import { points } from '../support/points.ts';
import { Complaints, Dice, type Kind, unaccounted } from './kind.ts';
import { writeConfig } from './odd-configs.ts';
import { StallWatch } from './stall.ts';

const NOW = 1_700_000_000;
/** Of a start, which nobody waits for at the doors. */
const LOAD_MS_MAX = 1000;
const CHECK_EVERY = 5;
const NAMES = [
  'app.web.hits',
  'stats.timers.a.upper_90',
  'a;b=c',
  'x',
  `${'a'.repeat(200)}!`,
  'a.'.repeat(200) + 'b',
];

export const configs: Kind = {
  name: 'configs',
  rounds: 10_000,
  short: 150,
  async run(rounds, seed, print) {
    const complaints = new Complaints();
    const watch = new StallWatch(LOAD_MS_MAX);
    const sums = { accepted: 0, warned: 0, refused: 0, checked: 0 };
    const folder = temporaryFolder();
    try {
      for (let i = 0; i < rounds; i++) {
        const dice = new Dice(seed + i);
        const where = `--seed ${seed + i} --rounds 1`;
        const own = path.join(folder, String(i));
        fs.mkdirSync(own);
        const file = writeConfig(own, dice);
        try {
          const errors = judge(file, watch, sums, (fault) => complaints.add(fault, where));
          if (i % CHECK_EVERY === 0) {
            const { code, stderr } = await runHere(['check', file]);
            sums.checked += 1;
            const isRight = code === 2 || (code === 0 && errors === 0);
            if (!isRight) complaints.add(`check ends with ${code}, ${errors} errors`, where);
            if (/^\s+at .*:\d+:\d+\)?$/m.test(stderr))
              complaints.add(`check tells of its own code`, where);
          }
        } catch (error) {
          complaints.add(`thrown: ${(error as Error).stack}`, where);
        }
        for (const { what, ms } of watch.stalls.splice(0)) {
          complaints.add(`${Math.round(ms)} ms: ${what}`, where);
        }
        fs.rmSync(own, { recursive: true });
      }
    } finally {
      fs.rmSync(folder, { recursive: true });
    }
    print(JSON.stringify(sums));
    const figures = {
      what: 'configurations',
      received: rounds,
      kept: sums.accepted + sums.warned,
      counted: sums.refused,
      longestMs: watch.worstMs,
    };
    return { wrong: [...complaints.list, ...unaccounted(figures)], ...figures };
  },
};

type Counts = Record<'accepted' | 'warned' | 'refused', number>;

/** The number of errors. */
function judge(
  file: string,
  watch: StallWatch,
  sums: Counts,
  fault: (what: string) => void,
): number {
  const read = watch.run('the loader', () => readSettings(file, {}, {}));
  const errors = read.findings.filter(({ severity }) => severity === 'error').length;
  for (const { text } of read.findings) {
    if (text.length < 10 || text.length > 700 || /\n|\[object|undefined, expected/.test(text)) {
      fault(`no sentence: ${JSON.stringify(text.slice(0, 300))}`);
    }
  }
  if (errors > 0) sums.refused += 1;
  else if (read.findings.length > 0) sums.warned += 1;
  else sums.accepted += 1;
  if (errors === 0) watch.run('its use', () => use(read));
  return errors;
}

/** As a start does with what it read, and a flush after it. */
function use({ config, rules, sketches, carbonRules }: SettingsRead): void {
  const sketchRules = new SketchRules(sketches.schemas);
  for (const name of NAMES) {
    rules.resolve(name);
    sketchRules.archivesOf(name);
  }
  const names = new SeriesNames();
  const pipeline = new CarbonPipeline(carbonRules, ruleRejections());
  const batch = points(
    NAMES,
    NAMES.map(() => NOW),
    NAMES.map((_, i) => i),
  );
  names.learn(batch.series);
  pipeline.apply(batch, names, NOW);
  pipeline.rest();
  const aggregator = new Aggregator(config.aggregation, { wantSketches: true, hashSeed: 1 });
  const lines = Buffer.from(
    NAMES.map((name, i) => `${name}:${i}|${['c', 'g', 'ms', 's'][i % 4]}\n`).join(''),
  );
  aggregator.packet(lines, 0, lines.length, dialectCode('extended'), false);
  aggregator.beginFlush(NOW);
  while (aggregator.continueFlush(100, () => performance.now()) === undefined);
}
