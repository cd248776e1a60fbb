/**
 * The page in headless Chromium before a real server with 1,000,000 names: what is sent, how long it
 * takes to the first chart, from a keystroke in the find box to its answer, and a frame while 20 series
 * of 10,000 points are panned.
 *
 *     npm run bench:page [-- --names 100000]
 *
 * Needs Debian's chromium. Times are wall time, good on a quiet machine alone; beside them stands what of
 * it the page's own thread computed, which others hardly change.
 */
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { type CDPSession, chromium, type Page } from 'playwright-core';
import { Server } from '../test/support/server.ts';

const { values } = parseArgs({ options: { names: { type: 'string', default: '1000000' } } });
const NAMES = Number(values.names);
const STEP = 10;
const POINTS = 10_000;
const LINES = 20;
const STATS = 'count mean median upper upper_90 upper_99 lower sum std count_ps'.split(' ');
const APPS = 'shop checkout search billing login catalog mail cart stock ads'.split(' ');
const QUERIES = [
  'upper_99 checkout web00042',
  'web00999 latency',
  'shop lat',
  'median 0001',
  'nowhere',
];
const ROUNDS = 3;

const nameOf = (i: number): string =>
  `stats.timers.web${String(Math.floor(i / 100)).padStart(5, '0')}.${APPS[Math.floor(i / 10) % 10]}.latency.${STATS[i % 10]}`;

/** Notes for each input of the find box how long it took until the answer stood there. */
const TIME_KEYS = `
  window.took = [];
  const input = document.querySelector('.find input');
  const find = document.querySelector('.find');
  let started;
  input.addEventListener('input', () => {
    started = performance.now();
    window.waiting = input.value !== '';
  }, { capture: true });
  new MutationObserver(() => {
    if (!window.waiting) return;
    window.waiting = false;
    window.took.push(performance.now() - started);
  }).observe(find, { subtree: true, childList: true, characterData: true });
`;

/** Times between frames, and how many of them had to draw. */
const TIME_FRAMES = `
  window.frames_ = [];
  window.drawn_ = 0;
  let last = performance.now();
  const frame = (at) => {
    window.frames_.push(at - last);
    last = at;
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
  addEventListener('mousemove', () => (window.drawn_ += 1), { capture: true });
`;

const now = Math.floor(Date.now() / 1000 / STEP) * STEP;
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tallyd-page-'));
const schemas = path.join(folder, 'schemas.conf');
fs.writeFileSync(
  schemas,
  `[panned]\npattern = ^panned\\.\nretentions = ${STEP}:2d\n[all]\npattern = .*\nretentions = ${STEP}:1h\n`,
);
const server = await Server.start([
  `--storage-schemas=${schemas}`,
  '--flush-interval=10000',
  '--max-stored-series=2000000',
  '--max-stored-series-per-prefix=2000000',
]);
const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: ['--no-sandbox'],
});
try {
  await fill();
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const page = await context.newPage();
  await measure(page);
} finally {
  await browser.close();
  await server.remove();
  fs.rmSync(folder, { recursive: true });
}

/** All names with one point, and the panned series with all of theirs, by carbon's port. */
async function fill(): Promise<void> {
  const socket = net.connect(server.port('carbon tcp'), '127.0.0.1');
  await once(socket, 'connect');
  const send = async (lines: string[]): Promise<void> => {
    if (!socket.write(`${lines.join('\n')}\n`)) await once(socket, 'drain');
  };
  for (let i = 0; i < NAMES; i += 1000) {
    await send(
      Array.from({ length: Math.min(1000, NAMES - i) }, (_, j) => `${nameOf(i + j)} ${j} ${now}`),
    );
  }
  for (let i = 0; i < POINTS; i += 50) {
    const lines = Array.from({ length: 50 * LINES }, (_, j) => {
      const [row, line] = [i + Math.floor(j / LINES), j % LINES];
      const value = 100 * line + 40 * Math.sin(row / 200 + line) + ((row * 7919) % 13);
      return `panned.line${line} ${value} ${now - (POINTS - 1 - row) * STEP}`;
    });
    await send(lines);
  }
  socket.end();
  await once(socket, 'close');
  const stored = async (): Promise<number> =>
    (await server.json<{ store: { seriesCount: number } }>('/health')).store.seriesCount;
  await server.until(async () => (await stored()) >= NAMES + LINES, 'all names', 300_000);
  const full = async (): Promise<boolean> => {
    const points = await server.render(`panned.line${LINES - 1}`, '-2d');
    return [...points.values()].every((series) => series.length >= POINTS - 1);
  };
  await server.until(full, 'all points', 300_000);
}

