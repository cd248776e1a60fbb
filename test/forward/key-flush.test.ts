import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { KeyFlushConfig } from '../../src/config/structures.ts';
import { KeyFlush } from '../../src/forward/key-flush.ts';
import { assert, describe } from '../support/suite.ts';
import { until } from '../support/until.ts';

const NOW = new Date(1_700_000_000_000);

function keyFlush(
  wish: Partial<KeyFlushConfig> = {},
  options: { sanitize?: boolean; maxNames?: number } = {},
) {
  const got = { printed: '', errors: [] as string[] };
  const log = new KeyFlush(
    { intervalMs: 1000, percent: 100, log: undefined, ...wish },
    {
      sanitize: options.sanitize ?? true,
      maxNames: options.maxNames ?? 1000,
      print: (text) => (got.printed += text),
      onError: (message) => got.errors.push(message),
    },
  );
  return { log, got };
}

function count(log: KeyFlush, ...packets: string[]): void {
  const encoded = packets.map((packet) => Buffer.from(packet));
  // At an offset, as views of larger buffers are.
  const bytes = new Uint8Array(Buffer.concat([Buffer.from('??'), ...encoded])).subarray(2);
  let end = 0;
  log.count({ bytes, ends: Uint32Array.from(encoded, ({ length }) => (end += length)) });
}

/** `count key` of each line; every line has the date before it. */
function lines(printed: string): string[] {
  return printed
    .split('\n')
    .slice(0, -1)
    .map((line) => {
      assert.ok(line.startsWith(`${String(NOW)} count=`), line);
      return line.slice(String(NOW).length).replace(/^ count=(\d+) key=/, '$1 ');
    });
}

describe('forward/key-flush', (it) => {
  it('counts lines by name, the most frequent first, good and bad', () => {
    const { log, got } = keyFlush();
    count(log, 'a:1|c\nb:2|c\n\nb:3|ms\n', '', 'b', 'c:x|c\na:1|c:2|c');
    log.write(NOW);
    assert.equal(lines(got.printed), ['3 b', '2 a', '1 c']);
  });

  it('counts anew after each write, and writes nothing for nothing', () => {
    const { log, got } = keyFlush();
    count(log, 'a:1|c');
    log.write(NOW);
    log.write(NOW);
    count(log, 'b:1|c');
    log.write(NOW);
    assert.equal(lines(got.printed), ['1 a', '1 b']);
  });

  it('names have tags and are sanitised', () => {
    const { log, got } = keyFlush();
    count(log, 'a b/c!:1|c|#env:eu,x;y:z\nk:1|c|@0.5|#a:1|c:box\nk:1|c|#');
    log.write(NOW);
    assert.equal(lines(got.printed), ['1 a_b-c;env=eu;x_y=z', '1 k;a=1', '1 k']);
    const raw = keyFlush({}, { sanitize: false });
    count(raw.log, 'a b/é:1|c');
    raw.log.write(NOW);
    assert.equal(lines(raw.got.printed), ['1 a b/é']);
  });

  it('writes the top percent, rounded up', () => {
    const packet = 'a:1|c\n'.repeat(3) + 'b:1|c\n'.repeat(2) + 'c:1|c\nd:1|c\n__proto__:1|c';
    for (const [percent, names] of [
      [1, ['3 a']],
      [40, ['3 a', '2 b']],
      [41, ['3 a', '2 b', '1 c']],
      [100, ['3 a', '2 b', '1 c', '1 d', '1 __proto__']],
    ] as const) {
      const { log, got } = keyFlush({ percent });
      count(log, packet);
      log.write(NOW);
      assert.equal(lines(got.printed), names);
    }
  });

  it('counts so many names at most, and says what it left out', () => {
    const { log, got } = keyFlush({}, { maxNames: 2 });
    count(log, 'a:1|c\nb:1|c\nc:1|c\na:1|c\nd:1|c');
    log.write(NOW);
    assert.equal(lines(got.printed), ['2 a', '1 b']);
    assert.equal(got.errors, ['2 lines left out: over 2 distinct names']);
    log.write(NOW);
    assert.is(got.errors.length, 1);
    count(log, 'a:1|c\nb:1|c\nc:1|c');
    log.write(NOW);
    assert.is(log.leftOutTotal, 3);
  });

  it('appends to a file, the rest when it stops', async () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'tallyd-keys-'));
    const file = path.join(folder, 'keys.log');
    const { log, got } = keyFlush({ log: file });
    count(log, 'a:1|c');
    log.write(NOW);
    count(log, 'b:1|c');
    await log.stop(NOW);
    assert.equal(lines(readFileSync(file, 'utf8')), ['1 a', '1 b']);
    assert.equal(got, { printed: '', errors: [] });
    rmSync(folder, { recursive: true });
  });

  it('tells when the file cannot be written, and goes on', async () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'tallyd-keys-'));
    const { log, got } = keyFlush({ log: folder });
    count(log, 'a:1|c');
    log.write(NOW);
    count(log, 'a:1|c');
    await log.stop(NOW);
    assert.is(got.errors.length, 2);
    assert.match(got.errors[0]!, /EISDIR/);
    rmSync(folder, { recursive: true });
  });

  it('writes by itself every interval', async () => {
    const { log, got } = keyFlush({ intervalMs: 5 });
    log.start();
    count(log, 'a:1|c');
    // The timer keeps no process alive; the wait does.
    await until(() => got.printed !== '');
    assert.match(got.printed, / count=1 key=a\n$/);
    await log.stop(NOW);
  });
});
