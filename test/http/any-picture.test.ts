/**
 * Pictures at random: every drawing parameter with values right, odd and hostile, over series of all
 * kinds. Each answer is a picture, of the size asked for, or a 4xx that is a picture too.
 */
import { CHART_PARAMETERS } from '../../src/query/chart/parameters.ts';
import { modelStore } from '../model/model-store.ts';
import { assert, describe, rounds } from '../support/suite.ts';
import { NOW, testServer, type TestServer } from './client.ts';

const SEED = 20_231_114;
/** A picture must be there by then, milliseconds. */
const SLOWEST_MS = 20_000;

const TARGETS = (
  'randomWalk("a") randomWalk("b") sin("s",1e300) scale(sin("s"),1e-300) time("t") constantLine(0) ' +
  'secondYAxis(randomWalk("r")) drawAsInfinite(randomWalk("i")) stacked(randomWalk("k")) ' +
  'dashed(randomWalk("d"),0) dashed(randomWalk("d"),1e9) lineWidth(randomWalk("w"),-5) ' +
  'lineWidth(randomWalk("w"),1e9) alpha(randomWalk("l"),7) color(randomWalk("c"),"ff00ff80") ' +
  'areaBetween(group(sin("a"),sin("b",3))) none.such a.* ' +
  'removeBelowValue(randomWalk("n"),0) invert(constantLine(0)) logarithm(randomWalk("g")) ' +
  'threshold(1e308,"high","red") threshold(-1e308) alias(sin("x"),"<&\\u0000>") tea:3 pi:3.14 :1 ' +
  'alias(sin("y"),"") cactiStyle(randomWalk("e"),"si") legendValue(sin("v"),"last") ' +
  `alias(sin("z"),"${'W'.repeat(3000)}") consolidateBy(time("m",1),"sum") timeShift(sin("q"),"1h") ` +
  'transformNull(a.1) holtWintersConfidenceArea(sin("h"))'
).split(' ');
const WRONG_TARGETS = 'nosuch(a) ((( color(randomWalk("c"),"<red>") a( scale(a.1)'.split(' ');
/** What a parameter means to be given, by its name; others take a switch. */
const FITTING: [RegExp, string][] = [
  [/color/i, 'red ff8800 #00ff0080 red,green,#0000ff transparent blue'],
  [/Mode$/, 'slope staircase connected none first all stacked average maximum minimum'],
  [
    /title|fontName|template|Format|System/i,
    'modern dark noc Courier Times si binary sec a+b %H:%M %Z',
  ],
  [/Labels|Side/, 'percent number none horizontal rotated left right'],
  [/^(?:width|height|fontSize|margin)$/, '1 5 10 20 60 330'],
  [
    /^(?:min|max|y(?:Min|Max|Limit|Step))|valueLabelsMin|yDivisors|logBase/,
    '0 1 5 -3 0.1 1e9 max 4,5,6 e 2 10',
  ],
  [/Width|thickness|Step|Limit|Dashed|minorY|pixelRatio|areaAlpha/, '0 0.5 1 2 3 10'],
  [/^/, 'true false 1 0'],
];
const ODD = (
  '0 1 -1 2 5 10 0.5 1.5 100 1e3 1e300 -1e300 1e-300 NaN Infinity true false default max none e si sec ' +
  'msec binary left right slope staircase connected first all stacked percent number rotated minimum ' +
  'red,green,blue 4,5,6 1,1000 0 , ,,, ff0000 #00ff0080 %23123456 white mauvish transparent ' +
  'modern dark noc __proto__ constructor %H:%M %Y%j%Z%z%s%P %% % %q title a%20b <b>&" \ud83d \0'
).split(' ');
const LONG = ['x'.repeat(1999), 'line\n'.repeat(300), '7,'.repeat(300), '日本語 ελληνικά عربى'];
const SIZES = [1, 2, 7, 20, 60, 61, 120, 330, 500, 800];
const SPANS = ['-1min', '-10min', '-1h', '-6h', '-1d', '-40d', '-3y', '-10s', '1970', '-1s'];
const ZONES = ['UTC', 'Europe/Berlin', 'America/St_Johns', 'Asia/Kathmandu', 'Nowhere', ''];

