/**
 * The senders of a batch of datagrams as texts, made once for each address that is heard often: what
 * came from the same one as before costs a comparison of numbers. For `native-receiver.ts`.
 */
import { type NativeSockets, SENDER_BYTES } from '../../lib/native/native.ts';

const WORDS = SENDER_BYTES / 4;
/** Addresses that are remembered; a power of two. Each has one place, by its bits. */
const PLACES = 1024;
const IPV4 = 2; // AF_INET, in the first two bytes of each
const FAMILY_BITS = 0xffff;

export class SenderNames {
  /** To be filled in by the addon. */
  readonly bytes: Uint8Array;
  private readonly words: Int32Array;
  private readonly native: NativeSockets;
  private readonly names: (string | undefined)[] = Array.from({ length: PLACES });
  private readonly known = new Int32Array(PLACES * WORDS);

  constructor(native: NativeSockets, count: number) {
    this.native = native;
    this.bytes = new Uint8Array(count * SENDER_BYTES);
    this.words = new Int32Array(this.bytes.buffer);
  }

  /** Address of sender number `index` of the batch. Its port makes no difference. */
  nameOf(index: number): string {
    const { words, known } = this;
    const at = index * WORDS;
    const isIPv4 = (words[at]! & FAMILY_BITS) === IPV4;
    let hash = words[at + 1]!;
    if (!isIPv4) hash = words[at + 2]! ^ words[at + 3]! ^ words[at + 4]! ^ words[at + 5]!;
    const place = Math.imul(hash, 0x9e3779b1) >>> 22; // the upper 10 bits
    const there = place * WORDS;
    // An address of IPv4 is its first word, one of IPv6 the four behind the flow.
    const isKnown =
      known[there] === (words[at]! & FAMILY_BITS) &&
      (isIPv4
        ? known[there + 1] === words[at + 1]
        : known[there + 2] === words[at + 2] &&
          known[there + 3] === words[at + 3] &&
          known[there + 4] === words[at + 4] &&
          known[there + 5] === words[at + 5]);
    return (isKnown ? this.names[place] : undefined) ?? this.learn(at, place);
  }

  private learn(at: number, place: number): string {
    const name = this.native.addressText(this.bytes, at / WORDS);
    this.known.set(this.words.subarray(at, at + WORDS), place * WORDS);
    this.known[place * WORDS]! &= FAMILY_BITS;
    this.names[place] = name;
    return name;
  }
}
