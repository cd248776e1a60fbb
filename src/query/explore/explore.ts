/**
 * Targets for what is asked of tags: those of tagged series, and those that dotted names have by the rules
 * of `nameTags`. Each rule is asked for its own names by a find pattern, so that only those are looked at.
 */
import { overLimit } from '../../lib/errors.ts';
import type { SearchInSteps, TagExpression } from '../../storage/roles.ts';
import type { RequestLimit } from '../evaluate/request-limit.ts';
import { tagsOf } from '../target/tag-expression.ts';
import { writtenPath, writtenString } from '../target/scan.ts';
import type { ExploreQuery, Join } from './explore-query.ts';
import {
  type CompiledRule,
  type CompileGlob,
  patternOfRule,
  type Tags,
  tagsByRules,
} from './tags-of-names.ts';

/** Series of one question. */
const SERIES_MAX = 20_000;
/** Series that one line joins, as names in its target. */
const JOINED_MAX = 1000;
/** Names between two pauses. */
const NAMES_AT_ONCE = 100;

interface Member {
  name: string;
  tags: Tags;
}

interface ExploredTarget {
  target: string;
  alias: string;
  /** Of one series, its name. */
  name?: string;
  tags: Tags;
}

interface ExploredGroup {
  /** The tags that it was made by, empty where a series lacks one. */
  by: Tags;
  targets: ExploredTarget[];
  /** Series in it. */
  series: number;
}

export interface Explored {
  /** Tags that all series have alike. */
  common: Tags;
  groups: ExploredGroup[];
  /** Series found; targets answered and all there are. */
  series: number;
  shown: number;
  total: number;
}

const JOIN_FUNCTIONS: Record<Join, string> = {
  sum: 'sumSeries',
  avg: 'averageSeries',
  max: 'maxSeries',
  min: 'minSeries',
};

/** Names' tags by rules, and what reads the globs of questions. */
interface NameTags {
  rules: readonly CompiledRule[];
  compile: CompileGlob;
}

/** At most `most` targets; throws `overLimit` for what matches too much. */
export async function explore(
  store: SearchInSteps,
  nameTags: NameTags,
  query: ExploreQuery,
  limit: RequestLimit,
  most: number,
): Promise<Explored> {
  const members = await membersOf(store, nameTags, query, limit);
  const groups = new Map<string, Member[]>();
  for (const member of members) {
    const key = JSON.stringify(query.by.map((tag) => member.tags[tag] ?? ''));
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [member]);
    else group.push(member);
  }
  const common = commonTags(members);
  const varying = varyingTags(members, common, query.by);
  const answer: Explored = { common, groups: [], series: members.length, shown: 0, total: 0 };
  for (const [key, group] of [...groups].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const values = JSON.parse(key) as string[];
    const by = Object.fromEntries(query.by.map((tag, i) => [tag, values[i]!])); // one a tag
    const lines = query.join === undefined ? group.length : 1;
    const taken = Math.min(lines, most - answer.shown);
    answer.total += lines;
    answer.shown += taken;
    if (taken === 0) continue;
    const targets =
      query.join === undefined
        ? group.slice(0, taken).map((member) => lineOf(member, varying, values.join(' ')))
        : [joined(group, query.join, values.join(' '))];
    answer.groups.push({ by, targets, series: group.length });
    await limit.pause();
  }
  return answer;
}

