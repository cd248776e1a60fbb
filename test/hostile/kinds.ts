/** All kinds, a door each. */
import { flipBits } from './bits.ts';
import { datagrams } from './datagrams.ts';
import type { Kind } from './kind.ts';

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

export const KINDS: readonly Kind[] = [datagrams, bits];
