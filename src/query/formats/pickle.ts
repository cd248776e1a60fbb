/**
 * Python's pickle in protocol 2, which all Pythons read, as Graphite servers exchange series and
 * nodes (packed.ts). Opcodes: Python's pickletools.
 *
 *     80 02  ]  ( }  ( X.. name … u  } (…u  e  .
 */
import { ByteWriter } from './byte-writer.ts';
import { type PackWriter, type Packing, packedSeries } from './packed.ts';

const PROTOCOL = 0x80;
const EMPTY_LIST = 0x5d;
const EMPTY_DICT = 0x7d;
const MARK = 0x28;
const APPENDS = 0x65;
const SET_ITEMS = 0x75;
const NONE = 0x4e;
const TRUE = 0x88;
const FALSE = 0x89;
const PAIR = 0x86;
const UNICODE = 0x58; // length as little-endian uint32
const INT32 = 0x4a; // little-endian
const LONG = 0x8a; // byte count, then little-endian two's complement
const DOUBLE = 0x47; // big-endian
const STOP = 0x2e;

export const PICKLE: Packing = {
  contentType: 'application/pickle',
  writer: () => new PickleWriter(),
};

export const pickle = packedSeries(PICKLE);

class PickleWriter implements PackWriter {
  private readonly out = new ByteWriter();

  constructor() {
    this.out.byte(PROTOCOL);
    this.out.byte(2);
  }

  list(): void {
    this.out.byte(EMPTY_LIST);
    this.out.byte(MARK);
  }

  endList(): void {
    this.out.byte(APPENDS);
  }

  map(): void {
    this.out.byte(EMPTY_DICT);
    this.out.byte(MARK);
  }

  endMap(): void {
    this.out.byte(SET_ITEMS);
  }

  text(text: string): void {
    this.out.byte(UNICODE);
    this.out.text(text, (count) => this.out.uint32(count, true));
  }

  flag(value: boolean): void {
    this.out.byte(value ? TRUE : FALSE);
  }

  integer(value: number): void {
    if (value === (value | 0)) {
      this.out.byte(INT32);
      this.out.int32(value, true);
      return;
    }
    this.out.byte(LONG);
    this.out.byte(8);
    this.out.int64(value, true);
  }

  double(value: number): void {
    this.out.byte(DOUBLE);
    this.out.double(value);
  }

  pair(first: number, second: number): void {
    this.double(first);
    this.double(second);
    this.out.byte(PAIR);
  }

  none(): void {
    this.out.byte(NONE);
  }

  take(bytesMin: number): Uint8Array | undefined {
    return this.out.take(bytesMin);
  }

  finish(): Uint8Array {
    this.out.byte(STOP);
    return this.out.finish();
  }
}
