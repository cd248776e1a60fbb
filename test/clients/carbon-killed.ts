/**
 * Debian's carbon as the Graphite behind our backend, killed (SIGKILL) and started again under load.
 * A tap between the two sees what crosses the wire: whisper alone cannot tell order and repeats.
 */
import dgram from 'node:dgram';
import { Carbon } from '../support/carbon.ts';
import { freePort } from '../support/free-port.ts';
import type { Point } from '../support/server.ts';
import { until } from '../support/until.ts';
import { findDebian } from './children.ts';
import type { Program } from './program.ts';
import { type GraphiteLine, type Passage, Tap } from './tap.ts';

/** Milliseconds after a flush at which carbon is killed: it has read it, or is about to. */
const KILLS_AFTER_MS = [500, 0, 500];
/** Flushes that must wait before carbon comes back, and that it must get before the next kill. */
const AWAY_FLUSHES = 4;
/** `forward/ordered-sender.ts` takes what was written so shortly before an end for unread. */
const CROSSING_MS = 300;
const SERIES = 20;
const NAME = 'stats_counts.hits';

export const carbonKilled: Program = {
  name: 'carbon-cache behind, killed under load',
  from: 'Debian graphite-carbon',
  sends: `100 datagrams a second into tallyd, a flush a second to carbon, which is killed ${KILLS_AFTER_MS.length} times`,
  find: () => findDebian('graphite-carbon', 'python3-whisper'),
  async run(stage) {
    const carbon = await Carbon.make();
    stage.atEnd(async () => carbon.remove());
    const tap = new Tap(await freePort(), carbon.port);
    stage.atEnd(() => tap.close());
    const flags = ['--graphite-host', '127.0.0.1', '--graphite-port', String(tap.port)];
    const server = await stage.open({}, flags);
    const socket = dgram.createSocket('udp4');
    const port = server.port('statsd udp');
    let sent = 0;
    const load = setInterval(() => {
      socket.send(`hits:3|c\nother.${sent % SERIES}:1|c`, port, '127.0.0.1');
      sent += 3;
    }, 10);
    stage.atEnd(() => {
      clearInterval(load);
      socket.close();
    });
    const metric = async (name: string): Promise<number> => {
      const page = await (await server.get('/metrics')).text();
      return Number(new RegExp(`^tallyd_graphite_${name}(?:_total)? (\\d+)$`, 'm').exec(page)?.[1]);
    };
    const start = async (): Promise<void> => {
      await carbon.start();
      await tap.open();
    };

    await start();
    const stored = async (): Promise<Point[]> =>
      ((await server.render(NAME)).get(NAME) ?? []).filter(({ value }) => value !== 0);
    /** What tallyd stored and carbon has not written, or otherwise. */
    const missing = (own: readonly Point[]): number[] => {
      const theirs = carbon.points(NAME);
      return own
        .filter(({ time, value }) => theirs.get(time) !== value && !carbon.forgot(time))
        .map(({ time }) => time);
    };
    const flushes = (): number => tap.lines(NAME).flat().length;
    for (const afterMs of KILLS_AFTER_MS) {
      let before = flushes();
      await until(() => flushes() >= before + AWAY_FLUSHES, 'carbon gets flushes');
      // It writes in its own time: killed before that, it loses them by itself.
      const own = await stored();
      await until(() => missing(own).length === 0, 'carbon has written them');
      before = flushes();
      const quietMs = (): number => performance.now() - tap.passages.at(-1)!.lastMs;
      await until(() => flushes() > before && quietMs() >= afterMs, 'one more, not long ago');
      tap.refuse();
      await carbon.stop('SIGKILL');
      await until(async () => (await metric('queued')) >= AWAY_FLUSHES, 'flushes wait');
      await start();
    }
    clearInterval(load);
    // The last of the load is flushed, sent and written.
    await stage.sums({ [NAME]: sent });
    await until(async () => (await metric('queued')) === 0, 'nothing waits any more');
    const own = await stored();
    await until(() => missing(own).length === 0, 'carbon has written all').catch(() => {});

    const passages = tap.lines(NAME);
    const lines = passages.flat();
    const arrived = new Map(lines.map(({ time, value }) => [time, value]));
    const resent = await metric('resent');
    stage.notes(
      'intervals that never reached carbon, or otherwise',
      [],
      own.filter(({ time, value }) => arrived.get(time) !== value),
    );
    stage.notes('intervals out of order on the wire', [], passages.flatMap(outOfOrder));
    const repeats = repeatsOf(tap, passages);
    stage.notes('intervals twice, killed with nothing under way', 0, repeats.quiet);
    stage.notes('intervals twice, killed amid a flush, as counted by tallyd', resent, repeats.amid);
    const sum = [...arrived.values()].reduce((total, value) => total + value, 0);
    stage.notes('sum that reached carbon', sent, sum);
    stage.notes('missing in whisper but for what carbon forgot when killed', [], missing(own));
    stage.notes('flushes dropped', 0, await metric('dropped'));
    const ends = tap.passages.map(({ end }) => end).join(', ');
    stage.figures.push(
      `${arrived.size} intervals, ${resent} sent again; connections ended: ${ends}`,
    );
  },
};

/** Whether all had been read, and some time ago: what crosses an end may not have arrived. */
function isQuiet({ end, endMs, lastMs }: Passage): boolean {
  return end === 'cleanly' && endMs - lastMs >= CROSSING_MS;
}

/** Times of one connection that are not after the one before. */
function outOfOrder(lines: readonly GraphiteLine[]): number[] {
  return lines.filter(({ time }, i) => i > 0 && time <= lines[i - 1]!.time).map(({ time }) => time);
}

/**
 * How many lines of each connection had come before. What was on its way when the one before it ended
 * may have been lost, so it is sent again; what carbon had read may not be.
 */
function repeatsOf(tap: Tap, passages: readonly GraphiteLine[][]): { quiet: number; amid: number } {
  const repeats = { quiet: 0, amid: 0 };
  const known = new Set<number>();
  passages.forEach((lines, i) => {
    const again = lines.filter(({ time }) => known.has(time)).length;
    if (i > 0) repeats[isQuiet(tap.passages[i - 1]!) ? 'quiet' : 'amid'] += again;
    for (const { time } of lines) known.add(time);
  });
  return repeats;
}
