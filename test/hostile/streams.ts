/**
 * The doors for streams: lines, frames and messages one behind the other, cut anywhere, by every
 * framing. A round is a stream. However the bytes come, what comes out of them is the same; nothing is
 * held once a connection has ended, and little is copied.
 */
import { FRAMERS, type FramerCounts, type ReadResult } from '../../src/ingest/receive/framing.ts';
import { Complaints, Dice, type Kind } from './kind.ts';
import { carbonLines, statsdLines } from './odd-lines.ts';
import { mutatedPickle, soundPickle } from './odd-pickles.ts';
import { StallWatch } from './stall.ts';
import { shown } from './twins.ts';

type Framing = keyof typeof FRAMERS;

const FRAMINGS = Object.keys(FRAMERS) as Framing[];
const STALL_MS_MAX = 100;
/** What a socket hands over at once. */
const READ_BYTES = 65_536;
/** Times that a byte is copied, however it comes; and what small ones may take beside. */
const COPIES_MAX = 4;
const BYTES_MAX: Record<Framing, number> = {
  lines: 65_536,
  looseLines: 16_384,
  lengths: 2 ** 20,
  linesOrFrames: 65_536,
};

export const streams: Kind = {
  name: 'streams',
  rounds: 100_000,
  short: 150,
  async run(rounds, seed, print) {
    const complaints = new Complaints();
    const watch = new StallWatch(STALL_MS_MAX);
    const sums = { streams: 0, bytes: 0, packets: 0, refused: 0 };
    for (let i = 0; i < rounds; i++) {
      const where = `--seed ${seed + i} --rounds 1`;
      try {
        const { faults, bytes, packets, isRefused } = oneStream(new Dice(seed + i), watch);
        for (const fault of faults) complaints.add(fault, where);
        sums.streams += 1;
        sums.bytes += bytes;
        sums.packets += packets;
        sums.refused += isRefused ? 1 : 0;
      } catch (error) {
        complaints.add(`thrown: ${(error as Error).stack}`, where);
      }
      for (const { what, ms } of watch.stalls.splice(0)) {
        complaints.add(`${Math.round(ms)} ms: ${what}`, where);
      }
    }
    print(JSON.stringify(sums));
    const { streams: received, refused: counted } = sums;
    const kept = received - counted;
    const longestMs = watch.worstMs;
    return { wrong: complaints.list, what: 'streams', received, kept, counted, longestMs };
  },
};

interface Outcome {
  result: ReadResult;
  /** What came out, without regard to where its packets end. */
  text: string;
  packets: number;
  hasTail: boolean;
}

function oneStream(
  dice: Dice,
  watch: StallWatch,
): { faults: string[]; bytes: number; packets: number; isRefused: boolean } {
  const framing = dice.pick(FRAMINGS);
  const keepTail = dice.chance(0.5);
  const bytes = streamOf(framing, dice);
  const faults: string[] = [];
  const read = (cuts: () => number): Outcome => readIn(framing, keepTail, bytes, cuts, faults);
  // As much as a socket hands over at once, and anyhow.
  const whole = readIn(framing, keepTail, bytes, () => READ_BYTES, faults, watch);
  const cuts: (() => number)[] = [() => 1, () => 1 + dice.whole(9), () => 1 + dice.whole(3000)];
  if (bytes.length > 20_000) cuts.shift();
  const cut = read(dice.pick(cuts));
  // A line that came whole is taken; with more of it missing than is held, its connection ends.
  const isSame =
    whole.text === cut.text && whole.result === cut.result && whole.hasTail === cut.hasTail;
  const isTooLong = [whole, cut].some(({ result }) => result !== 'ok');
  const isPart = whole.text.startsWith(cut.text) || cut.text.startsWith(whole.text);
  if (!isSame && !(isTooLong && isPart)) {
    faults.push(
      `${framing}, cut otherwise: ${JSON.stringify([whole.result, cut.result])} ${shown(bytes)}`,
    );
  }
  return { faults, bytes: bytes.length, packets: cut.packets, isRefused: isTooLong };
}

function readIn(
  framing: Framing,
  keepTail: boolean,
  bytes: Buffer,
  cuts: () => number,
  faults: string[],
  watch?: StallWatch,
): Outcome {
  const counts: FramerCounts = { packets: 0, heldBytes: 0 };
  const parts: string[] = [];
  const isLines = framing === 'lines' || framing === 'looseLines';
  const framer = FRAMERS[framing](
    (packet, from, to) => {
      if (from < 0 || to > packet.length || from > to) faults.push(`a packet of [${from}, ${to})`);
      const text = Buffer.from(packet.subarray(from, to)).toString('latin1');
      // Lines may come in any packets; frames are packets each, but for what ends its line itself.
      parts.push(isLines || text.endsWith('\n') ? text : `${text}\n`);
    },
    counts,
    BYTES_MAX[framing],
  );
  let result: ReadResult = 'ok';
  let fed = 0;
  for (let at = 0; at < bytes.length && result === 'ok';) {
    const to = Math.min(bytes.length, at + cuts());
    const chunk = bytes.subarray(at, to);
    // Watching costs more than a read of a few bytes.
    result =
      watch === undefined ? framer.read(chunk) : watch.run(framing, () => framer.read(chunk));
    fed += to - at;
    at = to;
  }
  const hasTail = framer.finish(keepTail && result === 'ok');
  if (framer.finish(keepTail)) faults.push(`${framing}: a tail that ends twice`);
  if (counts.heldBytes !== 0)
    faults.push(`${framing}: ${counts.heldBytes} bytes held after the end`);
  if (framer.copiedBytes > COPIES_MAX * fed + 4096) {
    faults.push(`${framing}: ${framer.copiedBytes} bytes copied of ${fed}`);
  }
  return { result, text: parts.join(''), packets: counts.packets, hasTail };
}

/** Of the right form mostly, now and then with a change at any place, or of another framing. */
function streamOf(framing: Framing, dice: Dice): Buffer {
  const form = dice.chance(0.9) ? framing : dice.pick(FRAMINGS);
  const count = 1 + dice.whole(dice.chance(0.1) ? 300 : 20);
  const parts = Array.from({ length: count }, () => {
    if (form === 'lengths') {
      const { bytes } = dice.chance(0.5) ? soundPickle(dice) : mutatedPickle(dice);
      return Buffer.concat([lengthOf(bytes.length, dice, false), bytes]);
    }
    const lines = form === 'looseLines' ? carbonLines(4, dice) : statsdLines(4, dice);
    if (form !== 'linesOrFrames')
      return Buffer.from(`${dice.pick(lines).toString('latin1')}\n`, 'latin1');
    const frame = Buffer.from(
      dice.some(5, () => dice.pick(lines).toString('latin1')).join('\n'),
      'latin1',
    );
    return Buffer.concat([lengthOf(frame.length, dice, true), frame]);
  });
  const bytes = Buffer.concat(parts).subarray(0, 3_000_000);
  if (dice.chance(0.1)) return bytes.subarray(0, dice.whole(bytes.length + 1));
  if (dice.chance(0.1) && bytes.length > 0) bytes[dice.whole(bytes.length)]! ^= 1 << dice.whole(8);
  return bytes;
}

/** Seldom a wrong one. */
function lengthOf(length: number, dice: Dice, isLittle: boolean): Buffer {
  const told = dice.chance(0.01)
    ? dice.pick([0, 1, 2 ** 16, 2 ** 20 + 1, 2 ** 31, 2 ** 32 - 1])
    : length;
  const head = Buffer.alloc(4);
  if (isLittle) head.writeUInt32LE(told);
  else head.writeUInt32BE(told);
  return head;
}