/** Mulberry32. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function* requests(seed: number, count: number): Generator<[string, string][]> {
  const random = randomOf(seed);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
  for (let i = 0; i < count; i++) {
    const params: [string, string][] = [
      ['now', String(NOW)],
      ['from', pick(SPANS)],
      ['format', pick(['png', 'png', 'svg', 'pdf', 'odd'])],
      ['width', String(pick(SIZES))],
      ['height', String(pick(SIZES))],
    ];
    for (let n = Math.floor(random() * 4); n >= 0; n--) params.push(['target', pick(TARGETS)]);
    if (random() < 0.05) params.push(['target', pick(WRONG_TARGETS)]);
    if (random() < 0.15) params.push(['graphType', pick(['pie', 'pie', 'line', 'bar'])]);
    if (random() < 0.3) params.push(['tz', pick(ZONES)]);
    for (let n = Math.floor(random() * 8); n > 0; n--) {
      const name = pick(CHART_PARAMETERS);
      const fitting = FITTING.find(([pattern]) => pattern.test(name))![1]; // the last fits all
      const kind = random();
      params.push([name, pick(kind < 0.85 ? fitting.split(' ') : kind < 0.99 ? ODD : LONG)]);
    }
    yield params;
  }
}

/** What is wrong with an answer; undefined when it is a picture. */
function wrongOf(type: string, bytes: Buffer): string | undefined {
  if (type === 'image/png') {
    const whole = bytes.toString('latin1', 1, 4) === 'PNG' && bytes.includes('IEND', -12);
    return whole && bytes.readUInt32BE(16) > 0 ? undefined : 'no whole png';
  }
  const text = bytes.toString('latin1');
  if (type === 'application/x-pdf') {
    return /^%PDF[^]*%%EOF\s*$/.test(text) && !/NaN|Infinity/.test(text)
      ? undefined
      : 'no whole pdf';
  }
  if (type !== 'image/svg+xml') return type;
  if (!/^<\?xml [^]*<\/svg>\n$/.test(text)) return 'no whole svg';
  return /(?:d|x|y|width|transform)="[^"]*(?:NaN|Infinity|undefined)/.exec(text)?.[0].slice(-90);
}

describe('http: any picture', (it) => {
  let server: TestServer;
  it.before(async () => {
    server = await testServer(modelStore({ names: ['a.1', 'a.2'] }), {
      limits: { requestMs: SLOWEST_MS },
    });
  });
  it.after(() => server.close());

  it(
    'is a picture, or a 4xx that is one',
    async () => {
      const wrong: string[] = [];
      const statuses: Record<number, number> = {};
      const todo = requests(SEED, rounds(250, 10_000));
      const client = async (): Promise<void> => {
        for (const params of todo) {
          const query = new URLSearchParams(params).toString();
          const { status, type, bytes, text } = await server.ask(`/render?${query}`);
          statuses[status] = (statuses[status] ?? 0) + 1;
          const isExpected = status === 200 || (status >= 400 && status < 500 && status !== 429);
          const what = isExpected ? wrongOf(type, bytes) : text.slice(0, 200);
          if (what !== undefined) wrong.push(`${status} ${what}: ${query.slice(0, 800)}`);
        }
      };
      await Promise.all([client(), client(), client(), client()]);
      assert.is(wrong.length, 0, `${wrong.length} wrong:\n${wrong.slice(0, 10).join('\n')}`);
      assert.ok(statuses[200]! > statuses[400]! / 4, JSON.stringify(statuses));
      assert.is((await server.ask('/health')).status, 200);
    },
    { timeoutMs: 900_000 },
  );
});
