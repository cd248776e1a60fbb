/**
 * Text written as bytes, one piece after the other, into a buffer that doubles: long answers are
 * written once, not joined from strings, flattened and encoded again for each who reads them.
 */
const START_BYTES = 64 * 1024;
/** A larger buffer is not reused for the next answer. */
const KEPT_BYTES_MAX = 4 * 1024 * 1024;
/** UTF-8 of one UTF-16 unit takes no more, nor does its escape in JSON. */
const UNIT_BYTES_MAX = 6;

const QUOTE = 0x22;
/** 1 for each character code that JSON needs no escape for. */
const PLAIN = Uint8Array.from({ length: 127 }, (_, code) => {
  return code < 0x20 || code === QUOTE || code === 0x5c ? 0 : 1;
});

const LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/** Text that is written over and over. */
export class FixedText {
  /** Eight bytes each; what UTF-8 has is never a NaN, whose bits might not survive a copy. */
  readonly words: Float64Array;
  readonly length: number;

  constructor(text: string) {
    this.length = Buffer.byteLength(text);
    this.words = new Float64Array(Math.ceil(this.length / 8));
    Buffer.from(this.words.buffer).write(text);
  }
}

export class TextWriter {
  /** Callers may write to it after `reserve`; replaced when it grows. */
  bytes = Buffer.allocUnsafeSlow(START_BYTES);
  /** On the same bytes. */
  view = new DataView(this.bytes.buffer);
  length = 0;

  /** Reserves so many bytes from `length` on. */
  reserve(count: number): void {
    const wanted = this.length + count;
    if (wanted <= this.bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(this.bytes.length * 2, wanted));
    this.bytes.copy(larger, 0, 0, this.length);
    this.use(larger);
  }

  /** Short text of ASCII alone. */
  ascii(text: string): void {
    this.reserve(text.length);
    const { bytes, length } = this;
    for (let i = 0; i < text.length; i++) bytes[length + i] = text.charCodeAt(i);
    this.length += text.length;
  }

  /** Writes a fixed text for a tenth of the cost of `ascii`. */
  fixed({ words, length }: FixedText): void {
    this.reserve(words.length * 8);
    const { view, length: at } = this;
    for (let i = 0; i < words.length; i++) view.setFloat64(at + i * 8, words[i]!, LITTLE_ENDIAN);
    this.length = at + length;
  }

  /** A string of JSON, quoted. */
  jsonString(text: string): void {
    this.reserve(text.length + 2);
    this.bytes[this.length] = QUOTE;
    this.length += 1;
    this.jsonInside(text);
    this.reserve(1);
    this.bytes[this.length++] = QUOTE;
  }

  /** Writes the inside of a JSON string, or a part of it. */
  jsonInside(text: string): void {
    this.reserve(text.length * UNIT_BYTES_MAX);
    const { bytes } = this;
    let at = this.length;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (PLAIN[code] !== 1) {
        this.length += bytes.write(JSON.stringify(text).slice(1, -1), this.length, 'utf8');
        return;
      }
      bytes[at++] = code;
    }
    this.length = at;
  }

  /** A copy of what was written; begins anew. */
  take(): Buffer {
    const taken = Buffer.allocUnsafeSlow(this.length);
    this.bytes.copy(taken, 0, 0, this.length);
    this.length = 0;
    if (this.bytes.length > KEPT_BYTES_MAX) this.use(Buffer.allocUnsafeSlow(START_BYTES));
    return taken;
  }

  private use(bytes: Buffer<ArrayBuffer>): void {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer);
  }
}
