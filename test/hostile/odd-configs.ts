/**
 * Configurations as people write them and as they should not: JSON5 with any option and any value,
 * StatsD's config.js, carbon's rule files; and all of them with changes at any place.
 */
import fs from 'node:fs';
import path from 'node:path';
import { OPTIONS } from '../../src/config/options.ts';
import { ROOT } from '../support/program.ts';
import type { Dice } from './kind.ts';

const KEYS = Object.keys(OPTIONS);
const shipped = (name: string): string => fs.readFileSync(path.join(ROOT, 'config', name), 'utf8');

const MAIN_FILES = [
  shipped('tallyd.json5'),
  `/* of the shop */ { graphitePort: 2003, graphiteHost: "graphite.example.com", port: 8125,
    backends: [ "./backends/graphite", './backends/console' ], "flushInterval": 10000,
    percentThreshold: [50, 90, 99.9], servers: [ { server: "./servers/udp", port: 8125 },
    { server: './servers/tcp', address: '127.0.0.1', port: 8127, } ], deleteIdleStats: true,
    histogram: [ { metric: 'foo', bins: [] }, { metric: '', bins: [ 10, 100, 'inf' ] } ],
    graphite: { legacyNamespace: false, globalPrefix: "shop" }, keyFlush: { interval: 1000 } }`,
  'module.exports = { port: process.env.PORT || 8125, backends: ["./backends/graphite"] };',
  '{ port: 1 + 1, log: { backend: "syslog" }, repeater: [ { host: "a", port: 8125 } ] }',
];
const RULE_FILES: Record<string, string[]> = {
  storageSchemas: [
    shipped('storage-schemas.conf'),
    '[a]\npattern = .*\nretentions = 10s:1h,1m:1d\n',
  ],
  storageAggregation: [
    shipped('storage-aggregation.conf'),
    '[a]\npattern = \\.sum$\nxFilesFactor = 0.5\naggregationMethod = sum\n',
  ],
  sketchSchemas: [shipped('sketch-schemas.conf'), '[a]\npattern = .*\nretentions = none\n'],
  carbonWhitelist: ['^app\\.\n# all\n.*\n', '(?i)^A(?!b)\n'],
  carbonBlacklist: ['^secret\\.\n[0-9a-f]{32}\n', '(a+)+$\n'],
  carbonRewriteRules: [
    '[pre]\n^a\\.(.*) = b.\\1\n[post]\n_sum$ =\n',
    '[post]\n(\\w+)\\.(\\w+) = \\2.\\1\n',
  ],
  carbonAggregationRules: [
    '<env>.app.<n>.all.sum (60) = sum <env>.app.*.<<rest>>\n',
    'a.<x>.p95 (10) = p95 a.<x>.*\nb (1) = count <<all>>\n',
  ],
};
const LINES = [
  '[a',
  '[]',
  '[a]]',
  'pattern',
  'pattern =',
  '= x',
  'pattern = (',
  'pattern = [',
  'pattern = a{1000}{1000}',
  'pattern = (?<=a)b',
  'pattern = (?!x)',
  'pattern = \\',
  'retentions =',
  'retentions = 10s',
  'retentions = 1s:0s',
  'retentions = 0s:1h',
  'retentions = 10s:1h,15s:1d',
  'retentions = 1m:1d,10s:1h',
  'retentions = 60:1440',
  'retentions = 1s:100y',
  'retentions = 1s:999999999y',
  'retentions = -1s:1h',
  'retentions = 1.5s:1h',
  'retentions = none',
  'retentions = 10s:1h:1d',
  'xFilesFactor = 2',
  'xFilesFactor = nan',
  'xFilesFactor =',
  'aggregationMethod = p95',
  'aggregationMethod = SUM',
  'aggregationMethod = __proto__',
  '; comment',
  '# c',
  '\ufeff[a]',
  '\0',
  'x (0) = sum y',
  'x (1e9) = sum y',
  'x (60) = nosuch y',
  'x (60) = sum <a',
  'x (60) = sum <<a>',
  '<x> (60) = sum y',
  '<a> (60) = sum <a>.<a>',
  ' (60) = sum y',
  'x (60) = sum ',
  'x () = sum y',
  '__proto__ = x',
  '(.*) = \\9',
  '(.*) = \\g<0>',
  '(a*)* = b',
  '[pre]',
  '[post]',
  '[mid]',
  '.* = ',
  `${'a'.repeat(5000)} = b`,
];
const SCALARS = (
  'null true false 0 -0 1 -1 1.5 1e3 1e400 -1e400 NaN Infinity 0x10 9007199254740993 2147483648 4294967296 ' +
  '65536 "" "a" "0" "1" "1e3" "8125" "true" "10s" "1h" "-1d" "1y:1y" "NaN" "::1" "127.0.0.1" "0.0.0.0" ' +
  '"nosuch" "__proto__" "\\u0000" "/dev/null" "/" "./backends/graphite" "stats" "Europe/Berlin" "statsd" ' +
  'undefined process.env.X require("x") -"a" \'x\' [ [] {} [[[]]] {a:1} [null] [1,2] ["a","b"] {__proto__:1}'
).split(' ');

