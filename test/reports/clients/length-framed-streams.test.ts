/** DogStatsD's clients on stream sockets put a length before each packet; lines are told from that. */
import net from 'node:net';
import os from 'node:os';
import fs from 'node:fs';
import path from 'node:path';
import { FRAMED_STREAMS, hasTrait } from '../../../src/config/dialects.ts';
import { openStreams, STREAM_LIMITS } from '../../../src/ingest/receive/streams.ts';
import { dialectCode } from '../../../src/config/dialects.ts';
import { assert, describe } from '../../support/suite.ts';
import { until } from '../../support/until.ts';
import { contents, makeAggregator } from '../../ingest/aggregate/make.ts';

const DIALECT = dialectCode('extended');

function frame(text: string): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt32LE(Buffer.byteLength(text));
  return Buffer.concat([head, Buffer.from(text)]);
}

async function counted(socketPath: string | undefined, sent: Buffer[]) {
  const aggregator = makeAggregator();
  const listener = await openStreams(
    {
      address: '127.0.0.1',
      port: 0,
      socketPath,
      socketMode: undefined,
      framing: 'linesOrFrames',
      expects: 'statsd',
      keepTail: true,
      limits: STREAM_LIMITS,
      kind: { rival: 'another', flag: '--port' },
    },
    (bytes, from, to) => aggregator.packet(bytes, from, to, DIALECT, true),
  );
  const socket =
    socketPath === undefined ? net.connect(listener.port, '127.0.0.1') : net.connect(socketPath);
  socket.on('error', () => undefined);
  for (const bytes of sent) await new Promise((resolve) => socket.write(bytes, resolve));
  socket.end();
  await until(() => listener.health.accepted === 1 && listener.health.connections === 0);
  const told = listener.rejections().flatMap(({ reason, count }) => (count > 0 ? [reason] : []));
  await listener.stop();
  return {
    counters: contents(aggregator, 'counters'),
    told,
    bad: aggregator.health().badLinesSeen,
  };
}

describe('reports/clients: length-framed streams', (it) => {
  it('frames are read, on unix sockets and TCP', async () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tallyd-frames-'));
    for (const where of [path.join(folder, 's.sock'), undefined]) {
      const three = Array.from({ length: 3 }, () => frame('fr.a:1|c\nfr.b:2|c'));
      const got = await counted(where, [...three, frame('')]);
      assert.equal(got, { counters: { 'fr.a': 3, 'fr.b': 6 }, told: ['frameEmpty'], bad: 0 });
    }
    fs.rmSync(folder, { recursive: true });
  });

  it('lengths that are letters, and lines', async () => {
    const text = `e8:1|c|#${'k'.repeat(0x61 - 11)}:vv`;
    assert.is(text.length, 0x61);
    const { counters } = await counted(undefined, [frame(text), frame(text)]);
    assert.equal(Object.values(counters), [2]);
    assert.equal((await counted(undefined, [Buffer.from('a:1|c\nb:2|c\n')])).counters, {
      a: 1,
      b: 2,
    });
  });

  it('what is too long or cut off is told, and counts for nothing', async () => {
    const long = frame('x'.repeat(70_000));
    assert.equal((await counted(undefined, [frame('a:1|c'), long])).told, ['frameTooLong']);
    const cut = await counted(undefined, [frame('a:1|c'), frame('b:2|c').subarray(0, 7)]);
    assert.equal(cut, { counters: { a: 1 }, told: ['lineCutOff'], bad: 0 });
  });

  it('statsd has lines only', () => {
    assert.equal(
      (['statsd', 'extended', 'dogstatsd'] as const).map((name) => hasTrait(name, FRAMED_STREAMS)),
      [false, true, true],
    );
  });
});
