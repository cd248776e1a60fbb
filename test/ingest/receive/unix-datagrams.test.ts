/** Unix datagram sockets, sent to by the addon as well. */
import fs from 'node:fs';
import os, { constants } from 'node:os';
import path from 'node:path';
import { UserError } from '../../../src/lib/errors.ts';
import type { Receiver } from '../../../src/ingest/receive/receiver.ts';
import { openUnixDatagrams } from '../../../src/ingest/receive/unix-datagrams.ts';
import { assert, describe } from '../../support/suite.ts';
import { NATIVE, NO_NATIVE } from '../../support/native.ts';
import { sendUnix } from '../../support/send-unix.ts';
import { until } from '../../support/until.ts';

const OWNER = { rival: 'another tallyd', flag: '--datagram-socket' };

interface Run {
  path: string;
  packets: string[];
  open(mode?: number): Promise<Receiver>;
}

async function using(body: (run: Run) => Promise<void>): Promise<void> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tallyd-unix-'));
  const packets: string[] = [];
  const opened: Receiver[] = [];
  const socket = path.join(folder, 'd.sock');
  const open = async (mode?: number): Promise<Receiver> => {
    const onFault = (error: Error): void => assert.unreachable(error.message);
    const receiver = await openUnixDatagrams(
      { path: socket, mode, kind: OWNER, onFault },
      (bytes, from, to) => packets.push(Buffer.from(bytes.subarray(from, to)).toString()),
    );
    opened.push(receiver);
    return receiver;
  };
  try {
    await body({ path: socket, packets, open });
  } finally {
    for (const receiver of opened) await receiver.stop();
    fs.rmSync(folder, { recursive: true });
  }
}

async function refusal(work: Promise<unknown>): Promise<UserError> {
  try {
    await work;
  } catch (error) {
    assert.instance(error, UserError);
    return error as UserError;
  }
  throw new Error('it was opened');
}

describe('unix datagrams', (it) => {
  const live: (name: string, body: () => Promise<void>) => void =
    NATIVE === undefined ? (name) => it.skipAloud(name, NO_NATIVE) : it;

  live('hands over each datagram, and all that was sent before a stop', async () => {
    await using(async ({ path: socket, packets, open }) => {
      const receiver = await open();
      assert.equal([receiver.mode, receiver.address, receiver.port], ['native', socket, 0]);
      assert.ok(receiver.receiveBufferBytes > 0);
      const wanted = ['a:1|c', 'b:2|g\nc:3|ms\n', '', 'x'.repeat(60_000)];
      await sendUnix(socket, ...wanted);
      await until(() => packets.length === 4, 'four datagrams');
      assert.equal(packets, wanted);
      const more = Array.from({ length: 300 }, (_, i) => `n:${i}|c`);
      await sendUnix(socket, ...more);
      await receiver.stop();
      assert.is(receiver.datagrams, 304);
      assert.equal(packets.slice(4), more);
      assert.is(await receiver.kernelDrops(), 0);
      assert.not.ok(fs.existsSync(socket), 'the path is gone');
      await receiver.stop();
    });
  });

  live('a datagram too long for the buffer loses its cut line only', async () => {
    await using(async ({ path: socket, packets, open }) => {
      const receiver = await open();
      const line = 'counter:12345|c|@0.1\n';
      await sendUnix(socket, line.repeat(4000), 'x'.repeat(70_000));
      await until(() => packets.length === 2, 'both');
      assert.equal(packets, [line.repeat(Math.floor(65_600 / line.length)), '']);
      assert.is(receiver.truncated, 2);
      const [cut] = receiver.rejections!();
      assert.equal([cut?.what, cut?.reason, cut?.count], ['datagrams.cut', 'datagramTooLong', 2]);
      assert.match(cut?.last?.example ?? '', /^x{200}/);
    });
  });

  live('permissions, and the leftover of a killed process', async () => {
    await using(async ({ path: socket, packets, open }) => {
      const killed = await open(0o622);
      assert.is(fs.statSync(socket).mode & 0o777, 0o622);
      fs.renameSync(socket, `${socket}.kept`);
      await killed.stop();
      fs.renameSync(`${socket}.kept`, socket);
      const everybodys = await open();
      assert.is(fs.statSync(socket).mode & 0o777, 0o722, 'without an option');
      await everybodys.stop();
      await open(0o600);
      assert.is(fs.statSync(socket).mode & 0o777, 0o600);
      await sendUnix(socket, 'a:1|c');
      await until(() => packets.length === 1, 'a datagram');
    });
  });

  live('is refused where it cannot be', async () => {
    await using(async ({ path: socket, open }) => {
      await open();
      const taken = await refusal(open());
      assert.equal(taken.code, 'portTaken');
      assert.match(taken.message, `unix datagram socket ${socket} is taken (EADDRINUSE)`);
    });
    await using(async ({ path: socket, open }) => {
      fs.writeFileSync(socket, 'mine');
      assert.is((await refusal(open())).code, 'badConfig');
      assert.is(fs.readFileSync(socket, 'utf8'), 'mine');
    });
    const onFault = (): void => {};
    for (const where of ['/nowhere/at/all/d.sock', `/tmp/${'x'.repeat(120)}`]) {
      const options = { path: where, mode: undefined, kind: OWNER, onFault };
      const error = await refusal(openUnixDatagrams(options, () => {}));
      assert.is(error.code, 'badConfig');
      assert.match(
        error.message,
        /cannot be opened: (the folder .* does not exist|its path may have 107 bytes)/,
      );
    }
  });

  it('says what to do where the addon is not', async () => {
    const options = { path: 'run/d.sock', mode: undefined, kind: OWNER, onFault: () => {} };
    const error = await refusal(
      openUnixDatagrams(
        options,
        () => {},
        () => 'GLIBC_2.99 not found',
      ),
    );
    assert.is(error.code, 'badConfig');
    assert.match(error.message, 'socat -u UNIX-RECV:run/d.sock UDP4-SENDTO:127.0.0.1:8125');
    assert.match(error.message, '(GLIBC_2.99 not found)');
  });

  live('tells of a fault, and goes on', async () => {
    await using(async ({ path: socket, packets }) => {
      const faults: string[] = [];
      const onFault = (error: Error): void => void faults.push(error.message);
      const options = { path: socket, mode: undefined, kind: OWNER, onFault };
      const native = NATIVE!; // or this does not run
      let calls = 0;
      const receive: typeof native.receive = (...args) =>
        ++calls === 1 ? -constants.errno.ENOMEM : native.receive(...args);
      const receiver = await openUnixDatagrams(
        options,
        (bytes, from, to) => packets.push(Buffer.from(bytes.subarray(from, to)).toString()),
        () => ({ ...native, receive }),
      );
      await sendUnix(socket, 'a:1|c');
      await until(() => packets.length === 1, 'the datagram');
      assert.equal(faults, ['ENOMEM: not enough memory']);
      await receiver.stop();
    });
  });
});
