/**
 * Both stores against whisper itself (Debian's python3-whisper): the same points at the same times
 * into both, then every slot of every archive and answers to random questions are compared, to the
 * bit. What differs on purpose is in ring-model.ts; storage/ring/FORMAT.md says it in prose.
 * `TALLYD_ORACLE_CASES` is the number of series to play.
 */
import fs from 'node:fs';
import fc from 'fast-check';
import { MemoryStore } from '../../model/memory-store.ts';
import { RetentionRules } from '../../../src/storage/retention/rules.ts';
import type { Store } from '../../../src/storage/roles.ts';
import { MERGE_POINT } from '../../../src/wire/merge.ts';
import type { SampleReport } from '../../../src/wire/sample-batch.ts';
import { frameOf } from '../../support/frame.ts';
import { assert, describe, rounds } from '../../support/suite.ts';
import { openIn, temporaryFolder } from '../lmdb/open.ts';
import { points } from '../../support/points.ts';
import { hasOracle, ORACLE_MISSING } from './oracle.ts';
import { type Played, type Player, rawSlots, startPlayer } from './player.ts';
import { RingModel } from './ring-model.ts';
import { type Update, type World, worldArbitrary } from './world.ts';

const CASES = Number(process.env['TALLYD_ORACLE_CASES'] ?? rounds(12, 2000));
const SERIES = 20;
const TICKS = 160;

/** Updates in flight at a time. */
const BATCHES = [60, 12, 200, 40];

/** What was compared, over all worlds. */
const total = { worlds: 0, series: 0, updates: 0, slots: 0, answers: 0, spoiled: 0, uncertain: 0 };

/** Models of one series: whisper's and ours. */
interface Models {
  whisper: RingModel;
  ours: RingModel;
}

describe('against whisper', (it) => {
  if (!hasOracle()) {
    it.skipAloud('every slot and every answer', ORACLE_MISSING);
    return;
  }
  let player: Player;
  it.before(() => void (player = startPlayer()));
  it.after(() => player.close());

  it(
    'every slot and every answer',
    async () => {
      // A failure is not shrunk, which takes longer than the time limit; smaller worlds help.
      await fc.assert(
        fc.asyncProperty(worldArbitrary(SERIES, TICKS), (world) => compareWorld(player, world)),
        // A world has ten series on average.
        {
          numRuns: Math.ceil(CASES / rounds(3, 8)),
          includeErrorInReport: true,
          endOnFailure: true,
        },
      );
      console.error(`against whisper: ${JSON.stringify(total)}`);
      assert.ok(total.series >= CASES, `${total.series} series played, expected ${CASES}`);
      assert.ok(total.spoiled * 50 < total.slots, `${total.spoiled} slots differ on purpose`);
      assert.ok(total.uncertain * 200 < total.slots, `${total.uncertain} slots not compared`);
    },
    { timeoutMs: 60_000 + CASES * 60 },
  );
});

async function compareWorld(player: Player, world: World): Promise<void> {
  const { accepted, sent, refused } = whatCounts(world);
  const played = await player.play(world.series, sent, world.questions);
  assert.is(played.refused, refused.byWhisper, 'points that update refuses');
  const models = modelsOf(world, accepted);
  world.series.forEach((_, i) => compareModels(world, i, models[i]!, played.files[i]!));
  const dataDir = temporaryFolder();
  const rules = rulesOf(world);
  const lmdb = await openIn(dataDir, rules);
  try {
    for (const store of [new MemoryStore(rules), lmdb]) {
      const report = await feed(store, world);
      assert.equal([report.tooOld, report.inFuture], [refused.tooOld, refused.inFuture]);
      for (const i of world.series.keys()) await compareSlots(store, world, i, models[i]!.ours);
      await compareAnswers(store, world, played, models);
    }
  } finally {
    await lmdb.close();
    fs.rmSync(dataDir, { recursive: true });
  }
  total.worlds += 1;
  total.series += world.series.length;
  total.updates += world.updates.length;
}

interface Counted {
  accepted: Update[];
  /** What whisper is sent: without what would destroy other points. */
  sent: Update[];
  refused: { tooOld: number; inFuture: number; byWhisper: number };
}

