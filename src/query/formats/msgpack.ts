/**
 * MessagePack, as Graphite servers exchange series and nodes (packed.ts). Encoding: the MessagePack
 * specification, each value in its shortest form, datapoints as float 64.
 */
import { ByteWriter } from './byte-writer.ts';
import { type PackWriter, type Packing, packedSeries } from './packed.ts';

const NIL = 0xc0;
const FALSE = 0xc2;
const TRUE = 0xc3;
const FLOAT_64 = 0xcb;
const UINT_32 = 0xce;
const INT_64 = 0xd3;
const TEXT_8 = 0xd9;
const TEXT_16 = 0xda;
const TEXT_32 = 0xdb;
const ARRAY_16 = 0xdc;
const ARRAY_32 = 0xdd;
/** Low bits hold the length of a short value. */
const SHORT_MAP = 0x80;
const SHORT_ARRAY = 0x90;
const SHORT_TEXT = 0xa0;

export const MSGPACK: Packing = {
  contentType: 'application/x-msgpack',
  writer: () => new MsgpackWriter(),
};

export const msgpack = packedSeries(MSGPACK);

class MsgpackWriter implements PackWriter {
  private readonly out = new ByteWriter();

  list(count: number): void {
    const { out } = this;
    if (count < 16) out.byte(SHORT_ARRAY | count);
    else if (count < 0x10000) {
      out.byte(ARRAY_16);
      out.uint16(count);
    } else {
      out.byte(ARRAY_32);
      out.uint32(count);
    }
  }

  endList(): void {}

  map(keyCount: number): void {
    this.out.byte(SHORT_MAP | keyCount);
  }

  endMap(): void {}

  text(text: string): void {
    const { out } = this;
    out.text(text, (count) => {
      if (count < 32) out.byte(SHORT_TEXT | count);
      else if (count < 0x100) {
        out.byte(TEXT_8);
        out.byte(count);
      } else if (count < 0x10000) {
        out.byte(TEXT_16);
        out.uint16(count);
      } else {
        out.byte(TEXT_32);
        out.uint32(count);
      }
    });
  }

  flag(value: boolean): void {
    this.out.byte(value ? TRUE : FALSE);
  }

  integer(value: number): void {
    const { out } = this;
    if (value >= 0 && value < 0x80) out.byte(value);
    else if (value >= 0 && value < 2 ** 32) {
      out.byte(UINT_32);
      out.uint32(value);
    } else {
      out.byte(INT_64);
      out.int64(value);
    }
  }

  double(value: number): void {
    this.out.byte(FLOAT_64);
    this.out.double(value);
  }

  pair(first: number, second: number): void {
    this.list(2);
    this.double(first);
    this.double(second);
  }

  none(): void {
    this.out.byte(NIL);
  }

  take(bytesMin: number): Uint8Array | undefined {
    return this.out.take(bytesMin);
  }

  finish(): Uint8Array {
    return this.out.finish();
  }
}
