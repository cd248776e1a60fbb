/** All kinds, a door each. */
import { flipBits } from './bits.ts';
import { configs } from './configs.ts';
import { datagrams } from './datagrams.ts';
import type { Kind } from './kind.ts';
import { pickles } from './pickles.ts';
import { hostileRequests } from './requests.ts';
import { streams } from './streams.ts';

const bits: Kind = {
  name: 'bits',
  rounds: 1000,
  short: 0,
  async run(rounds, seed, print) {
    const { wrong, ...counts } = await flipBits(rounds, seed);
    print(JSON.stringify(counts));
    return wrong;
  },
};

/** Those that are listed, and as many random ones; requests.test.ts is the short form. */
const requests: Kind = {
  name: 'requests',
  rounds: 1000,
  short: 0,
  async run(count, seed, print) {
    const { wrong } = await hostileRequests({ seriesCount: 3000, count, seed }, (one) => {
      const columns = [one.status, one.ms, one.healthMs, one.rssMb, one.bytes].map((number) =>
        String(Math.round(number)).padStart(8),
      );
      print(`${columns.join(' ')}  ${one.name.slice(0, 60)} | ${one.said.slice(0, 80)}`);
    });
    return wrong;
  },
};

export const KINDS: readonly Kind[] = [datagrams, streams, pickles, requests, configs, bits];
