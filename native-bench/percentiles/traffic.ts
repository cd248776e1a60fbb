/**
 * One day of response times of 100 hosts, drawn from a fixed seed: a third of the hosts lognormal, a
 * third bimodal (cache hits and misses), a third Pareto; a daily shape in rate and in time; and an
 * incident from 14:00 to 14:25 on ten hosts. About ten million values.
 */
export const HOSTS = 100;
export const DAY = 86_400;
export const FLUSH = 10;
export const FLUSHES = DAY / FLUSH;

const INCIDENT_FROM = 14 * 3600;
const INCIDENT_TO = INCIDENT_FROM + 25 * 60;
const INCIDENT_HOSTS = 10;

export interface HostDay {
  name: string;
  /** Milliseconds, in order of arrival. */
  values: Float64Array;
  /** Values of flush i are those from `ends[i - 1]` up to `ends[i]`. */
  ends: Uint32Array;
}

export function hostDay(host: number): HostDay {
  const random = randomOf(host + 1);
  const values: number[] = [];
  const ends = new Uint32Array(FLUSHES);
  // Hosts differ in traffic: from one value in four seconds to three a second.
  const perSecond = 0.25 * 12 ** (random() * 0.999);
  const slow = 0.7 + 0.6 * random();
  for (let flush = 0; flush < FLUSHES; flush++) {
    const second = flush * FLUSH;
    const load = 1 + 0.75 * Math.sin((2 * Math.PI * (second - 9 * 3600)) / DAY);
    const count = poisson(perSecond * load * FLUSH, random);
    const isIncident = host % (HOSTS / INCIDENT_HOSTS) === 0 && inIncident(second);
    for (let i = 0; i < count; i++) {
      const base = latency(host % 3, random) * slow * (1 + 0.3 * load * load);
      const value = isIncident && random() < 0.2 ? base * 20 : base;
      // Clients send thousandths of a millisecond.
      values.push(Math.round(value * 1000) / 1000);
    }
    ends[flush] = values.length;
  }
  const name = `stats.timers.web${String(host).padStart(2, '0')}.latency`;
  return { name, values: Float64Array.from(values), ends };
}

function inIncident(second: number): boolean {
  return second >= INCIDENT_FROM && second < INCIDENT_TO;
}

function latency(kind: number, random: () => number): number {
  if (kind === 0) return 40 * Math.exp(0.5 * normal(random));
  if (kind === 1) {
    return random() < 0.9
      ? 5 * Math.exp(0.3 * normal(random))
      : 120 * Math.exp(0.4 * normal(random));
  }
  return Math.min(10 / (1 - random()) ** (1 / 1.8), 60_000);
}

/** Uniform in [0, 1): xorshift32. */
function randomOf(seed: number): () => number {
  let state = Math.imul(seed, 0x9e3779b9) | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 0x1_0000_0000;
  };
}

function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

function poisson(mean: number, random: () => number): number {
  const limit = Math.exp(-mean);
  let count = 0;
  for (let product = random(); product > limit; product *= random()) count += 1;
  return count;
}
