/**
 * The door for pictures: every drawing parameter with values fitting, odd and hostile, over series of
 * all kinds. A round is a request. Each answer is a picture, or a 4xx that is a picture too.
 */
import { CHART_PARAMETERS } from '../../src/query/chart/parameters.ts';
import { NOW, testServer, type TestServer } from '../http/client.ts';
import { modelStore } from '../model/model-store.ts';
import { Complaints, Dice, type Kind, unaccounted } from './kind.ts';

/** Requests that are under way at once. */
const TOGETHER = 4;
/** A picture is given up after so long. */
const SLOWEST_MS = 30_000;

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
  [/^colorList$/, 'red,green,#0000ff ff8800 blue'],
  [/color/i, 'red ff8800 #00ff0080 transparent blue'],
  [/^lineMode$/, 'slope staircase connected'],
  [/^areaMode$/, 'none first all stacked'],
  [/^pieMode$/, 'average maximum minimum'],
  [/^pieLabels$/, 'horizontal rotated'],
  [/^valueLabels$/, 'percent number none'],
  [/^yAxisSide$/, 'left right'],
  [
    /title|fontName|template|Format|System/i,
    'modern dark noc Courier Times si binary sec a+b %H:%M %Z',
  ],
  [/^(?:width|height|fontSize|margin)$/, '1 5 10 20 60 330'],
  [/^yDivisors$/, '4,5,6 1 2,1000'],
  [/^logBase$/, '2 10 e 0.5'],
  [/^(?:max|yMax)/, '0 1 5 -3 1e9 max'],
  [/^(?:min|yMin|yLimit)|valueLabelsMin/, '0 1 -3 0.1 1e9'],
  [/^yStep/, '1 0.1 50 1e9'],
  [/^pixelRatio$/, '0.5 1 2 3'],
  [/Width|thickness|Step|Limit|Dashed|minorY|areaAlpha/, '0 1 2 3 10'],
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

export const pictures: Kind = {
  name: 'pictures',
  rounds: 10_000,
  short: 60,
  async run(rounds, seed, print) {
    const complaints = new Complaints();
    const statuses = new Map<number, number>();
    const limits = { requestMs: SLOWEST_MS };
    const server = await testServer(modelStore({ names: ['a.1', 'a.2'] }), { limits });
    let longestMs = 0;
    let next = 0;
    const client = async (): Promise<void> => {
      while (next < rounds) {
        const own = seed + next++;
        const began = performance.now();
        const { status, fault } = await ask(server, paramsOf(new Dice(own)));
        longestMs = Math.max(longestMs, performance.now() - began);
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
        if (fault !== undefined) complaints.add(fault, `--seed ${own} --rounds 1`);
      }
    };
    await Promise.all(Array.from({ length: TOGETHER }, client));
    if ((await server.ask('/health')).status !== 200) complaints.add('not well after it', 'all');
    await server.close();
    print(JSON.stringify(Object.fromEntries([...statuses].sort(([a], [b]) => a - b))));
    const kept = statuses.get(200) ?? 0;
    let counted = 0;
    for (const [status, count] of statuses) if (status >= 400 && status < 500) counted += count;
    const figures = { what: 'requests', received: rounds, kept, counted, longestMs };
    return { wrong: [...complaints.list, ...unaccounted(figures)], ...figures };
  },
};

function paramsOf(dice: Dice): [string, string][] {
  const params: [string, string][] = [
    ['now', String(NOW)],
    ['from', dice.pick(SPANS)],
    ['format', dice.pick(['png', 'png', 'svg', 'pdf', 'odd'])],
    ['width', String(dice.pick(SIZES))],
    ['height', String(dice.pick(SIZES))],
    ...dice.some(3, (): [string, string] => ['target', dice.pick(TARGETS)]),
  ];
  if (dice.chance(0.05)) params.push(['target', dice.pick(WRONG_TARGETS)]);
  if (dice.chance(0.15)) params.push(['graphType', dice.pick(['pie', 'pie', 'line', 'bar'])]);
  if (dice.chance(0.3)) params.push(['tz', dice.pick(ZONES)]);
  const given = dice.some(7, (): [string, string] => {
    const name = dice.pick(CHART_PARAMETERS);
    const fitting = FITTING.find(([pattern]) => pattern.test(name))![1]; // the last fits all
    const kind = dice.next();
    return [name, dice.pick(kind < 0.96 ? fitting.split(' ') : kind < 0.995 ? ODD : LONG)];
  });
  return [...params, ...given];
}

async function ask(
  server: TestServer,
  params: [string, string][],
): Promise<{ status: number; fault?: string }> {
  const query = new URLSearchParams(params).toString();
  const { status, type, bytes, text } = await server.ask(`/render?${query}`);
  const isExpected = status === 200 || (status >= 400 && status < 500 && status !== 429);
  const fault = isExpected ? faultOf(type, bytes) : text.slice(0, 200);
  return fault === undefined ? { status } : { status, fault: `${status} ${fault}: ${query}` };
}

/** What is wrong with an answer; undefined when it is a picture. */
function faultOf(type: string, bytes: Buffer): string | undefined {
  if (type === 'image/png') {
    const whole = bytes.toString('latin1', 1, 4) === 'PNG' && bytes.includes('IEND', -12);
    return whole && bytes.readUInt32BE(16) > 0 ? undefined : 'no whole png';
  }
  const text = bytes.toString('latin1');
  if (type === 'application/x-pdf') {
    // pdfkit throws for a number that is none; what it wrote is compressed.
    return /^%PDF[^]*%%EOF\s*$/.test(text) ? undefined : 'no whole pdf';
  }
  if (type !== 'image/svg+xml') return type;
  if (!/^<\?xml [^]*<\/svg>\n$/.test(text)) return 'no whole svg';
  return /(?:d|x|y|width|transform)="[^"]*(?:NaN|Infinity|undefined)/.exec(text)?.[0].slice(-90);
}
