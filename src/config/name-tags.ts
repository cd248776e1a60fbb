/**
 * The option `nameTags`: rules by which dotted names have tags, for `/explore`. A rule is a pattern of
 * nodes, and tags that all its names have:
 *
 *     stats.timers.<service>.<<what>>.<stat> kind=timer
 *     collectd.<host>.cpu-<core>.cpu-<state> plugin=cpu
 *     stats.timers.<host:{web,db}*>.<<what>>.<stat> kind=timer
 *
 * `<service>` is one node, or what is left of it beside other text; `<<what>>` is one node or more, once
 * in a rule; `<host:web*>` is one that a glob matches; `*` is any node. A name has the tags of the first
 * rule that it fits. Rules of the file come before those that come with tallyd.
 */
import { type Reader, show } from './values.ts';

/** One node of a rule: literal text, or what a tag is read from. */
export interface RuleNode {
  before: string;
  after: string;
  /** Undefined: the node is `before` and nothing else, or `*` where it is any. */
  tag: string | undefined;
  /** A glob that the tag's value must match; `*` for any. */
  glob: string;
  /** One node or more. */
  isMany: boolean;
}

export interface NameTagRule {
  nodes: RuleNode[];
  /** Tags that all names of the rule have. */
  tags: Readonly<Record<string, string>>;
}

const RULES_MAX = 200;
const WORD = /^[A-Za-z_]\w*$/;
const CAPTURE = /^([^<>]*)<([A-Za-z_]\w*)(?::([^<>]+))?>([^<>]*)$/;
const MANY = /^<<([A-Za-z_]\w*)>>$/;

/** Rules for the names that StatsD, collectd and Diamond make. */
const SHIPPED = [
  'stats.timers.<service>.<<what>>.<stat> kind=timer',
  'stats.timers.<service>.<stat> kind=timer',
  'stats.gauges.<service>.<<what>> kind=gauge',
  'stats.sets.<service>.<<what>>.<stat> kind=set',
  'stats.counters.<service>.<<what>>.<stat> kind=counter',
  'stats_counts.<service>.<<what>> kind=counter stat=count',
  'stats.<service>.<<what>> kind=counter stat=rate',
  'collectd.<host>.cpu-<core>.cpu-<stat> plugin=cpu type=cpu',
  'collectd.<host>.cpu-<core>.percent-<stat> plugin=cpu type=percent',
  'collectd.<host>.interface-<device>.<type>.<stat> plugin=interface',
  'collectd.<host>.disk-<device>.<type>.<stat> plugin=disk',
  'collectd.<host>.df-<mountpoint>.df_complex-<stat> plugin=df type=df_complex',
  'collectd.<host>.df-<mountpoint>.percent_bytes-<stat> plugin=df type=percent_bytes',
  'collectd.<host>.<plugin>.<<stat>>',
  'servers.<host>.cpu.<core>.<stat> plugin=cpu',
  'servers.<host>.network.<device>.<stat> plugin=network',
  'servers.<host>.diskspace.<mountpoint>.<stat> plugin=diskspace',
  'servers.<host>.iostat.<device>.<stat> plugin=iostat',
  'servers.<host>.<plugin>.<<stat>>',
];

export function shippedNameTags(): NameTagRule[] {
  return SHIPPED.map((text) => readNameTagRule(text) as NameTagRule);
}

/** A rule, or what is wrong with its text. */
export function readNameTagRule(text: string): NameTagRule | { wrong: string } {
  const [pattern = '', ...pairs] = text.trim().split(/\s+/);
  const nodes: RuleNode[] = [];
  for (const node of splitNodes(pattern)) {
    const many = MANY.exec(node);
    const capture = CAPTURE.exec(node);
    if (many !== null)
      nodes.push({ before: '', after: '', tag: many[1]!, glob: '*', isMany: true });
    else if (capture !== null) {
      const [, before = '', tag, glob = '*', after = ''] = capture;
      nodes.push({ before, after, tag, glob, isMany: false });
    } else if (node === '' || /[<>]/.test(node)) {
      return { wrong: `node ${show(node)} read, expected text, <tag>, <tag:glob> or <<tag>>` };
    } else nodes.push({ before: node, after: '', tag: undefined, glob: node, isMany: false });
  }
  const captured = nodes.flatMap(({ tag }) => tag ?? []);
  if (captured.length === 0) return { wrong: 'no tag read, expected one such as <host>' };
  if (nodes.filter(({ isMany }) => isMany).length > 1) {
    return { wrong: 'two of <<tag>> read, expected one at most' };
  }
  const tags: [string, string][] = [];
  for (const pair of pairs) {
    const equals = pair.indexOf('=');
    const tag = pair.slice(0, equals);
    if (equals <= 0 || !WORD.test(tag) || equals === pair.length - 1) {
      return { wrong: `${show(pair)} read, expected tag=value` };
    }
    tags.push([tag, pair.slice(equals + 1)]);
  }
  const all = [...captured, ...tags.map(([tag]) => tag)];
  const twice = all.find((tag, i) => all.indexOf(tag) !== i);
  if (twice !== undefined) return { wrong: `tag ${twice} read twice, expected it once` };
  return { nodes, tags: Object.fromEntries(tags) };
}

/** Dots in braces or angle brackets are none between nodes. */
function splitNodes(pattern: string): string[] {
  const nodes: string[] = [''];
  let open = 0;
  for (const char of pattern) {
    if (char === '<' || char === '{') open += 1;
    else if (char === '>' || char === '}') open -= 1;
    if (char === '.' && open <= 0) nodes.push('');
    else nodes[nodes.length - 1] += char;
  }
  return nodes;
}

/** A list of rules; wrong ones are reported with their places and left out. */
export const readNameTags: Reader<NameTagRule[]> = ({ value }, _, { file, findings }) => {
  if (!Array.isArray(value)) return { error: `read ${show(value)}, expected a list of rules` };
  const rules: NameTagRule[] = [];
  for (const [i, text] of (value as unknown[]).entries()) {
    const read = typeof text === 'string' ? readNameTagRule(text) : undefined;
    if (read === undefined || 'wrong' in read) {
      const wrong = read?.wrong ?? `${show(text)} read, expected a text`;
      findings.error(file.place(`/nameTags/${i}`), `nameTags: ${wrong}`);
    } else if (i < RULES_MAX) rules.push(read);
  }
  if (value.length > RULES_MAX) {
    findings.error(
      file.place('/nameTags'),
      `nameTags: ${value.length} rules, at most ${RULES_MAX}`,
    );
  }
  return { value: [...rules, ...shippedNameTags()] };
};