/**
 * Ours refuse what is older than the archives, or more than one step ahead. `update` refuses all
 * that is ahead; `update_many` takes anything ahead and what is as old as the archives.
 */
function whatCounts({ series, updates }: World): Counted {
  const counted: Counted = {
    accepted: [],
    sent: [],
    refused: { tooOld: 0, inFuture: 0, byWhisper: 0 },
  };
  const { refused } = counted;
  for (const update of updates) {
    const { archives } = series[update.series]!;
    const longest = archives.at(-1)!.step * archives.at(-1)!.points;
    const kept: Update = { ...update, times: [], values: [] };
    update.times.forEach((time, i) => {
      const one = { ...update, times: [time], values: [update.values[i]!] };
      const age = update.now - time;
      const isTooOld = age >= longest;
      const isAhead = age < -archives[0]!.step;
      if (isTooOld) refused.tooOld += 1;
      if (isAhead) refused.inFuture += 1;
      if (!isTooOld && !isAhead) {
        kept.times.push(time);
        kept.values.push(one.values[0]!);
        if (!update.many) counted.sent.push({ ...one, many: age < 0 });
      } else if (!update.many) {
        refused.byWhisper += 1;
        counted.sent.push(one);
      }
    });
    if (kept.times.length === 0) continue;
    counted.accepted.push(kept);
    if (update.many) counted.sent.push(kept);
  }
  return counted;
}

function modelsOf({ series }: World, accepted: readonly Update[]): Models[] {
  const models = series.map(({ archives, method, xFilesFactor }): Models => {
    const make = (overwrites: boolean) => new RingModel(archives, method, xFilesFactor, overwrites);
    return { whisper: make(true), ours: make(false) };
  });
  for (const { series: index, now, many, times, values } of accepted) {
    const { whisper, ours } = models[index]!;
    if (many)
      whisper.updateMany(
        times.map((time, i) => [time, values[i]!] as const),
        now,
      );
    times.forEach((time, i) => {
      if (!many) whisper.update(time, values[i]!, now);
      ours.update(time, values[i]!, now);
    });
  }
  return models;
}

/** Whisper is as its model says, slot by slot; ours differs where the model says so. */
function compareModels(world: World, index: number, { whisper, ours }: Models, file: Buffer): void {
  const { archives } = world.series[index]!;
  rawSlots(file).forEach((slots, archiveIndex) => {
    const { step, points: room } = archives[archiveIndex]!;
    assert.is(slots.length, whisper.slots[archiveIndex]!.size);
    for (const { time, value } of slots) {
      const row = time / step;
      const held = whisper.slots[archiveIndex]!.get(row % room);
      const isSame = held?.row === row && Object.is(held.value, value);
      if (!isSame) fail(world, index, archiveIndex, row, held?.value ?? NaN, value, 'model');
    }
    const last = Math.floor(world.end / step) + 1;
    for (let row = last; row > last - room; row--) {
      const theirs = whisper.valueAt(archiveIndex, row);
      const own = ours.valueAt(archiveIndex, row);
      if (Object.is(theirs, own)) continue;
      total.spoiled += 1;
      if (!whisper.spoiled[archiveIndex]!.has(row)) {
        fail(world, index, archiveIndex, row, own, theirs, 'models');
      }
    }
  });
}

/** Points as they come; a third of those that come alone and in time come in frames. */
async function feed(store: Store, { series, updates }: World): Promise<SampleReport> {
  const sum = { stored: 0, notFinite: 0, tooOld: 0, inFuture: 0, overLimit: 0 };
  let waiting: Promise<SampleReport | void>[] = [];
  for (const [i, { series: index, now, times, values }] of updates.entries()) {
    const { name } = series[index]!;
    if (times.length === 1 && times[0] === now && i % 3 === 0) {
      const options = { merge: MERGE_POINT, firstId: index };
      waiting.push(store.append(frameOf(now, { [name]: values[0]! }, options)));
    } else {
      const names = times.map(() => name);
      waiting.push(store.append(points(names, times, values), now));
    }
    // Several at once may share a transaction.
    const batch = BATCHES[Math.floor(i / 50) % BATCHES.length]!;
    if (waiting.length < batch && i < updates.length - 1) continue;
    for (const report of await Promise.all(waiting)) {
      sum.tooOld += report?.tooOld ?? 0;
      sum.inFuture += report?.inFuture ?? 0;
    }
    waiting = [];
  }
  return sum;
}

