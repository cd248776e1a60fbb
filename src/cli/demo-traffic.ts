/**
 * The traffic of `demo`: a shop on a few hundred web servers. Requests follow the day, latencies
 * have a long tail, incidents bring bursts and errors, servers restart and their totals begin
 * again at 0. Pure and repeatable: the lines of a tick depend on the seed and on nothing else.
 *
 * Latencies are multiples of 0.25 ms and rates powers of two, so that sums are exact in whatever
 * order they are added up.
 */
import type { DemoLine } from './demo-tally.ts';
import { Random } from './random.ts';

export const TICK_MS = 100;
const TICKS_A_SECOND = 1000 / TICK_MS;

interface DemoShape {
  seed: number;
  hosts: number;
  /** Lines a second, on average over a day. */
  rate: number;
  /** A day of the shop lasts so long, for its shape to be seen in minutes. */
  daySeconds: number;
}

interface Host {
  name: string;
  /** Share of the requests, 1 is average. */
  weight: number;
  latencyMs: number;
  requestsTotal: number;
  /** undefined until it was first reported. */
  connections: number | undefined;
  memoryMiB: number;
}

interface Incident {
  endpoint: string;
  untilTick: number;
  /** How many times more requests, and how many times slower ones. */
  traffic: number;
  slowness: number;
}

const ENDPOINTS = ['home', 'search', 'product', 'cart', 'checkout', 'login'] as const;
/** Each server reports its gauges so often. */
const GAUGE_SECONDS = 10;
/** The mean of `dayShape`, so that `rate` is an average. */
const DAY_MEAN = 0.675;

export class DemoTraffic {
  private readonly random: Random;
  private readonly hosts: Host[];
  private readonly shape: DemoShape;
  private tick = 0;
  private carry = 0;
  private incident: Incident | undefined;

  constructor(shape: DemoShape) {
    this.shape = shape;
    this.random = new Random(shape.seed);
    const digits = Math.max(3, String(shape.hosts).length);
    this.hosts = Array.from({ length: shape.hosts }, (_, i) => ({
      name: `servers.web${String(i + 1).padStart(digits, '0')}`,
      weight: this.random.between(0.5, 1.5),
      latencyMs: this.random.between(15, 60),
      requestsTotal: this.random.whole(100_000),
      connections: undefined,
      memoryMiB: this.random.between(400, 1200),
    }));
  }

  /** The incident of the moment, for the progress line. */
  get incidentNow(): string | undefined {
    return this.incident?.endpoint;
  }

  /** The lines of the next tenth of a second. */
  next(): DemoLine[] {
    const lines: DemoLine[] = [];
    this.updateIncident();
    this.reportGauges(lines);
    const traffic = (this.dayShape() / DAY_MEAN) * (this.incident?.traffic ?? 1);
    this.carry += (this.shape.rate / TICKS_A_SECOND) * traffic;
    this.carry -= lines.length;
    while (this.carry > 0) {
      const before = lines.length;
      this.request(lines);
      this.carry -= lines.length - before;
    }
    this.tick += 1;
    return lines;
  }

  /** Least at four in the morning, most in the late afternoon: 0.35 to 1. */
  private dayShape(): number {
    const hour = ((this.tick / TICKS_A_SECOND / this.shape.daySeconds) * 24 + 8) % 24;
    return 0.35 + 0.325 * (1 - Math.cos((2 * Math.PI * (hour - 4)) / 24));
  }

  private updateIncident(): void {
    if (this.incident !== undefined && this.tick >= this.incident.untilTick) {
      this.incident = undefined;
    }
    // One in two minutes on average, for 5 to 20 seconds.
    if (this.incident === undefined && this.random.chance(1 / (120 * TICKS_A_SECOND))) {
      this.incident = {
        endpoint: ENDPOINTS[this.random.whole(ENDPOINTS.length)]!, // below its length
        untilTick: this.tick + Math.round(this.random.between(5, 20) * TICKS_A_SECOND),
        traffic: this.random.between(1.5, 4),
        slowness: this.random.between(2, 6),
      };
    }
  }

  private reportGauges(lines: DemoLine[]): void {
    const gauge = (name: string, value: string) => lines.push({ name, type: 'g', value, rate: 1 });
    const period = GAUGE_SECONDS * TICKS_A_SECOND;
    const load = this.dayShape();
    for (let i = this.tick % period; i < this.hosts.length; i += period) {
      const host = this.hosts[i]!; // i < length
      if (this.random.chance(1 / 200)) {
        host.requestsTotal = 0; // restarted
        host.memoryMiB = 400;
      }
      host.memoryMiB = Math.min(4096, host.memoryMiB + this.random.between(0, 4));
      const cpu = Math.min(100, 70 * load * host.weight + 5 * Math.abs(this.random.normal()));
      gauge(`${host.name}.cpu.user`, cpu.toFixed(1));
      gauge(`${host.name}.memory.used_mib`, host.memoryMiB.toFixed(0));
      gauge(`${host.name}.requests_total`, String(host.requestsTotal));
      const change = this.random.whole(21) - 10;
      const before = host.connections;
      host.connections = Math.max(0, (before ?? 50) + change);
      // Absolute at first: the server may remember a gauge from an earlier run.
      const delta = host.connections - (before ?? 0);
      const signed = before === undefined || delta < 0 ? String(delta) : `+${delta}`;
      gauge(`${host.name}.connections`, signed);
    }
  }

  private request(lines: DemoLine[]): void {
    const { random, incident } = this;
    const host = this.pickHost();
    const endpoint = ENDPOINTS[Math.floor(random.next() ** 2 * ENDPOINTS.length)]!; // below it
    const struck = incident?.endpoint === endpoint;
    const latency = this.latencyMs(host, struck);
    host.requestsTotal += 1;
    const counted = (name: string, value = '1', rate = 1) =>
      lines.push({ name, type: 'c', value, rate });
    counted(`${host.name}.requests`);
    lines.push({ name: `${host.name}.latency`, type: 'ms', value: latency, rate: 1 });
    lines.push({ name: `shop.${endpoint}.latency`, type: 'ms', value: latency, rate: 1 });
    counted(`shop.${endpoint}.bytes_sent`, String(200 + random.whole(20_000)));
    if (random.chance(struck ? 0.15 : 0.01)) counted(`shop.${endpoint}.errors`);
    if (random.chance(0.25)) counted(`${host.name}.cache.hits`, '1', 0.25);
    if (random.chance(0.2)) {
      const member = `u${Math.floor(random.next() ** 3 * 50_000)}`;
      lines.push({ name: 'shop.visitors', type: 's', value: member, rate: 1 });
    }
  }

  /** Heavier servers get more: a server is tried at random and taken by its weight. */
  private pickHost(): Host {
    for (;;) {
      const host = this.hosts[this.random.whole(this.hosts.length)]!; // below its length
      if (this.random.next() * 1.5 < host.weight) return host;
    }
  }

  /** Log-normal around the server's own latency, slower under load, one in 100 in a heavy tail. */
  private latencyMs(host: Host, struck: boolean): string {
    const { random } = this;
    let ms = host.latencyMs * Math.exp(0.45 * random.normal()) * (0.8 + 0.5 * this.dayShape());
    if (struck) ms *= this.incident?.slowness ?? 1;
    if (random.chance(0.01)) ms *= Math.min(100, 3 * random.pareto(1.3));
    return String(Math.max(0.25, Math.round(ms * 4) / 4));
  }
}

export function lineText(line: DemoLine): string {
  const rate = line.rate === 1 ? '' : `|@${line.rate}`;
  return `${line.name}:${line.value}|${line.type}${rate}`;
}
