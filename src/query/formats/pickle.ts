/**
 * `format=pickle`, as Graphite servers exchange series: a list of dicts (see series-record.ts) in
 * Python's pickle protocol 2, which all Pythons read. Opcodes: Python's pickletools.
 *
 *     80 02  ]  ( }  ( X.. name … u  } (…u  e  .
 */
import type { Series } from '../series/series.ts';
import { ByteWriter } from './byte-writer.ts';
import type { Format } from './format.ts';
import { seriesRecord } from './series-record.ts';

const PROTOCOL = 0x80;
const EMPTY_LIST = 0x5d;
const EMPTY_DICT = 0x7d;
const MARK = 0x28;
const APPENDS = 0x65;
const SET_ITEMS = 0x75;
const NONE = 0x4e;
const UNICODE = 0x58; // length as little-endian uint32
const INT32 = 0x4a; // little-endian
const LONG = 0x8a; // byte count, then little-endian two's complement
const DOUBLE = 0x47; // big-endian
const STOP = 0x2e;

export const pickle: Format = {
  contentType: 'application/pickle',
  write(series) {
    const out = new ByteWriter();
    out.byte(PROTOCOL);
    out.byte(2);
    out.byte(EMPTY_LIST);
    out.byte(MARK);
    for (const one of series) writeSeries(out, one);
    out.byte(APPENDS);
    out.byte(STOP);
    return out.finish();
  },
};

function writeSeries(out: ByteWriter, series: Series): void {
  out.byte(EMPTY_DICT);
  out.byte(MARK);
  for (const [key, value] of Object.entries(seriesRecord(series))) {
    writeText(out, key);
    if (typeof value === 'string') writeText(out, value);
    else if (typeof value === 'number') {
      if (key === 'xFilesFactor') writeDouble(out, value);
      else writeInteger(out, value);
    } else writeValues(out, value as Float64Array, series.integers === true);
  }
  out.byte(SET_ITEMS);
}

function writeValues(out: ByteWriter, values: Float64Array, integers: boolean): void {
  out.byte(EMPTY_LIST);
  out.byte(MARK);
  for (const value of values) {
    if (Number.isNaN(value)) out.byte(NONE);
    else if (integers && Number.isSafeInteger(value)) writeInteger(out, value);
    else writeDouble(out, value);
  }
  out.byte(APPENDS);
}

function writeText(out: ByteWriter, text: string): void {
  out.byte(UNICODE);
  out.text(text, (count) => out.uint32(count, true));
}

function writeDouble(out: ByteWriter, value: number): void {
  out.byte(DOUBLE);
  out.double(value);
}

function writeInteger(out: ByteWriter, value: number): void {
  if (value === (value | 0)) {
    out.byte(INT32);
    out.int32(value, true);
    return;
  }
  out.byte(LONG);
  out.byte(8);
  out.int64(value, true);
}
