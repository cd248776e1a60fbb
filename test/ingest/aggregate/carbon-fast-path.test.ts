/** Carbon lines taken in one pass are the same points as those of the full parser. */
import { Random } from '../../../src/cli/random.ts';
import {
  type PointColumns,
  takePlainPoints,
} from '../../../src/ingest/aggregate/carbon-fast-path.ts';
import {
  NO_NAME,
  POINT_NAME_LIMITS,
  CarbonNames,
} from '../../../src/ingest/aggregate/carbon-names.ts';
import { readCarbonLine } from '../../../src/ingest/protocol/carbon/plaintext.ts';
import { readCarbonLines } from '../../support/carbon-lines.ts';
import { littleEndianView } from '../../../src/ingest/protocol/words.ts';
import { CARBON_LINES, mutatedLines } from '../../fuzz/mutate.ts';
import { assert, describe } from '../../support/suite.ts';

const RULES = { nowSeconds: 1_700_000_000, nameBytesMax: 100 };

interface Reading {
  points: string[];
  refused: string[];
  /** Lines that the one pass took. */
  plain: number;
}

function shown(name: string, time: number, value: number): string {
  return `${name} ${Object.is(value, -0) ? '-0' : value} ${time}`;
}

/** As the listener does: known names in one pass, other lines in full. */
function readBoth(packets: readonly Buffer[], room = 100): Reading {
  const names = new CarbonNames(POINT_NAME_LIMITS, 0x5eed);
  const texts: string[] = [];
  const columns: PointColumns = {
    numbers: new Uint32Array(room),
    times: new Float64Array(room),
    values: new Float64Array(room),
    length: 0,
  };
  const reading: Reading = { points: [], refused: [], plain: 0 };
  const sink = {
    point: (name: string, time: number, value: number) => {
      const number = names.numberOf(name);
      assert.is.not(number, NO_NAME);
      texts[number] = name;
      names.came(number);
      reading.points.push(shown(name, time, value));
    },
    reject: (reason: string) => void reading.refused.push(reason),
  };
  for (const packet of packets) {
    const view = littleEndianView(packet);
    for (let at = 0; at < packet.length;) {
      at = takePlainPoints(packet, view, at, packet.length, names, columns);
      for (let i = 0; i < columns.length; i++) {
        const name = texts[columns.numbers[i]!]!;
        reading.points.push(shown(name, columns.times[i]!, columns.values[i]!));
      }
      reading.plain += columns.length;
      columns.length = 0;
      if (at < packet.length) at = readCarbonLine(packet, at, packet.length, RULES, sink);
    }
  }
  return reading;
}

function readInFull(packets: readonly Buffer[]): Omit<Reading, 'plain'> {
  const reading = { points: [] as string[], refused: [] as string[] };
  for (const packet of packets) {
    readCarbonLines(packet, 0, packet.length, RULES, {
      point: (name, time, value) => void reading.points.push(shown(name, time, value)),
      reject: (reason) => void reading.refused.push(reason),
    });
  }
  return reading;
}

function assertSame(packets: readonly Buffer[], room?: number): Reading {
  const { plain, ...both } = readBoth(packets, room);
  assert.equal(both, readInFull(packets));
  return { plain, ...both };
}

function packet(...lines: string[]): Buffer {
  return Buffer.from(lines.join('\n'));
}

describe('carbon lines in one pass', (it) => {
  it('takes what nearly every sender writes', () => {
    const lines = [
      'a.b 1 1700000000',
      'a.b -12.5 1700000010.75',
      'a.b .5 1700000020.\r',
      'a.b 5. 1',
    ];
    const { plain, points } = assertSame([packet('a.b 0 1'), packet(...lines, '')]);
    assert.is(plain, lines.length);
    assert.equal(points.slice(1), [
      'a.b 1 1700000000',
      'a.b -12.5 1700000010',
      'a.b 0.5 1700000020',
      'a.b 5 1',
    ]);
  });

  it('leaves everything else to the full parser', () => {
    const odd = [
      'a  1 1',
      'a\t1 1',
      ' a 1 1',
      'a +1 1',
      'a 1 -1',
      'a 1 N',
      'a 1 1 ',
      'a 1e3 1',
      'a 1',
    ]
      .concat(['a - 1', 'a . 1', 'a 1 .', 'a 1 1x', 'a 1x 1', 'a 1.2.3 1', 'a 1234567890123456 1'])
      .concat(['a 1 1234567890123456', 'a 0.1234567890123456 1', 'a nan 1', 'b 1 1', 'a', '']);
    for (const line of odd) {
      const { plain } = assertSame([packet('a 1 1'), packet(line, line)]);
      // The second line of a new name is known by then.
      assert.is(plain, line.startsWith('b ') ? 1 : 0, line);
    }
  });

  it('is not led astray by a name that starts as the guess does, or as the packet ends', () => {
    const names = ['ab', 'abc', 'abcd', 'abcde', 'abcdefgh', 'abcdefghi', 'é', 'ééé'];
    const lines = names.flatMap((a) => names.flatMap((b) => [`${a} 1 1`, `${b} 2 2`]));
    assertSame([packet(...lines), packet(...lines), packet(...lines.reverse())]);
    for (let cut = 0; cut < 30; cut++) {
      const bytes = packet(...lines.slice(0, 3));
      // Bytes behind the packet's end are somebody else's.
      assertSame([packet(...lines), bytes.subarray(0, cut)]);
    }
  });

  it('stops where the columns are full', () => {
    const lines = Array.from({ length: 50 }, (_, i) => `a ${i} ${i}`);
    assertSame([packet('a 0 0'), packet(...lines)], 7);
  });

  it('agrees with the full parser on broken lines', () => {
    const random = new Random(7);
    for (let round = 0; round < 200; round++) {
      const lines = mutatedLines(CARBON_LINES, 20, random);
      const whole = CARBON_LINES.flatMap((line) => [line, ...lines.splice(0, 3)]);
      const bytes = Buffer.concat(whole.flatMap((line) => [line, Buffer.from('\n')]));
      assertSame([bytes, bytes]);
    }
  });
});
