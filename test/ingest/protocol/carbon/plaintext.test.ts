/** Graphite's plaintext line: what is a point, what is refused and why. */
import * as fc from 'fast-check';
import type { CarbonReason } from '../../../../src/ingest/protocol/carbon/plaintext.ts';
import { readCarbonLines } from '../../../support/carbon-lines.ts';
import { assert, describe } from '../../../support/suite.ts';

const NOW = 1_700_000_123;

function read(text: string | Uint8Array): (CarbonReason | [string, number, number])[] {
  const bytes = typeof text === 'string' ? Buffer.from(text) : text;
  const found: (CarbonReason | [string, number, number])[] = [];
  readCarbonLines(
    bytes,
    0,
    bytes.length,
    { nowSeconds: NOW, nameBytesMax: 40 },
    {
      point: (name, time, value) => found.push([name, time, value]),
      reject: (reason) => found.push(reason),
    },
  );
  return found;
}

describe('carbon plaintext', (it) => {
  const accepts = (line: string, name: string, value: number, time: number): void =>
    it(`accepts ${JSON.stringify(line)}`, () => assert.equal(read(line), [[name, time, value]]));
  const refuses = (line: string, reason: CarbonReason): void =>
    it(`refuses ${JSON.stringify(line)}: ${reason}`, () => assert.equal(read(line), [reason]));

  accepts('a.b 1 1700000000\n', 'a.b', 1, 1_700_000_000);
  accepts('a.b 1 1700000000', 'a.b', 1, 1_700_000_000);
  accepts('a.b 1 1700000000\r\n', 'a.b', 1, 1_700_000_000);
  accepts('  a.b \t 1.5\t\t1700000000  \n', 'a.b', 1.5, 1_700_000_000);
  accepts('a -0.25 1700000000.9\n', 'a', -0.25, 1_700_000_000);
  accepts('a +5 1.7e9\n', 'a', 5, 1_700_000_000);
  accepts('a .5 1700000000\n', 'a', 0.5, 1_700_000_000);
  accepts('a 5. 1700000000\n', 'a', 5, 1_700_000_000);
  accepts('a 1e-3 1700000000\n', 'a', 0.001, 1_700_000_000);
  accepts('a 1_000.2_5 1700000000\n', 'a', 1000.25, 1_700_000_000);
  accepts('a 123456789012345678 1\n', 'a', 123456789012345680, 1);
  accepts('a 0.1 -1\n', 'a', 0.1, NOW);
  accepts('a 0.1 -1.0\n', 'a', 0.1, NOW);
  accepts('a 0.1 N\n', 'a', 0.1, NOW);
  accepts('a 0.1 -2\n', 'a', 0.1, -2);
  accepts('disk;host=a;mount=/ 7 1\n', 'disk;host=a;mount=/', 7, 1);
  accepts('größe.☃ 7 1\n', 'größe.☃', 7, 1);
  accepts('kept.\ufffd 7 1\n', 'kept.\ufffd', 7, 1);
  accepts(`${'n'.repeat(40)} 7 1\n`, 'n'.repeat(40), 7, 1);

  refuses('a 1\n', 'badLine');
  refuses('a\n', 'badLine');
  refuses('a 1 2 3\n', 'badLine');
  refuses('a nan 1700000000\n', 'notFinite');
  refuses('a -NaN 1700000000\n', 'notFinite');
  refuses('a inf 1700000000\n', 'notFinite');
  refuses('a -Infinity 1700000000\n', 'notFinite');
  refuses('a 1e999 1700000000\n', 'notFinite');
  refuses('a 0x10 1700000000\n', 'badValue');
  refuses('a 1,5 1700000000\n', 'badValue');
  refuses('a . 1700000000\n', 'badValue');
  refuses('a - 1700000000\n', 'badValue');
  refuses('a 1__0 1700000000\n', 'badValue');
  refuses('a _1 1700000000\n', 'badValue');
  refuses('a 1.2.3 1700000000\n', 'badValue');
  refuses(`a ${'1'.repeat(5000)}x 1700000000\n`, 'badValue');
  refuses('a 1 now\n', 'badTime');
  refuses('a 1 nan\n', 'badTime');
  refuses('a 1 inf\n', 'badTime');
  refuses('a 1 1700000000000\n', 'notSeconds');
  refuses('a 1 4294967296\n', 'notSeconds');
  accepts('a 1 4294967295\n', 'a', 1, 4_294_967_295);
  refuses(`${'n'.repeat(41)} 7 1\n`, 'nameTooLong');

  it('refuses names that are not UTF-8', () => {
    assert.equal(read(Buffer.from('a\xe9b 7 1\n', 'latin1')), ['badName']);
  });

  it('reads every line of a packet, goes on after bad ones, passes over blank ones', () => {
    assert.equal(read('a 1 1\n\nb x 1\r\n\r\n \nc 3 3'), [['a', 1, 1], 'badValue', ['c', 3, 3]]);
  });

  it('reads only the given part of the bytes', () => {
    const bytes = Buffer.from('xx a 1 2\nb 3 4\nyy');
    const names: string[] = [];
    readCarbonLines(
      bytes,
      3,
      14,
      { nowSeconds: NOW, nameBytesMax: 40 },
      {
        point: (name, time, value) => names.push(`${name}=${value}@${time}`),
        reject: (reason) => names.push(reason),
      },
    );
    assert.equal(names, ['a=1@2', 'b=3@4']);
  });

  it('reads the digits of any number as JavaScript does', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (number) => {
        const [point] = read(`a ${number} 1\n`);
        assert.is(point?.[2], Number(String(number)));
      }),
    );
    fc.assert(
      fc.property(fc.integer(), fc.nat(14), (digits, places) => {
        const text = (digits / 10 ** places).toFixed(places);
        assert.is(read(`a ${text} 1\n`)[0]?.[2], Number(text));
      }),
    );
  });

  it('never throws, whatever the bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void read(bytes)));
  });
});
