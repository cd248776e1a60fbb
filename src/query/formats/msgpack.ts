/**
 * `format=msgpack`, as Graphite servers exchange series: a list of maps (see series-record.ts).
 * Encoding: the MessagePack specification; datapoints are float 64, nulls nil.
 */
import type { Series } from '../series/series.ts';
import { ByteWriter } from './byte-writer.ts';
import type { Format } from './format.ts';
import { seriesRecord } from './series-record.ts';

const NIL = 0xc0;
const FLOAT_64 = 0xcb;
const INT_64 = 0xd3;
const UINT_32 = 0xce;
const TEXT_8 = 0xd9;
const TEXT_16 = 0xda;
const TEXT_32 = 0xdb;
const ARRAY_16 = 0xdc;
const ARRAY_32 = 0xdd;

export const msgpack: Format = {
  contentType: 'application/x-msgpack',
  write(series) {
    const out = new ByteWriter();
    writeArrayHead(out, series.length);
    for (const one of series) writeSeries(out, one);
    return out.finish();
  },
};

function writeSeries(out: ByteWriter, series: Series): void {
  const entries = Object.entries(seriesRecord(series));
  out.byte(0x80 | entries.length); // a map of fewer than 16
  for (const [key, value] of entries) {
    writeText(out, key);
    if (typeof value === 'string') writeText(out, value);
    else if (typeof value === 'number') {
      if (key === 'xFilesFactor') writeDouble(out, value);
      else writeInteger(out, value);
    } else writeValues(out, value as Float64Array, series.integers === true);
  }
}

function writeValues(out: ByteWriter, values: Float64Array, integers: boolean): void {
  writeArrayHead(out, values.length);
  for (const value of values) {
    if (Number.isNaN(value)) out.byte(NIL);
    else if (integers && Number.isSafeInteger(value)) writeInteger(out, value);
    else writeDouble(out, value);
  }
}

function writeArrayHead(out: ByteWriter, count: number): void {
  if (count < 16) out.byte(0x90 | count);
  else if (count < 0x10000) {
    out.byte(ARRAY_16);
    out.uint16(count);
  } else {
    out.byte(ARRAY_32);
    out.uint32(count);
  }
}

function writeText(out: ByteWriter, text: string): void {
  out.text(text, (count) => {
    if (count < 32) out.byte(0xa0 | count);
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

function writeDouble(out: ByteWriter, value: number): void {
  out.byte(FLOAT_64);
  out.double(value);
}

function writeInteger(out: ByteWriter, value: number): void {
  if (value >= 0 && value < 0x80) out.byte(value);
  else if (value >= 0 && value < 2 ** 32) {
    out.byte(UINT_32);
    out.uint32(value);
  } else {
    out.byte(INT_64);
    out.int64(value);
  }
}
