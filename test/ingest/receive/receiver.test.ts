/**
 * All receivers of datagrams against one suite: what was sent is counted exactly, or is in the
 * kernel's drops.
 */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { UserError } from '../../../src/lib/errors.ts';
import type { PacketSink, Receiver } from '../../../src/ingest/receive/receiver.ts';
import { openReceiver } from '../../../src/ingest/receive/udp.ts';
import { NATIVE, NO_NATIVE } from '../../support/native.ts';
import { assert, describe, rounds } from '../../support/suite.ts';
import { until } from '../../support/until.ts';
import { flood, sendDatagrams } from './senders.ts';

const MODES = ['native', 'drain', 'message'] as const;

interface Wish {
  address?: string;
  port?: number;
  ipv6?: boolean;
  receiveBufferBytes?: number;
}

for (const mode of MODES) {
  if (mode === 'native' && NATIVE === undefined) {
    describe('receiver native', (it) => it.skipAloud('all of it', NO_NATIVE));
    continue;
  }
  const open = (sink: PacketSink, wish: Wish = {}): Promise<Receiver> =>
    openReceiver(
      {
        address: '127.0.0.1',
        port: 0,
        ipv6: false,
        receiveBufferBytes: 4 * 1024 * 1024,
        ...wish,
        receiver: mode,
        onFault: (error) => assert.unreachable(error.message),
        kind: { rival: 'another StatsD or tallyd', flag: '--port' },
      },
      sink,
    );

  describe(`receiver ${mode}`, (it) => {
    it('says what it is and what the kernel granted', async () => {
      const receiver = await open(() => undefined, { receiveBufferBytes: 65_536 });
      try {
        assert.is(receiver.mode, mode);
        assert.is(receiver.address, '127.0.0.1');
        assert.ok(receiver.port > 0);
        assert.ok(receiver.receiveBufferBytes >= 65_536);
        assert.is(receiver.datagrams, 0, 'the self-test is not counted');
      } finally {
        await receiver.stop();
      }
    });

    it('takes datagrams of every length, in order, once', async () => {
      const lengths = [0, 1, 30, 0, 1432, 65_507, 0, 9000, 2];
      const got: number[] = [];
      const heads: (number | undefined)[] = [];
      const receiver = await open((bytes, from, to) => {
        got.push(to - from);
        heads.push(to > from ? bytes[from] : undefined);
        assert.ok(bytes.subarray(from, to).every((byte) => byte === bytes[from]));
      });
      try {
        const bodies = lengths.map((length, i) => Buffer.alloc(length, i + 1));
        await sendDatagrams(bodies, receiver.port);
        await until(() => got.length === lengths.length);
      } finally {
        await receiver.stop();
      }
      assert.equal(got, lengths);
      assert.equal(
        heads,
        lengths.map((length, i) => (length === 0 ? undefined : i + 1)),
      );
      assert.is(receiver.datagrams, lengths.length);
    });

    it('takes a burst of 20,000 in order, or knows what the kernel dropped', async () => {
      const seen: number[] = [];
      const receiver = await open((bytes, from, to) =>
        seen.push(Number(Buffer.from(bytes.subarray(from, to)).toString('latin1'))),
      );
      const bodies = Array.from({ length: 20_000 }, (_, i) => Buffer.from(String(i)));
      await sendDatagrams(bodies, receiver.port);
      await receiver.stop();
      assert.is(seen.length, 20_000 - ((await receiver.kernelDrops()) ?? 0));
      assert.ok(seen.length > 1000);
      assert.ok(seen.every((number, i) => i === 0 || number > seen[i - 1]!)); // i > 0
    });

    it('counts exactly what was sent less kernel drops, at full speed', async () => {
      const sent = rounds(8000, 200_000);
      let bytesSeen = 0;
      const receiver = await open((_bytes, from, to) => (bytesSeen += to - from));
      const body = 'app.web1.requests.latency:12|ms';
      assert.is(await flood(receiver.port, body, sent), sent);
      await receiver.stop();
      const drops = await receiver.kernelDrops();
      if (process.platform === 'linux') assert.is(receiver.datagrams, sent - (drops ?? NaN));
      assert.is(bytesSeen, receiver.datagrams * body.length);
    });

    it('reads the drops of its own socket when a small buffer overflows', async () => {
      if (process.platform !== 'linux') return;
      const receiver = await open(() => undefined, { receiveBufferBytes: 4096 });
      assert.is(await receiver.kernelDrops(), 0);
      const sender = createSocket('udp4');
      sender.connect(receiver.port, '127.0.0.1');
      await once(sender, 'connect');
      // A connected socket sends synchronously: nothing is read meanwhile, so most must be dropped.
      for (let i = 0; i < 500; i++) sender.send(Buffer.alloc(1000));
      const drops = (await receiver.kernelDrops()) ?? 0;
      assert.ok(drops > 400, `${drops} drops`);
      await receiver.stop();
      sender.close();
      assert.is(receiver.datagrams, 500 - drops);
      assert.is(await receiver.kernelDrops(), drops, 'known after the end, and never less');
    });

    it('stop loses nothing that was sent before it', async () => {
      const receiver = await open(() => undefined);
      const sender = createSocket('udp4');
      sender.connect(receiver.port, '127.0.0.1');
      await once(sender, 'connect');
      for (let i = 0; i < 3000; i++) sender.send('a:1|c');
      await receiver.stop();
      sender.close();
      // A kernel that grants less than asked for drops some, and says so.
      assert.is(receiver.datagrams, 3000 - ((await receiver.kernelDrops()) ?? 0));
      assert.ok(receiver.datagrams > 100);
    });

    it.slow('does not starve timers under a flood', async () => {
      // A datagram costs 100 us here, so the kernel always has more of them: a second's worth.
      const receiver = await open(() => spin(0.1), { receiveBufferBytes: 8 * 1024 * 1024 });
      const flooded = flood(receiver.port, 'a:1|c', 100_000);
      // Counted in datagrams, not in time: that would be the machine's.
      let longest = 0;
      let last = 0;
      const tick = (): void => {
        longest = Math.max(longest, receiver.datagrams - last);
        last = receiver.datagrams;
      };
      const ticker = setInterval(tick, 1);
      await until(() => receiver.datagrams > 8000);
      tick();
      clearInterval(ticker);
      const ended = receiver.stop();
      await flooded;
      await ended;
      assert.ok(longest < 4000, `${longest} datagrams without a timer`);
    });

    it('receives IPv6', async () => {
      let count = 0;
      const receiver = await open(() => (count += 1), { address: '::1' });
      await sendDatagrams([Buffer.from('a:1|c')], receiver.port, '::1');
      await until(() => count === 1);
      assert.is(receiver.mode, mode);
      if (process.platform === 'linux') assert.is(await receiver.kernelDrops(), 0);
      await receiver.stop();
    });

    it('is dual-stack on the IPv6 wildcard', async () => {
      let count = 0;
      const receiver = await open(() => (count += 1), { address: '0.0.0.0', ipv6: true });
      assert.is(receiver.address, '::');
      await sendDatagrams([Buffer.from('a:1|c')], receiver.port, '::1');
      await sendDatagrams([Buffer.from('a:1|c')], receiver.port, '127.0.0.1');
      await until(() => count === 2);
      await receiver.stop();
    });

    it('says who may sit on a taken port', async () => {
      const first = await open(() => undefined);
      try {
        await open(() => undefined, { port: first.port });
        assert.unreachable('the port was taken');
      } catch (error) {
        assert.instance(error, UserError);
        assert.is((error as UserError).code, 'portTaken');
        assert.is(
          (error as UserError).message,
          `UDP port ${first.port} on 127.0.0.1 is taken (EADDRINUSE): another StatsD or tallyd ` +
            'is running there; choose another with --port',
        );
      } finally {
        await first.stop();
      }
    });

    it('says that an address is not of this machine', async () => {
      try {
        await open(() => undefined, { address: '192.0.2.1' });
        assert.unreachable('192.0.2.1 is for documentation only');
      } catch (error) {
        assert.is((error as UserError).code, 'badConfig');
        assert.match((error as UserError).message, 'this machine has no such address');
      }
    });
  });
}

function spin(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}
