/**
 * A hundred pictures asked for at once, with datagrams coming in: what `/health` takes meanwhile, what
 * memory grows to, whether a datagram is lost. How long the HTTP thread waited for a core stands beside
 * it: on a machine that does other things that is most of the time.
 */
import dgram from 'node:dgram';
import fs from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

const AT_ONCE = 100;
const HEALTH_EVERY_MS = 2;
const HEALTH_MS = 50;
const MEMORY_MB = 1000;
/** Datagrams a millisecond or so. */
const BATCH = 5;

interface Subject {
  pid: number;
  statsdPort: number;
  /** The body of an answer, over one of as many connections as it takes. */
  ask(path: string): Promise<Buffer>;
}

/** `picture`: the path of one; each is made another by its title. Once unmeasured, then measured. */
export async function picturesAtOnce(subject: Subject, picture: string): Promise<string[]> {
  await burst(subject, picture, 'first');
  const before = await received(subject);
  const waitedBefore = waitedMs(subject.pid);
  const { slowest, asked, peak, sent } = await burst(subject, picture, 'second');
  const waited = waitedMs(subject.pid) - waitedBefore;
  // What the kernel holds still is read in a moment.
  for (let i = 0; i < 100 && (await received(subject)) < before + sent; i++) await delay(50);
  const lost = before + sent - (await received(subject));
  return [
    line(
      `/health while ${AT_ONCE} pictures are drawn, slowest of ${asked}`,
      slowest,
      HEALTH_MS,
      'ms',
    ) + `; the HTTP thread waited ${waited.toFixed(0)} ms for a core in all`,
    line('most memory meanwhile', peak, MEMORY_MB, 'MB'),
    line(`lost of ${sent} datagrams`, lost, 0, ''),
  ];
}

function line(what: string, figure: number, most: number, unit: string): string {
  const met = figure <= most ? 'met' : 'MISSED';
  return `tallyd: ${what}: ${figure.toFixed(0)} ${unit}, aim <= ${most}: ${met}`;
}

async function burst(
  { ask, pid, statsdPort }: Subject,
  picture: string,
  name: string,
): Promise<{ slowest: number; asked: number; peak: number; sent: number }> {
  let isOver = false;
  const found = { slowest: 0, asked: 0, peak: 0, sent: 0 };
  const health = async (): Promise<void> => {
    while (!isOver) {
      const started = performance.now();
      await ask('/health');
      found.slowest = Math.max(found.slowest, performance.now() - started);
      found.asked += 1;
      found.peak = Math.max(found.peak, residentMb(pid));
      await delay(HEALTH_EVERY_MS);
    }
  };
  const socket = dgram.createSocket('udp4');
  const send = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const done = (error: Error | null): void => (error === null ? resolve() : reject(error));
      socket.send(`drawn.meanwhile:${found.sent % 10}|c`, statsdPort, '127.0.0.1', done);
    });
  const datagrams = async (): Promise<void> => {
    while (!isOver) {
      for (let i = 0; i < BATCH; i++) {
        await send();
        found.sent += 1;
      }
      await delay(1);
    }
  };
  const others = [health(), datagrams()];
  const one = (_: unknown, i: number): Promise<Buffer> => ask(`${picture}&title=${name}${i}`);
  await Promise.all(Array.from({ length: AT_ONCE }, one));
  isOver = true;
  await Promise.all(others);
  socket.close();
  return found;
}

/** Datagrams that came in by UDP. */
async function received({ ask, statsdPort }: Subject): Promise<number> {
  const { listeners } = JSON.parse((await ask('/health')).toString()) as {
    listeners: { name: string; address: string; packets: number }[];
  };
  return listeners.find(({ address }) => address.endsWith(`:${statsdPort}`))!.packets; // it listens
}

function residentMb(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
}

/** Milliseconds that the main thread was ready and had no core. */
function waitedMs(pid: number): number {
  return Number(fs.readFileSync(`/proc/${pid}/task/${pid}/schedstat`, 'utf8').split(' ')[1]) / 1e6;
}