async function membersOf(
  store: SearchInSteps,
  { rules, compile }: NameTags,
  query: ExploreQuery,
  limit: RequestLimit,
): Promise<Member[]> {
  const members: Member[] = [];
  const accept = acceptanceOf(query, compile);
  const take = (name: string, tags: Tags): void => {
    if (!accept(name, tags)) return;
    if (members.length >= SERIES_MAX) {
      throw overLimit(`over ${SERIES_MAX} series match, expected fewer: add a tag=value`);
    }
    members.push({ name, tags });
  };
  const wanted = new Map(
    query.terms.flatMap(({ tag, value, isNot }): [string, string][] =>
      isNot ? [] : [[tag, value]],
    ),
  );
  for (const [at, rule] of rules.entries()) {
    const pattern = patternOfRule(rule, wanted);
    if (pattern === undefined) continue;
    const found = await limit.run(store.finding(pattern, { limit: 5 * SERIES_MAX }));
    for (const [i, { path, leaf }] of found.entries()) {
      if (i % NAMES_AT_ONCE === NAMES_AT_ONCE - 1) {
        limit.spend(NAMES_AT_ONCE * rules.length);
        await limit.pause();
      }
      const read = leaf ? tagsByRules(path, rules) : undefined;
      // Names that fit an earlier rule were taken by that one.
      if (read?.at === at) take(path, read.tags);
    }
  }
  if (wanted.size === 0) return members;
  const expressions = [...wanted].map(([tag, value]): TagExpression => {
    const plain = /^[^*?[{]*/.exec(value)![0]; // empty at least
    // More than the glob: which of them are wanted is said by `accept`.
    const rest = plain === '' && !compile(value)('') ? '.+' : '.*';
    const begun = plain.replaceAll(/\W/g, String.raw`\$&`) + rest;
    return plain === value ? { tag, operator: '=', value } : { tag, operator: '=~', value: begun };
  });
  for (const { name } of await limit.run(store.findingTagged(expressions))) {
    take(name, tagsOf(name));
    if (members.length % NAMES_AT_ONCE === 0) await limit.pause();
  }
  return members;
}

/** Whether a series is wanted: all that is asked, whatever the finds looked at already. */
function acceptanceOf(
  { terms, words }: ExploreQuery,
  compile: CompileGlob,
): (name: string, tags: Tags) => boolean {
  const tests = terms.map(({ tag, value, isNot }) => {
    const matches = compile(value);
    return (tags: Tags): boolean => matches(tags[tag] ?? '') !== isNot;
  });
  return (name, tags) => {
    if (!tests.every((test) => test(tags))) return false;
    const folded = name.toLowerCase();
    return words.every((word) => folded.includes(word));
  };
}

/** Called by what differs within its group, else by what its group is called. */
function lineOf({ name, tags }: Member, varying: readonly string[], group: string): ExploredTarget {
  const alias = varying.flatMap((tag) => tags[tag] ?? []).join(' ') || group || name;
  return { target: aliased(writtenPath(name), alias), alias, name, tags };
}

function joined(group: readonly Member[], join: Join, alias: string): ExploredTarget {
  if (group.length > JOINED_MAX) {
    throw overLimit(
      `${group.length} series in one line, at most ${JOINED_MAX}: group by a tag, or name the rest`,
    );
  }
  const paths = group.map(({ name }) => writtenPath(name)).join(',');
  const shown = alias || join;
  return {
    target: aliased(`${JOIN_FUNCTIONS[join]}(${paths})`, shown),
    alias: shown,
    tags: commonTags(group),
  };
}

/** Quotes that the grammar has no way to write are left out of what is only a legend. */
function aliased(target: string, alias: string): string {
  const written = writtenString(alias) ?? writtenString(alias.replaceAll(/["\\\n\r]/g, '')) ?? '""';
  return `alias(${target},${written})`;
}

function commonTags(members: readonly Member[]): Tags {
  const [first, ...others] = members;
  const tags = Object.entries(first?.tags ?? {});
  return Object.fromEntries(
    tags.filter(([tag, value]) => others.every((other) => other.tags[tag] === value)),
  );
}

/** Tags by which lines differ within a group. */
function varyingTags(members: readonly Member[], common: Tags, by: readonly string[]): string[] {
  const all = new Set<string>();
  for (const { tags } of members) for (const tag of Object.keys(tags)) all.add(tag);
  return [...all].filter((tag) => common[tag] === undefined && !by.includes(tag));
}
