/** Metrics sent to a server over UDP without end, and what it makes of them. */
import dgram from 'node:dgram';
import fs from 'node:fs';
import path from 'node:path';
import type { Server } from '../support/server.ts';

const METRICS = 60;
const EVERY_MS = 50;
const FRESH = 10;

export interface Health {
  status: string;
  reason?: string;
  receive: { datagrams: number };
  store: {
    state: string;
    lastDurableFlush: number;
    pendingFlushes: number;
    droppedFlushes: number;
    corruptRecords: number;
  };
}

export class Traffic {
  private readonly socket = dgram.createSocket('udp4');
  private readonly timer: NodeJS.Timeout;
  private fresh = 0;

  constructor(server: Server) {
    const port = server.port('statsd udp');
    // A server that was killed answers with an error; that is expected here.
    this.socket.on('error', () => {});
    this.timer = setInterval(() => {
      const lines: string[] = [];
      for (let i = 0; i < METRICS; i++) {
        lines.push(`fault.c${i}:${i + 1}|c`, `fault.g${i}:${i}|g`, `fault.t${i % 7}:${i}|ms`);
      }
      // New names make the data file grow.
      for (let i = 0; i < FRESH; i++) lines.push(`fresh.g${this.fresh++}:1|g`);
      for (let at = 0; at < lines.length; at += 30) {
        this.socket.send(lines.slice(at, at + 30).join('\n'), port, '127.0.0.1', () => {});
      }
    }, EVERY_MS);
  }

  stop(): void {
    clearInterval(this.timer);
    this.socket.close();
  }
}

/** Answers in any state: 503 while failing. */
export async function healthOf(server: Server): Promise<Health> {
  const response = await fetch(`http://127.0.0.1:${server.port('http')}/health`);
  return (await response.json()) as Health;
}

/** `series@time` to value, of all that traffic made, for times that are done. */
export async function storedPoints(
  server: Server,
  until: number,
  from = until - 3000, // well within the finest archive
): Promise<Map<string, number>> {
  const points = new Map<string, number>();
  for (const target of [
    'stats.counters.fault.*.*',
    'stats.gauges.fault.*',
    'stats_counts.fault.*',
  ]) {
    const query = new URLSearchParams({ target, from: String(from), until: String(until) });
    type Answer = { target: string; datapoints: [number | null, number][] }[];
    for (const series of await server.json<Answer>(`/render?${query.toString()}&format=json`)) {
      for (const [value, time] of series.datapoints) {
        if (value !== null && time <= until) points.set(`${series.target}@${time}`, value);
      }
    }
  }
  return points;
}

/** Flags for slots of one second: a flush is done as soon as it is stored. */
export function secondSlots(folder: string): string[] {
  const file = path.join(folder, 'storage-schemas.conf');
  fs.writeFileSync(file, '[all]\npattern = .*\nretentions = 1s:1h,1m:1d\n');
  return ['--storage-schemas', file];
}

/** Starts something with variables in the environment that only it gets. */
export async function withEnvironment<T>(
  variables: Record<string, string>,
  start: () => Promise<T>,
): Promise<T> {
  Object.assign(process.env, variables);
  try {
    return await start();
  } finally {
    for (const name of Object.keys(variables)) delete process.env[name];
  }
}