/** Every archive as of the end, and the last lap that it holds, as an export reads it. */
async function compareSlots(
  store: Store,
  world: World,
  index: number,
  model: RingModel,
): Promise<void> {
  const { name, archives } = world.series[index]!;
  const found = store.lookup(name);
  if (found === undefined) {
    assert.ok(
      archives.every((_, i) => model.slots[i]!.size === 0),
      `${name} is not there`,
    );
    return;
  }
  const newest = store.newestTimes(found.id);
  for (const [archiveIndex, { step, points: room }] of archives.entries()) {
    const live = Math.floor(world.end / step) - room;
    const last = model.newestRow(archiveIndex);
    if (last > live) assert.is(newest[archiveIndex], last * step, `newest of ${name}`);
    else assert.ok(newest[archiveIndex]! <= Math.max(0, last * step), `newest of ${name}`);
    for (const now of new Set([world.end, newest[archiveIndex]!])) {
      if (now === 0) continue;
      const [fetched] = await store.fetch([found.id], now - step * room, now, now);
      assert.is(fetched?.archiveIndex, archiveIndex);
      fetched!.values.forEach((value, i) => {
        const row = fetched!.start / step + i;
        const expected = model.valueAt(archiveIndex, row);
        total.slots += 1;
        if (model.uncertain[archiveIndex]!.has(row)) total.uncertain += 1;
        else if (!Object.is(value, expected) && !(row <= live && Number.isNaN(value))) {
          fail(world, index, archiveIndex, row, value, expected, store.constructor.name);
        }
      });
    }
  }
}

async function compareAnswers(
  store: Store,
  world: World,
  { fetches }: Played,
  models: readonly Models[],
): Promise<void> {
  for (const [i, { series: index, from, until, now }] of world.questions.entries()) {
    const { name } = world.series[index]!;
    const found = store.lookup(name);
    if (found === undefined) continue;
    const [fetched] = await store.fetch([found.id], from, until, now);
    const theirs = fetches[i];
    const about = `${name} ${from - now}..${until - now}`;
    assert.equal(
      fetched && [fetched.start, fetched.end, fetched.step],
      theirs && [theirs.start, theirs.end, theirs.step],
      about,
    );
    total.answers += 1;
    theirs?.values.forEach((expected, j) => {
      const value = fetched!.values[j]!;
      const { archiveIndex, start, step } = fetched!;
      const row = start / step + j;
      const { whisper, ours } = models[index]!;
      if (Object.is(value, expected)) return;
      if (whisper.spoiled[archiveIndex]!.has(row) || ours.uncertain[archiveIndex]!.has(row)) return;
      fail(world, index, archiveIndex, row, value, expected, `${store.constructor.name} ${about}`);
    });
  }
}

function fail(
  world: World,
  index: number,
  archiveIndex: number,
  row: number,
  value: number,
  expected: number,
  about: string,
): never {
  const { archives, method, xFilesFactor } = world.series[index]!;
  const { step } = archives[archiveIndex]!;
  const text = archives.map((one) => `${one.step}:${one.points}`).join();
  assert.unreachable(
    `${about}: series ${index} (${text} ${method} ${xFilesFactor}), archive ${archiveIndex}, ` +
      `${world.end - row * step} s before the end: ${value}, expected ${expected}`,
  );
  throw new Error('unreachable');
}

function rulesOf({ series }: World): RetentionRules {
  const source = (pattern: string) => ({ file: undefined, line: 0, section: pattern, pattern });
  return new RetentionRules(
    series.map(({ name, archives }) => ({ source: source(`^${name}$`), archives })),
    series.map(({ name, method: aggregationMethod, xFilesFactor }) => {
      return { source: source(`^${name}$`), aggregationMethod, xFilesFactor };
    }),
  );
}
