/** Addresses that cannot be bound (F10): one sentence for each listener, with advice that fits. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { startConsole } from '../../../src/console/console.ts';
import { openStartupServer } from '../../../src/http/startup-server.ts';
import { openCarbon } from '../../../src/ingest/receive/carbon-listener.ts';
import { bindUdpSocket } from '../../../src/ingest/receive/udp-socket.ts';
import { bindError, pathError } from '../../../src/lib/bind-error.ts';
import { UserError } from '../../../src/lib/errors.ts';
import { assert, describe } from '../../support/suite.ts';

const NOWHERE = '192.0.2.1';
const UNKNOWN = 'no-such.invalid';
const KIND = { rival: 'another StatsD', flag: '--port', addressFlag: '--address' };

async function refusal(open: Promise<unknown>): Promise<UserError> {
  const error = await open.then(
    () => new Error('it was opened'),
    (one: Error) => one,
  );
  assert.instance(error, UserError, String(error));
  assert.is((error as UserError).exitCode, 2);
  return error as UserError;
}

const codeError = (code: string): Error => Object.assign(new Error(`bind ${code}`), { code });

describe('reports: addresses that cannot be bound', (it) => {
  const listeners: Record<string, (address: string) => Promise<unknown>> = {
    'management port 0': (address) =>
      startConsole(
        { address, port: 0 },
        {
          inspect: () => Promise.resolve([]),
          deleteMetrics: () => Promise.resolve([]),
          stats: () => Promise.resolve([]),
          config: () => ({}),
          health: 'up',
          nowSeconds: () => 0,
        },
      ),
    'HTTP port 0': (address) => openStartupServer({ address, port: 0 }, () => ''),
    'TCP port 0': (address) =>
      openCarbon({
        plaintext: { address, port: 0 },
        pickle: undefined,
        receiveBufferBytes: 65_536,
        receiver: 'message',
        nameBytesMax: 100,
        connections: { max: 1, maxPerSource: 1 },
        nowMs: () => 0,
        onBatch: () => {},
        hashSeed: 1,
        onFault: () => {},
      }),
    'UDP port 0': (address) =>
      bindUdpSocket({
        address,
        port: 0,
        ipv6: false,
        receiveBufferBytes: 65_536,
        receiver: 'message',
        onFault: () => {},
        kind: KIND,
      }),
  };
  for (const [place, open] of Object.entries(listeners)) {
    it(`${place}: another machine's address, and a name without one`, async () => {
      const { message } = await refusal(open(NOWHERE));
      assert.ok(
        message.startsWith(`${place} on ${NOWHERE} cannot be opened (EADDRNOTAVAIL)`),
        message,
      );
      assert.match(message, /no such address; choose another with --[a-z-]*address$/);
      const unknown = (await refusal(open(UNKNOWN))).message;
      assert.match(unknown, /cannot be opened \((ENOTFOUND|EAI_AGAIN)\): the name has no address/);
    });
  }

  it('ports of root, and other programs', () => {
    const place = 'HTTP port 80 on 0.0.0.0';
    assert.match(bindError(codeError('EACCES'), place, KIND).message, /below 1024.*with --port$/);
    assert.match(
      bindError(codeError('EADDRINUSE'), place, KIND).message,
      /is taken \(EADDRINUSE\): another StatsD is running there; choose/,
    );
    assert.is(bindError(codeError('EADDRINUSE'), place, KIND).exitCode, 2);
    assert.match(bindError(codeError('EIO'), place, KIND).message, /cannot be opened: bind EIO$/);
  });

  it('paths of unix sockets get the advice of paths', () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tallyd-bind-'));
    try {
      const kind = { rival: 'another StatsD', flag: '--socket' };
      const told = (code: string, file: string): string =>
        pathError(codeError(code), 'unix socket', file, kind).message;
      const another = 'choose another with --socket';
      // What libuv says of a folder that is not there.
      assert.is(
        told('EACCES', `${folder}/none/x.sock`),
        `unix socket cannot be opened: the folder ${folder}/none does not exist; ${another}`,
      );
      fs.writeFileSync(`${folder}/file`, '');
      assert.match(told('EADDRINUSE', `${folder}/file`), /a file at its path, which is no socket/);
      assert.match(told('ENOTDIR', `${folder}/file/x.sock`), /file is no folder; choose/);
      assert.match(told('EADDRINUSE', folder), /a folder at its path/);
      assert.match(
        told('EINVAL', `${folder}/${'x'.repeat(120)}`),
        /may have 107 bytes, read 1\d\d/,
      );
      assert.match(
        told('EACCES', `${folder}/x.sock`),
        /may not be made by this user \(EACCES\) in /,
      );
      assert.match(told('EROFS', `${folder}/x.sock`), /bind EROFS; choose another with --socket$/);
    } finally {
      fs.rmSync(folder, { recursive: true });
    }
  });
});
