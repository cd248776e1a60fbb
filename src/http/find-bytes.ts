/**
 * The nodes of `/metrics/find` for other Graphite servers: `format=msgpack` and `format=pickle`
 * (protocol 2), both `[{path, is_leaf, intervals: [(start, end)]}]` with float times. Formats: the
 * MessagePack specification, Python's pickletools.
 */
import { ByteWriter } from '../query/formats/byte-writer.ts';
import type { NodeInfo } from './find-formats.ts';

export interface PackedNodes {
  type: string;
  bytes: Uint8Array;
}

export function msgpackNodes(infos: readonly NodeInfo[]): PackedNodes {
  const out = new ByteWriter();
  const text = (value: string): void =>
    out.text(value, (bytes) => {
      out.byte(0xdb); // str 32
      out.uint32(bytes);
    });
  out.byte(0xdd); // array 32
  out.uint32(infos.length);
  for (const { path, is_leaf, intervals } of infos) {
    out.byte(0x80 | (intervals === undefined ? 2 : 3)); // fixmap
    text('path');
    text(path);
    text('is_leaf');
    out.byte(is_leaf ? 0xc3 : 0xc2);
    if (intervals === undefined) continue;
    text('intervals');
    out.byte(0x90 | intervals.length); // fixarray: a leaf has one
    for (const { start, end } of intervals) {
      out.byte(0x92);
      for (const time of [start, end]) {
        out.byte(0xcb); // float 64
        out.double(time);
      }
    }
  }
  return { type: 'application/x-msgpack', bytes: out.finish() };
}

export function pickleNodes(infos: readonly NodeInfo[]): PackedNodes {
  const out = new ByteWriter();
  const codes = (text: string): void => {
    for (let i = 0; i < text.length; i++) out.byte(text.charCodeAt(i));
  };
  const text = (value: string): void =>
    out.text(value, (bytes) => {
      codes('X');
      out.uint32(bytes, true);
    });
  codes('\x80\x02]'); // protocol 2, a list
  for (const { path, is_leaf, intervals } of infos) {
    codes('}('); // a dict, its items
    text('path');
    text(path);
    text('is_leaf');
    codes(is_leaf ? '\x88' : '\x89');
    if (intervals !== undefined) {
      text('intervals');
      codes(']');
      for (const { start, end } of intervals) {
        for (const time of [start, end]) {
          codes('G');
          out.double(time);
        }
        codes('\x86a'); // a pair, appended
      }
    }
    codes('ua'); // items set, dict appended
  }
  codes('.');
  return { type: 'application/pickle', bytes: out.finish() };
}
