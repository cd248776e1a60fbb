/**
 * Tags of dotted names by the rules of `nameTags` (config/name-tags.ts), and the patterns that find the
 * names of a rule. Globs are compiled by the caller.
 */
import type { NameTagRule, RuleNode } from '../../config/name-tags.ts';

export type Tags = Readonly<Record<string, string>>;

/** The index of the first rule that a name fits, and its tags; undefined when it fits none. */
export function tagsByRules(
  name: string,
  rules: readonly CompiledRule[],
): { at: number; tags: Tags } | undefined {
  const texts = name.split('.');
  for (const [at, rule] of rules.entries()) {
    const tags = tagsByRule(texts, rule);
    if (tags !== undefined) return { at, tags };
  }
  return undefined;
}

/** A rule with its globs ready; a node whose glob is `*` has none. */
export interface CompiledRule extends NameTagRule {
  globs: (((text: string) => boolean) | undefined)[];
}

/** A glob of one node of a name, as finds read it; throws `overLimit` where braces are too many. */
export type CompileGlob = (glob: string) => (text: string) => boolean;

export function compileRules(rules: readonly NameTagRule[], compile: CompileGlob): CompiledRule[] {
  return rules.map((rule) => ({
    ...rule,
    globs: rule.nodes.map(({ glob, isMany }) =>
      glob === '*' || isMany ? undefined : compile(glob),
    ),
  }));
}

function tagsByRule(texts: readonly string[], rule: CompiledRule): Tags | undefined {
  const { nodes, globs } = rule;
  const many = nodes.findIndex(({ isMany }) => isMany);
  const spare = texts.length - nodes.length;
  if (many < 0 ? spare !== 0 : spare < 0) return undefined;
  const tags: Record<string, string> = Object.assign(Object.create(null), rule.tags) as Tags;
  let at = 0;
  for (const [i, node] of nodes.entries()) {
    if (i === many) {
      tags[node.tag!] = texts.slice(at, at + spare + 1).join('.'); // it has one
      at += spare + 1;
      continue;
    }
    const value = valueOf(texts[at]!, node); // the lengths fit
    if (value === undefined || globs[i]?.(value) === false) return undefined;
    if (node.tag !== undefined) tags[node.tag] = value;
    at += 1;
  }
  return tags;
}

/** What a node says of its tag; undefined when it does not fit. */
function valueOf(text: string, { before, after, tag }: RuleNode): string | undefined {
  if (tag === undefined) return text;
  if (text.length <= before.length + after.length) return undefined;
  if (!text.startsWith(before) || !text.endsWith(after)) return undefined;
  return text.slice(before.length, text.length - after.length);
}

/**
 * The find pattern of a rule's names with these values (globs of one node); undefined where no name of
 * the rule can have them.
 */
export function patternOfRule(
  { nodes, tags }: NameTagRule,
  wanted: ReadonlyMap<string, string>,
): string | undefined {
  const known = [...nodes.flatMap(({ tag }) => tag ?? []), ...Object.keys(tags)];
  for (const tag of wanted.keys()) if (!known.includes(tag)) return undefined;
  return nodes
    .map(({ before, after, tag, glob, isMany }) => {
      if (isMany) return '**';
      if (tag === undefined) return glob;
      const value = wanted.get(tag) ?? glob;
      // A value with dots is looked for among all.
      return before + (value.includes('.') ? '*' : value) + after;
    })
    .join('.');
}