async function measure(page: Page): Promise<void> {
  const origin = `http://127.0.0.1:${server.port('http')}`;
  const sent = new Map<string, number>();
  const session = await page.context().newCDPSession(page);
  await session.send('Network.enable');
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  const urls = new Map<string, string>();
  session.on('Network.responseReceived', ({ requestId, response }) =>
    urls.set(requestId, response.url),
  );
  session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    sent.set(urls.get(requestId) ?? '', encodedDataLength);
  });
  const first: number[] = [];
  const computed: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const host = nameOf(Math.floor(NAMES / 2) + round * 100).split('.')[2];
    const target = `stats.timers.${host}.*.latency.upper_90`;
    await page.goto('about:blank');
    await session.send('Network.clearBrowserCache');
    const started = performance.now();
    await page.goto(`${origin}/#target=${target}`, { waitUntil: 'commit' });
    await page.waitForSelector('.legend tbody tr');
    first.push(performance.now() - started);
    // A page begins to count anew.
    computed.push(await cpuMs(session));
  }
  for (const hash of ['page=overview', 'page=dashboards', 'page=dashboard&dashboard=tallyd']) {
    await page.goto(`${origin}/#${hash}`);
    await page.waitForSelector('.panel, .cards li');
  }
  const scripts = [...sent].filter(([url]) => url.endsWith('.js'));
  const bytes = scripts.reduce((sum, [, length]) => sum + length, 0);
  console.log(
    `JavaScript sent: ${(bytes / 1000).toFixed(1)} kB compressed, ${scripts.length} modules, all pages`,
  );
  console.log(
    `first chart with ${NAMES} names, cold: ${first.map((ms) => Math.round(ms)).join(', ')} ms`,
  );
  console.log(`  of it computed by the page: ${computed.map(Math.round).join(', ')} ms`);
  await measureKeys(page, origin, session);
  await measurePan(page, origin, session);
}

/** What the page's thread has computed since the page began, ms. */
async function cpuMs(session: CDPSession): Promise<number> {
  const { metrics } = await session.send('Performance.getMetrics');
  return 1000 * (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? NaN);
}

async function measureKeys(page: Page, origin: string, session: CDPSession): Promise<void> {
  await page.goto(`${origin}/#page=explore`);
  await page.focus('.find input');
  // The first search makes the index; whoever focuses the box starts that.
  await page.fill('.find input', 'warm');
  await page.waitForSelector('.find .note:not(:empty), #hits li', { timeout: 60_000 });
  await page.evaluate(TIME_KEYS);
  const before = await cpuMs(session);
  for (const query of QUERIES) {
    await page.fill('.find input', '');
    for (const key of query) {
      await page.keyboard.type(key);
      while ((await page.evaluate('window.waiting')) === true) await page.waitForTimeout(5);
    }
  }
  const took = (await page.evaluate('window.took')) as number[];
  print(`keystroke to answer, ${took.length} keys`, took);
  const each = ((await cpuMs(session)) - before) / took.length;
  console.log(`  of it computed by the page: ${each.toFixed(1)} ms a key`);
}

async function measurePan(page: Page, origin: string, session: CDPSession): Promise<void> {
  const view = `target=panned.*&from=${now - POINTS * STEP}&until=${now}&maxDataPoints=1000000`;
  await page.goto(`${origin}/#${view}`);
  await page.waitForSelector(`.legend tbody tr:nth-child(${LINES})`);
  await page.waitForTimeout(500);
  const box = (await page.locator('.u-over').boundingBox())!; // it is drawn
  await page.keyboard.down('Shift');
  await page.mouse.move(box.x + box.width / 2, box.y + 100);
  await page.mouse.down();
  await page.evaluate(TIME_FRAMES);
  const before = await cpuMs(session);
  for (let i = 0; i < 120; i++) {
    await page.mouse.move(box.x + box.width / 2 + 200 * Math.sin(i / 10), box.y + 100);
  }
  const frames = (await page.evaluate('window.frames_')) as number[];
  const drawn = (await page.evaluate('window.drawn_')) as number;
  const each = ((await cpuMs(session)) - before) / drawn;
  await page.mouse.up();
  await page.keyboard.up('Shift');
  print(`frame while panning ${LINES} x ${POINTS} points`, frames);
  console.log(`  computed: ${each.toFixed(1)} ms a frame that draws`);
}

function print(what: string, samples: number[]): void {
  const sorted = [...samples].sort((a, b) => a - b);
  const at = (share: number): string =>
    (sorted[Math.ceil(sorted.length * share) - 1] ?? NaN).toFixed(1);
  console.log(`${what}: median ${at(0.5)}, p99 ${at(0.99)}, most ${at(1)} ms`);
}
