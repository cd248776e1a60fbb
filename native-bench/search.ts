/**
 * Searches of 1,000,000 names as they are typed: each beginning of each query, letter by letter, and
 * what one of them costs in CPU time. Two stores: names of few words (hosts with the same metrics), and
 * names whose last nodes all differ. Run with --expose-gc for the memory of the index.
 *
 *     npm run bench:search
 */
import { atOnce } from '../src/lib/in-steps.ts';
import { Catalogue } from '../src/storage/index/catalogue.ts';

const NAMES = 1_000_000;
const SHOWN = 50;
const ROUNDS = 3;

const APPS = 'shop checkout search billing login catalog mail cart stock ads'.split(' ');
const STATS = 'count mean median upper upper_90 upper_99 lower sum std count_ps'.split(' ');

const hosts = (i: number): string => {
  const [host, app, stat] = [Math.floor(i / 100), Math.floor(i / 10) % 10, i % 10];
  return `stats.timers.web${String(host).padStart(5, '0')}.${APPS[app]}.latency.${STATS[stat]}`;
};
const distinct = (i: number): string => {
  const mixed = Math.imul(i + 1, 0x9e3779b1) >>> 0;
  return `jobs.${APPS[i % 10]}.worker${i % 500}.request-${mixed.toString(36)}-${i}`;
};
const tagged = (i: number): string => {
  const [host, app, stat] = [Math.floor(i / 100), Math.floor(i / 10) % 10, i % 10];
  return `latency.${STATS[stat]};app=${APPS[app]};server=web${String(host).padStart(5, '0')}`;
};

const QUERIES = [
  'upper_99 checkout web00042',
  'web09999 latency',
  'stats.timers.web01234.shop',
  'shop lat',
  'checkout.latency.mean',
  'worker499 request-z',
  'request-1k',
  'e t a',
  'median 0001',
  'server=web00042 upper',
  'nowhere to be found',
];

interface Sample {
  typed: string;
  ms: number;
}

for (const [what, nameOf] of Object.entries({ hosts, distinct, tagged })) {
  const catalogue = new Catalogue();
  for (let i = 0; i < NAMES; i++) catalogue.insert(nameOf(i), i);
  globalThis.gc?.();
  const before = memory();
  const build = cpu(() => atOnce(catalogue.searching('', SHOWN)));
  globalThis.gc?.();
  const index = memory() - before;
  console.log(
    `${what}: e.g. ${nameOf(424_242)}\n  index ${mib(catalogue.searchBytes)} MiB by its own count, ` +
      `${mib(index)} MiB measured, made in ${Math.round(build)} ms of CPU`,
  );
  const samples: Sample[] = [];
  let longestStep = 0;
  for (let round = 0; round < ROUNDS; round++) {
    for (const query of QUERIES) {
      for (let end = 1; end <= query.length; end++) {
        const typed = query.slice(0, end);
        const ms = cpu(() => JSON.stringify(atOnce(catalogue.searching(typed, SHOWN))));
        samples.push({ typed, ms });
        if (round === 0) longestStep = Math.max(longestStep, longest(catalogue, typed));
      }
    }
  }
  samples.sort((a, b) => a.ms - b.ms);
  const at = (share: number): string =>
    samples[Math.ceil(samples.length * share) - 1]!.ms.toFixed(1);
  const worst = samples.at(-1)!;
  console.log(
    `  ${samples.length} searches: median ${at(0.5)}, p99 ${at(0.99)}, most ${worst.ms.toFixed(1)} ms of CPU ` +
      `("${worst.typed}"); longest without a pause ${longestStep.toFixed(1)} ms`,
  );
}

function cpu(work: () => unknown): number {
  const start = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}

/** Of one search, the longest part between two pauses, by CPU time. */
function longest(catalogue: Catalogue, typed: string): number {
  const steps = catalogue.searching(typed, SHOWN);
  let most = 0;
  for (let done = false; !done;) {
    most = Math.max(
      most,
      cpu(() => (done = steps.next().done === true)),
    );
  }
  return most;
}

function memory(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

function mib(bytes: number): string {
  return (bytes / 1024 ** 2).toFixed(1);
}
