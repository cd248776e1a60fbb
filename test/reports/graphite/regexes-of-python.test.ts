/**
 * Regular expressions as Python reads them: what RE2 only spells otherwise works, a negative
 * lookahead behind `^` is "and not", the rest is refused with what to write instead.
 */
import fc from 'fast-check';
import { UserError } from '../../../src/lib/errors.ts';
import { compilePattern } from '../../../src/lib/pattern.ts';
import {
  parseAggregationRules,
  parsePatternList,
  parseRewriteRules,
} from '../../../src/intake/carbon-rules.ts';
import {
  parseStorageAggregation,
  parseStorageSchemas,
} from '../../../src/storage/retention/parse-rules.ts';
import { compileTerm } from '../../../src/storage/index/tag-term.ts';
import { namesOf, ramp } from '../peers/series-of-one-window.ts';
import { assert, describe, rounds } from '../../support/suite.ts';

const STORED = { 'tt.a1.x': ramp(20), 'tt.b1.x': ramp(20), 'uu.a.y': ramp(20) };

describe("Python's regular expressions", (it) => {
  it('are read by grep, exclude, aliasSub and the like', async () => {
    for (const [target, names] of [
      ['grep(tt.*.x,"^tt\\.(?!a1)")', ['tt.b1.x']],
      ['exclude(*.*.*,"^(?!uu|tt\\.b)")', ['tt.b1.x', 'uu.a.y']],
      ['exclude(tt.*.x,"x\\Z")', []],
      ['aliasSub(*.*.*,"^(?!uu)(\\w+)\\.(\\w+)","\\2-\\1")', ['a1-tt.x', 'b1-tt.x', 'uu.a.y']],
      ['aliasSub(tt.a1.x,"^(?!(u)u)(\\w+)","<\\1\\2>")', ['<tt>.a1.x']],
      ['aliasSub(tt.a1.x,"[x]\\Z(?#the leaf)","y")', ['tt.a1.y']],
    ] as const) {
      assert.equal(await namesOf(STORED, target), names, target);
    }
  });

  it('are read by tags, at the start of a value', () => {
    const term = compileTerm({ tag: 'host', operator: '=~', value: '(?!db|web1)\\w+\\d\\Z' });
    assert.equal(
      ['web2', 'web1', 'db1', 'app3'].filter((value) => term.matches(value)),
      ['web2', 'app3'],
    );
  });

  it("are read by carbon's five files", () => {
    const schemas = parseStorageSchemas(
      '[n]\npattern = ^(?!carbon)stats\\.\nretentions = 1m:1d',
      's.conf',
    );
    const aggregation = parseStorageAggregation(
      '[n]\npattern = ^(?!a|b).*\\Z\naggregationMethod = max',
      'a.conf',
    );
    const list = parsePatternList('^(?!carbon\\.)', 'blacklist.conf');
    const rewrite = parseRewriteRules('[pre]\n^(?!a\\.)([a-z]+)\\. = new.\\1.', 'rewrite.conf');
    const sums = parseAggregationRules('all.<m> (10) = sum (?!all)[^.]*.<m>', 'rules.conf');
    for (const { findings } of [schemas, aggregation, list, rewrite, sums]) {
      assert.equal(findings, []);
    }
    const [schema] = schemas.rules;
    assert.ok(compilePattern(schema!.source.pattern).search('stats.x'));
    assert.not.ok(compilePattern(schema!.source.pattern).search('carbon.stats.x'));
    assert.equal(
      ['carbon.a', 'web.a'].map((name) => list.rules[0]!.search(name)),
      [false, true],
    );
    const { pattern, replacement } = rewrite.rules.pre[0]!;
    assert.equal(
      ['a.x', 'b.x'].map((name) => pattern.replaceAll(name, replacement)),
      ['a.x', 'new.b.x'],
    );
    assert.equal(
      ['all.x', 'web.x'].map((name) => sums.rules[0]!.input.groups(name)?.[1]),
      [undefined, 'x'],
    );
  });

  it('say what they read and what to write instead', () => {
    for (const [source, sentence] of [
      ['a(?=b)', /lookahead and lookbehind .*"\(\?=" read at column 2; write what follows/],
      ['a(?!b)', /"\(\?!" read at column 2; but for \(\?!…\) behind \^/],
      ['^a+(?!b)', /column 4; but for/],
      ['^(?!a)b|c', /column 2; but for/],
      ['c|^(?!a)b', /column 4; but for/],
      ['^(?!a)*b', /column 2; but for/],
      ['^(?:(?!a).)*$', /column 5; but for/],
      ['^(?!(?=a))', /column 2; but for/],
      ['(?<=a)b', /"\(\?<=" read at column 1; write what stands before/],
      ['(?<!a)b', /"\(\?<!" read at column 1; write what stands before/],
      ['(a)\\1', /back-references .*"\\1" read at column 4; write out what the group/],
      ['(?P<n>a)(?P=n)', /back-references .*"\(\?P=" read at column 9/],
      ['a++', /possessive .*"\+\+" read at column 2; leave its second \+ out/],
      ['a{2}+', /possessive .*"\{2\}\+" read at column 2/],
      ['(?>a)', /atomic groups .*column 1; write \(\?:…\)/],
      ['(a)?(?(1)b|c)', /conditions .*column 5; write both cases/],
      ['(?x) a', /verbose .*"\(\?x\)" read at column 1/],
      ['^(?!a', /"\(\?!" read at column 2, its "\)" is missing/],
      ['a[', /missing closing/],
    ] as const) {
      try {
        compilePattern(source);
        assert.unreachable(source);
      } catch (error) {
        assert.instance(error, UserError);
        const { message } = error as UserError;
        assert.ok(message.startsWith(`pattern "${source}": `), message);
        assert.match(message, sentence);
      }
    }
  });

  it('match as lookahead does', () => {
    const atom = fc.constantFrom('a', 'b', '.', '[ab]', '\\.', '(a|b)', '(?:ab)', '\\w');
    const repeated = fc.tuple(atom, fc.constantFrom('', '', '*', '+?', '?', '{1,2}')).map(join);
    const rest = fc.array(repeated, { maxLength: 4 }).map(join);
    const fixed = fc.array(fc.constantFrom('a', '.', '[ab]', '\\.', 'b{2}'), { maxLength: 2 });
    const ahead = fc
      .array(rest, { minLength: 1, maxLength: 2 })
      .map((all) => `(?!${all.join('|')})`);
    const sources = fc.tuple(fixed.map(join), ahead, fc.option(ahead), rest);
    const texts = fc.string({ unit: fc.constantFrom('a', 'b', '.'), maxLength: 6 });
    for (const [[prefix, first, second, last], text] of fc.sample(
      fc.tuple(sources, texts),
      rounds(200, 50_000),
    )) {
      const source = `^${prefix}${first}${second ?? ''}${last}`;
      const expected = new RegExp(source).exec(text);
      const pattern = compilePattern(source);
      const seen = `${source} on "${text}"`;
      assert.is(pattern.search(text), expected !== null, seen);
      assert.is(pattern.matchStart(text), expected !== null, seen);
      assert.equal(pattern.groups(text), expected === null ? undefined : [...expected], seen);
      assert.is(pattern.replaceAll(text, 'X'), text.replace(new RegExp(source), 'X'), seen);
      assert.is(compilePattern(source.slice(1), true).matchStart(text), expected !== null, seen);
    }
  });

  it('are spelled as Python spells them', () => {
    for (const [source, yes, no] of [
      ['^a{,2}$', 'aa', 'aaa'],
      ['\\u00e9', 'é', 'e'],
      ['[\\u00e9-\\u00ea]\\é', 'êé', 'é'],
      ['(?u)a(?#x)b', 'ab', 'a'],
      ['(?iu:A)b', 'ab', 'aB'],
      ['(?P<n>a)\\Z', 'ba', 'ab'],
      ['\\x41$', 'A', 'B'],
      ['a{b', 'a{b', 'ab'],
    ] as const) {
      assert.ok(compilePattern(source).search(yes), `${source} and ${yes}`);
      assert.not.ok(compilePattern(source).search(no), `${source} and ${no}`);
    }
  });
});

function join(parts: readonly string[]): string {
  return parts.join('');
}