function value(dice: Dice, depth = 0): string {
  if (depth > 4 || dice.chance(0.75)) return dice.pick(SCALARS);
  if (dice.chance(0.5)) return `[${dice.some(4, () => value(dice, depth + 1)).join(',')}]`;
  const inner = (): string =>
    dice.pick(['host', 'port', 'server', 'address', 'metric', 'bins', 'mode', 'a']);
  return `{${dice.some(4, () => `${inner()}: ${value(dice, depth + 1)}`).join(', ')}}`;
}

function anyOptions(dice: Dice): string {
  const groups = new Map<string, string[]>();
  for (let left = 1 + dice.whole(8); left > 0; left--) {
    const key = dice.chance(0.95)
      ? dice.pick(KEYS)
      : dice.pick(['nosuch', '__proto__', 'constructor']);
    const [outer, inner] = key.split('.') as [string, string | undefined];
    const known = groups.get(outer) ?? [];
    groups.set(outer, [...known, inner === undefined ? value(dice) : `${inner}: ${value(dice)}`]);
  }
  const lines = [...groups].map(([outer, values]) => {
    const isGroup = KEYS.some((key) => key.startsWith(`${outer}.`)) && dice.chance(0.9);
    return `  ${outer}: ${isGroup ? `{ ${values.join(', ')} }` : values[0]}`;
  });
  return `{\n${lines.join(',\n')}\n}\n`;
}

function mutated(text: string, dice: Dice): string {
  let changed = text;
  for (let left = 1 + dice.whole(3); left > 0; left--) {
    const at = dice.whole(changed.length + 1);
    const cut = dice.chance(0.6) ? dice.whole(dice.chance(0.1) ? 400 : 6) : 0;
    const odd = [
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"',
      "'",
      '//',
      '/*',
      '\\',
      '\0',
      '\n',
      '\ud800',
      '=',
      '1e',
      '(',
      ' ',
    ];
    changed =
      changed.slice(0, at) + (dice.chance(0.7) ? dice.pick(odd) : '') + changed.slice(at + cut);
  }
  if (dice.chance(0.02)) return '['.repeat(20_000) + changed;
  return dice.chance(0.02) ? changed.slice(0, dice.whole(changed.length)) : changed;
}

function ruleFile(name: string, dice: Dice): string {
  const lines = dice.pick(RULE_FILES[name]!).split('\n');
  for (let left = dice.chance(0.6) ? 0 : 1 + dice.whole(3); left > 0; left--) {
    lines.splice(dice.whole(lines.length + 1), dice.whole(2), dice.pick(LINES));
  }
  const text = lines.join(dice.chance(0.05) ? '\r\n' : '\n');
  return dice.chance(0.15) ? mutated(text, dice) : text;
}

/** Writes one configuration into the folder; the path of its first file. */
export function writeConfig(folder: string, dice: Dice): string {
  const main = path.join(folder, dice.chance(0.7) ? 'tallyd.json5' : 'config.js');
  let text = dice.chance(0.5) ? anyOptions(dice) : dice.pick(MAIN_FILES);
  if (dice.chance(0.4)) text = mutated(text, dice);
  const named: string[] = [];
  for (const name of Object.keys(RULE_FILES)) {
    if (!dice.chance(0.2)) continue;
    const file = path.join(folder, `${name}.conf`);
    if (dice.chance(0.97)) fs.writeFileSync(file, ruleFile(name, dice));
    else if (dice.chance(0.5)) fs.mkdirSync(file);
    named.push(`${name}: ${JSON.stringify(file)},`);
  }
  const brace = text.indexOf('{') + 1;
  text = text.slice(0, brace) + named.join('\n') + text.slice(brace);
  fs.writeFileSync(main, dice.chance(0.02) ? Buffer.from(text, 'utf16le') : text);
  return main;
}
