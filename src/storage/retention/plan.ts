/**
 * What the rules would change in the series of a store: how their retention differs from what their
 * names get now, in groups, and what a change does to their points. For `retention plan` and
 * `apply`, and for the count of schema mismatches in the health report.
 */
import type { SeriesInfo } from '../roles.ts';
import type { Archive } from './archives.ts';
import { formatRetentions } from './retentions.ts';
import type { Resolved, RetentionRules } from './rules.ts';
import { seriesBytesMax } from './size.ts';

/** What happens to points of some ages. */
export interface PlanEffect {
  /** `kept`: a longer retention keeps points that would have been dropped. */
  kind: 'lost' | 'coarser' | 'finer' | 'kept';
  /** Ages in seconds: from, exclusive, to, inclusive. */
  fromAge: number;
  toAge: number;
  /** Seconds between points before and after; absent where there are none. */
  fromStep?: number;
  toStep?: number;
}

/** Series that change from one retention to another because of the same lines. */
export interface PlanGroup {
  series: number;
  /** One of them. */
  example: string;
  from: SeriesInfo;
  to: Resolved;
  /** Worst case, all series together. */
  bytesBefore: number;
  bytesAfter: number;
  /** Of full archives, all series together. */
  pointsLost: number;
  pointsCoarser: number;
  effects: PlanEffect[];
}

/** The retention that the rules want for a series, undefined when it has it already. */
export function changeOf(rules: RetentionRules, info: SeriesInfo): Resolved | undefined {
  const wanted = rules.resolve(info.name);
  return fits(info, wanted) ? undefined : wanted;
}

/** Whisper's factors are float32: 0.1 and what an imported file says for it are the same. */
function fits(info: SeriesInfo, wanted: Resolved): boolean {
  return (
    info.aggregationMethod === wanted.aggregationMethod &&
    Math.fround(info.xFilesFactor) === Math.fround(wanted.xFilesFactor) &&
    sameArchives(info.archives, wanted.archives)
  );
}

function sameArchives(a: readonly Archive[], b: readonly Archive[]): boolean {
  return (
    a.length === b.length &&
    a.every(({ step, points }, i) => step === b[i]!.step && points === b[i]!.points)
  );
}

export class RetentionPlan {
  /** Series that were compared, also those that match. */
  series = 0;
  changes = 0;
  bytesBefore = 0;
  bytesAfter = 0;
  private readonly rules: RetentionRules;
  private readonly byKey = new Map<string, PlanGroup>();

  constructor(rules: RetentionRules) {
    this.rules = rules;
  }

  /** Counts a series; returns what `changeOf` does. */
  add(info: SeriesInfo): Resolved | undefined {
    const to = changeOf(this.rules, info);
    const before = seriesBytesMax(info.archives);
    const after = to === undefined ? before : seriesBytesMax(to.archives);
    this.series += 1;
    this.bytesBefore += before;
    this.bytesAfter += after;
    if (to === undefined) return undefined;
    this.changes += 1;
    const key = keyOf(info, to);
    const group = this.byKey.get(key) ?? newGroup(info, to);
    this.byKey.set(key, group);
    group.series += 1;
    group.bytesBefore += before;
    group.bytesAfter += after;
    group.pointsLost += pointsOf(group.effects, 'lost');
    group.pointsCoarser += pointsOf(group.effects, 'coarser');
    return to;
  }

  /** The largest first. */
  get groups(): PlanGroup[] {
    return [...this.byKey.values()].sort((a, b) => b.series - a.series);
  }
}

/** What a change of archives does to points, by age; neighbours of one kind are joined. */
function effectsOf(from: readonly Archive[], to: readonly Archive[]): PlanEffect[] {
  const ages = [...new Set([...from, ...to].map(({ step, points }) => step * points))];
  ages.sort((a, b) => a - b);
  const effects: PlanEffect[] = [];
  let fromAge = 0;
  for (const toAge of ages) {
    const effect = effectAt(from, to, fromAge, toAge);
    const last = effects.at(-1);
    if (effect !== undefined) {
      const continues =
        last?.kind === effect.kind &&
        last.toAge === fromAge &&
        last.fromStep === effect.fromStep &&
        last.toStep === effect.toStep;
      if (continues) last.toAge = toAge;
      else effects.push(effect);
    }
    fromAge = toAge;
  }
  return effects;
}

function effectAt(
  from: readonly Archive[],
  to: readonly Archive[],
  fromAge: number,
  toAge: number,
): PlanEffect | undefined {
  const stepAt = (archives: readonly Archive[]) =>
    archives.find(({ step, points }) => step * points >= toAge)?.step;
  const [fromStep, toStep] = [stepAt(from), stepAt(to)];
  if (fromStep === toStep) return undefined;
  const ages = { fromAge, toAge };
  if (toStep === undefined) return { kind: 'lost', ...ages, fromStep: fromStep! };
  if (fromStep === undefined) return { kind: 'kept', ...ages, toStep };
  return { kind: toStep > fromStep ? 'coarser' : 'finer', ...ages, fromStep, toStep };
}

function pointsOf(effects: readonly PlanEffect[], kind: PlanEffect['kind']): number {
  return effects.reduce((sum, effect) => {
    if (effect.kind !== kind || effect.fromStep === undefined) return sum;
    return sum + Math.floor((effect.toAge - effect.fromAge) / effect.fromStep);
  }, 0);
}

function newGroup(info: SeriesInfo, to: Resolved): PlanGroup {
  const effects = effectsOf(info.archives, to.archives);
  const none = { series: 0, bytesBefore: 0, bytesAfter: 0, pointsLost: 0, pointsCoarser: 0 };
  return { ...none, example: info.name, from: info, to, effects };
}

function keyOf(info: SeriesInfo, to: Resolved): string {
  const kept = [info, to].map(({ archives, aggregationMethod, xFilesFactor }) => [
    formatRetentions(archives),
    aggregationMethod,
    Math.fround(xFilesFactor),
  ]);
  const rules = [to.schema, to.aggregation].map(({ file, line, section }) => [file, line, section]);
  return JSON.stringify([kept, rules]);
}
