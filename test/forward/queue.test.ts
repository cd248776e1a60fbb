/** What waits for Graphite while it is away: on disk, in order, over restarts and damage. */
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { OrderedSender, type SenderOptions } from '../../src/forward/ordered-sender.ts';
import { Spool } from '../../src/forward/spool.ts';
import { assert, describe } from '../support/suite.ts';
import { until } from '../support/until.ts';

async function withFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tallyd-queue-'));
  try {
    await body(path.join(folder, 'queue'));
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

/** A peer that takes lines, or lets them lie unread. */
class Peer {
  text = '';
  port = 0;
  reads = true;
  readonly sockets: net.Socket[] = [];
  private server: net.Server | undefined;

  async open(): Promise<void> {
    this.server = net.createServer({ pauseOnConnect: !this.reads }, (socket) => {
      this.sockets.push(socket);
      socket.on('error', () => {});
      if (this.reads) socket.on('data', (data) => (this.text += data.toString()));
    });
    this.server.listen(this.port, '127.0.0.1');
    await once(this.server, 'listening');
    this.port = (this.server.address() as net.AddressInfo).port;
  }

  async close(): Promise<void> {
    const closed = once(this.server!, 'close');
    this.server!.close();
    for (const socket of this.sockets.splice(0)) socket.destroy();
    await closed;
  }
}

/** A port on which nobody listens. */
async function deadPort(): Promise<number> {
  const peer = new Peer();
  await peer.open();
  await peer.close();
  return peer.port;
}

const GRAPHITE = {
  host: '127.0.0.1',
  peer: 'Graphite',
  unit: ['flush', 'flushes'],
  isHarmlessTwice: true,
} as const;

async function senderTo(
  port: number,
  folder: string,
  changes: Partial<SenderOptions> & { bytesMax?: number } = {},
): Promise<OrderedSender> {
  const opened = await Spool.open(folder);
  const { bytesMax = 1e6, ...rest } = changes;
  const spool = { ...opened, bytesMax };
  return new OrderedSender({ ...GRAPHITE, port, spool, onError: () => {}, ...rest });
}

const line = (n: number): Buffer => Buffer.from(`${n}\n`);
const queueFiles = (folder: string): string[] =>
  fs.readdirSync(folder).filter((name) => name.endsWith('.queue'));

describe('forward/spool', (it) => {
  it('gives back what was not settled, in order, after a restart', () =>
    withFolder(async (folder) => {
      const { spool, waiting } = await Spool.open(folder);
      assert.equal(waiting, []);
      const places = [];
      for (let n = 1; n <= 3; n++) places.push(await spool.append(n * 10, line(n)));
      await spool.delivered(places[0]!, places[1]!.file);
      await spool.close();
      const again = await Spool.open(folder);
      assert.equal(
        again.waiting.map(({ time, length }) => [time, length]),
        [
          [20, 2],
          [30, 2],
        ],
      );
      assert.equal(await again.spool.read(again.waiting[1]!), line(3));
      await again.spool.delivered(again.waiting[1]!.place, undefined);
      assert.equal(queueFiles(folder), []);
      assert.equal((await Spool.open(folder)).waiting, []);
    }));

  it('passes over what is cut off or damaged, and counts it', () =>
    withFolder(async (folder) => {
      const { spool } = await Spool.open(folder);
      for (let n = 1; n <= 3; n++) await spool.append(n, Buffer.alloc(100, n));
      await spool.close();
      const file = path.join(folder, queueFiles(folder)[0]!);
      const bytes = fs.readFileSync(file);
      fs.writeFileSync(file, bytes.subarray(0, bytes.length - 1));
      const cut = await Spool.open(folder);
      assert.equal([cut.waiting.length, cut.spool.damaged], [2, 1]);
      bytes[150]! ^= 1; // in the second payload
      fs.writeFileSync(file, bytes);
      assert.is(await cut.spool.read(cut.waiting[1]!), undefined);
      assert.is(cut.spool.damaged, 2);
      const damaged = await Spool.open(folder);
      assert.equal([damaged.waiting.length, damaged.spool.damaged], [1, 1]);
      // What comes after goes to a file of its own.
      await damaged.spool.append(4, line(4));
      await damaged.spool.close();
      assert.equal(
        (await Spool.open(folder)).waiting.map(({ time }) => time),
        [1, 4],
      );
      const sender = await senderTo(await deadPort(), folder);
      assert.is(sender.health().damagedPayloads, 1);
      await sender.stop(1);
    }));
});

describe('forward/ordered-sender', (it) => {
  it('keeps payloads on disk while the peer is away, over a restart', () =>
    withFolder(async (folder) => {
      const peer = new Peer();
      peer.port = await deadPort();
      const first = await senderTo(peer.port, folder);
      first.push(line(1), 1);
      await until(() => first.health().lastError !== '', 'a refused connection');
      for (let n = 2; n <= 4; n++) first.push(line(n), n);
      await until(() => first.health().diskPayloads === 4, 'four on disk');
      await first.stop(10);

      await peer.open();
      const sent: number[] = [];
      const second = await senderTo(peer.port, folder, { onSent: ({ time }) => sent.push(time) });
      assert.is(second.health().diskPayloads, 4);
      second.push(line(5), 5);
      await until(() => peer.text.endsWith('5\n'), 'all five');
      await second.stop(5000);
      assert.is(peer.text, '1\n2\n3\n4\n5\n');
      assert.equal(sent, [1, 2, 3, 4, 5]);
      assert.equal(queueFiles(folder), []);
      await peer.close();
    }));

  it('sends again what a broken connection left unread', () =>
    withFolder(async (folder) => {
      const peer = new Peer();
      await peer.open();
      const sender = await senderTo(peer.port, folder);
      await peer.close();
      // Bytes lie unread in the peer when it goes.
      peer.reads = false;
      await peer.open();
      sender.push(line(1), 1);
      sender.push(line(2), 2);
      await until(() => sender.health().sentPayloads === 2, 'both are written');
      await until(() => peer.sockets.length > 0, 'the connection');
      await peer.close();
      await until(() => sender.health().resentPayloads === 2, 'the reset');
      peer.reads = true;
      await peer.open();
      sender.push(line(3), 3);
      await until(() => peer.text.endsWith('3\n'), 'the rest');
      assert.is(peer.text, '1\n2\n3\n');
      await sender.stop(5000);
      await peer.close();
    }));

  it('drops and counts the oldest when the disk holds its bound', () =>
    withFolder(async (folder) => {
      const sender = await senderTo(await deadPort(), folder, { bytesMax: 250 });
      for (let n = 1; n <= 5; n++) sender.push(Buffer.alloc(100), n);
      await until(() => sender.health().droppedPayloads === 3, 'three are dropped');
      assert.equal([sender.health().diskPayloads, sender.health().diskBytes], [2, 200]);
      await sender.stop(10);
      const { waiting } = await Spool.open(folder);
      assert.equal(
        waiting.map(({ time }) => time),
        [4, 5],
      );
    }));

  it('keeps payloads in memory when the disk refuses them, and says so', () =>
    withFolder(async (folder) => {
      const errors: string[] = [];
      const peer = new Peer();
      peer.port = await deadPort();
      const sender = await senderTo(peer.port, folder, { onError: (text) => errors.push(text) });
      fs.rmSync(folder, { recursive: true });
      for (let n = 1; n <= 3; n++) sender.push(line(n), n);
      await until(() => errors.some((text) => /queue on disk: ENOENT/.test(text)), 'the error');
      await peer.open();
      await until(() => peer.text === '1\n2\n3\n', 'all three');
      await sender.stop(5000);
      await peer.close();
    }));

  it('says what a stop loses without a disk', async () => {
    const errors: string[] = [];
    const sender = new OrderedSender({
      ...GRAPHITE,
      port: await deadPort(),
      onError: (text) => errors.push(text),
    });
    sender.push(line(1));
    await sender.stop(10);
    assert.ok(errors.includes('1 flush for Graphite is lost with this stop'), errors.join());
  });
});
