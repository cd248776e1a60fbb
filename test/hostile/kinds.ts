/** All kinds, a door each. */
import { anyRequests } from './any-requests.ts';
import { flipBits } from './bits.ts';
import { configs } from './configs.ts';
import { datagrams } from './datagrams.ts';
import type { Kind } from './kind.ts';
import { pictures } from './pictures.ts';
import { pickles } from './pickles.ts';
import { hostileRequests, type Outcome } from './requests.ts';
import { streams } from './streams.ts';

const bits: Kind = {
  name: 'bits',
  rounds: 1000,
  short: 0,
  async run(rounds, seed, print) {
    const { wrong, ...counts } = await flipBits(rounds, seed);
    print(JSON.stringify(counts));
    // Changed and not found is wrong.
    const { flips, changed } = counts;
    const kept = flips - changed;
    return { wrong, what: 'flips', received: flips, kept, counted: changed, longestMs: 0 };
  },
};

/** Those that are listed, and as many random ones; requests.test.ts is the short form. */
const requests: Kind = {
  name: 'requests',
  rounds: 1000,
  short: 0,
  async run(count, seed, print) {
    const { wrong, outcomes } = await hostileRequests({ seriesCount: 3000, count, seed }, (one) => {
      const columns = [one.status, one.ms, one.healthMs, one.rssMb, one.bytes].map((number) =>
        String(Math.round(number)).padStart(8),
      );
      print(`${columns.join(' ')}  ${one.name.slice(0, 60)} | ${one.said.slice(0, 80)}`);
    });
    const kept = outcomes.filter(({ status }) => status > 0 && status < 400).length;
    const most = (of: (one: Outcome) => number): number => Math.max(0, ...outcomes.map(of));
    return {
      wrong,
      what: 'requests',
      received: outcomes.length,
      kept,
      counted: outcomes.length - kept,
      longestMs: most(({ healthMs }) => healthMs),
      rssMb: most(({ rssMb }) => rssMb),
    };
  },
};

export const KINDS: readonly Kind[] = [
  datagrams,
  streams,
  pickles,
  anyRequests,
  pictures,
  requests,
  configs,
  bits,
];
