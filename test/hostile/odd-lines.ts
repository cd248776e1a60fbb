/**
 * StatsD and carbon lines whose parts are odd, one by one or together: numbers at the ends of what a
 * double holds, rates that make weights of them, names and tags that something else means.
 */
import { CARBON_LINES, linesByDialect, mutatedLines } from '../fuzz/mutate.ts';
import type { Dice } from './kind.ts';

const NOW = 1_700_000_000;
const GOOD = [...linesByDialect().values()].flat();

const NUMBERS = (
  '0 -0 1 +1 -1 1.5 .5 5. 1e3 1e-3 1E5 9007199254740993 9007199254740992 1e15 1e16 1e30 1e146 -1e146 ' +
  '1e154 1e300 1.7976931348623157e308 1e308 -1e308 1e309 5e-324 1e-310 2.2250738585072014e-308 NaN ' +
  'nan Infinity -Infinity inf 0x10 0b1 1_000 1,5 1e 1e+ - + . -- ++1 true null 4294967296 1e400'
)
  .split(' ')
  .concat('', ' ', '9'.repeat(30), '0.'.padEnd(40, '0') + '1', '1'.repeat(310));
const RATES = (
  '1 0.1 0.5 0.333 1e-3 1e-6 1e-15 1e-16 1e-300 1e-323 5e-324 0 -0 -1 2 1e6 1e7 1e300 NaN Infinity ' +
  '0x1 1e .5 5. 1e400'
)
  .split(' ')
  .concat('', '0.'.padEnd(30, '0') + '1');
const TYPES = 'c g ms s h d m C G C|g ms|c kv x cc c|c __proto__ set'.split(' ').concat('', ' c ');
const NAMES = (
  'a a.b a.b.c a..b .a a. . .. ~a ~ a~b __proto__ constructor a.__proto__ toString statsd.bad_lines_seen ' +
  'stats.counters.a a/b a\\b a*b a?b a[b a{b,c} {"} a{b="c"} a{b="c",d="e"} a;b=c a;b=c;a=b a;b a;=c a;b= ' +
  'a;name=x a;__proto__=x a,b=c a,b=c,d a#b:c,d a[b=c]d a[b=c a]b=c é ü.ñ \u{1f600} a\u2028b a_e{1,1} _sc _e ' +
  'aN.aN ;;; === ,,, a=b a!b a^b a;b~=c a;b=~c'
)
  .split(' ')
  .concat('', ' ', 'a b', ' a', 'a\t', '\ufeffa', 'a\0b', 'n'.repeat(300), 'n.'.repeat(600));
const TAGS = (
  'a:b a a: :b :: a:b:c a,b a:b,a:c name:x __proto__:y constructor dd.internal.entity_id:1 host:é a;b:c a=b:c ' +
  'a:~b ~a:b a:! ^:a'
)
  .split(' ')
  .concat('', ' ', 'a:b '.repeat(3), 'a:\t', 'k:'.padEnd(300, 'v'), 'x:1,'.repeat(120));
const FIELDS = [
  ...`T${NOW} T${NOW - 60} T${NOW - 10_000} T${NOW + 30} T${NOW + 3600} T1 T0 T-1 T T1e9 T${NOW}000 TNaN`.split(
    ' ',
  ),
  ...'c:ci-1 c: e:x card:low card: e:it-1,cn-x T1.5 #a:b @0.5 @ # | : x'.split(' '),
];
const NOTICES = [
  '_e{5,4}:title|text|p:low|#a:b',
  `_e{1,1}:a|b|d:${NOW}|h:x|t:error|s:y|k:z`,
  '_e{0,0}:|',
  '_e{99999,9}:a|b',
  '_e{-1,2}:a|b',
  '_e{1e1,1}:a|b',
  '_e{3,5}:é|\\n\\n',
  '_e{}:a|b',
  '_e{1,1:a|b',
  '_sc|up|0|d:1|h:x|m:words',
  `_sc|up|2|#a:b,c|m:${'w'.repeat(3000)}`,
  '_sc|up|9',
  '_sc||0',
  '_sc|__proto__|1|#__proto__:1',
  '_sc|up',
];

function number(dice: Dice): string {
  const usual = dice.chance(0.4) ? String(dice.whole(1000)) : dice.pick(NUMBERS);
  return dice.chance(0.05) ? dice.pick(['-', '+', ' ', '"']) + usual : usual;
}

function name(dice: Dice): string {
  const one = dice.pick(NAMES);
  if (dice.chance(0.5)) return `${one}${dice.whole(50)}`;
  return dice.chance(0.2) ? `${one}.${dice.pick(NAMES)}` : one;
}

/** One line, without a line feed. */
function oddStatsd(dice: Dice): string {
  if (dice.chance(0.06)) return dice.pick(NOTICES);
  const many = dice.chance(0.15) ? dice.whole(dice.chance(0.01) ? 2000 : 6) : 0;
  const values = [number(dice), ...Array.from({ length: many }, () => number(dice))].join(':');
  let line = `${name(dice)}:${values}|${dice.pick(TYPES)}`;
  if (dice.chance(0.35)) line += `|@${dice.pick(RATES)}`;
  if (dice.chance(0.25)) line += `|#${dice.some(3, () => dice.pick(TAGS)).join(',')}`;
  if (dice.chance(0.2)) line += `|${dice.pick(FIELDS)}`;
  if (dice.chance(0.08)) line += `:${number(dice)}|${dice.pick(TYPES)}`;
  return line;
}

function oddCarbon(dice: Dice): string {
  const times = [`${NOW}`, `${NOW - 600}`, `${NOW + 50}`, `${NOW + 9000}`, '-1', 'N', '0', '1e9'];
  times.push(`${NOW}.5`, `${NOW}000`, '4294967296', '1e400', 'nan', '', '-5', '0x5', '1_7');
  const blank = dice.chance(0.9) ? ' ' : dice.pick(['  ', '\t', '\u00a0', '\0', ';']);
  const end = dice.chance(0.1) ? dice.pick([' ', '\r', ' x', '\t\t']) : '';
  return `${name(dice)}${blank}${number(dice)}${blank}${dice.pick(times)}${end}`;
}

const withoutFeeds = (text: string): Buffer => Buffer.from(text.replaceAll('\n', ' ') || 'x');

/** Lines without a line feed, none of them empty: odd, mutated, and odd ones mutated. */
export function statsdLines(count: number, dice: Dice): Buffer[] {
  const odd = Array.from({ length: Math.ceil(count / 2) }, () => withoutFeeds(oddStatsd(dice)));
  const third = Math.floor(count / 4);
  return [
    ...odd,
    ...mutatedLines(GOOD, third, dice),
    ...mutatedLines(odd, count - odd.length - third, dice),
  ];
}

export function carbonLines(count: number, dice: Dice): Buffer[] {
  const odd = Array.from({ length: Math.ceil(count / 2) }, () => withoutFeeds(oddCarbon(dice)));
  return [...odd, ...mutatedLines([...CARBON_LINES, ...odd], count - odd.length, dice)];
}
