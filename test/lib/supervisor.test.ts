/** What a service manager hears: its socket is one that tallyd's own receiver opens here. */
import fs from 'node:fs';
import os, { constants } from 'node:os';
import path from 'node:path';
import { openUnixDatagrams } from '../../src/ingest/receive/unix-datagrams.ts';
import type { NativeSockets } from '../../src/lib/native/native.ts';
import { openSupervisor } from '../../src/lib/supervisor.ts';
import { NATIVE, NO_NATIVE } from '../support/native.ts';
import { assert, describe } from '../support/suite.ts';
import { until } from '../support/until.ts';

const OWNER = { rival: 'a service manager', flag: '--datagram-socket' };

describe('supervisor', (it) => {
  let dir = '';
  it.before(() => void (dir = fs.mkdtempSync(path.join(os.tmpdir(), 'tallyd-supervisor-'))));
  it.after(() => fs.rmSync(dir, { recursive: true }));

  it('hears nothing where there is none', () => {
    const supervisor = openSupervisor({
      env: {},
      isAlive: () => Promise.reject(new Error('asked')),
      onFault: (sentence) => assert.unreachable(sentence),
    });
    supervisor.ready('up');
    supervisor.stopping();
  });

  const byAddon = async (): Promise<void> => {
    const heard: string[] = [];
    const socket = path.join(dir, 'notify');
    const receiver = await openUnixDatagrams(
      { path: socket, mode: undefined, kind: OWNER, onFault: (error) => heard.push(String(error)) },
      (bytes, from, to) => heard.push(Buffer.from(bytes.subarray(from, to)).toString()),
    );
    let answers = true;
    const faults: string[] = [];
    const supervisor = openSupervisor({
      env: { NOTIFY_SOCKET: socket, WATCHDOG_USEC: '60000' },
      isAlive: () => (answers ? Promise.resolve() : new Promise(() => {})),
      onFault: (sentence) => faults.push(sentence),
    });
    supervisor.ready('up');
    await until(() => heard.filter((text) => text === 'WATCHDOG=1').length >= 2);
    answers = false;
    supervisor.stopping();
    await until(() => heard.includes('STOPPING=1'));
    assert.is(heard[0], 'READY=1\nSTATUS=up');
    await receiver.stop();
    supervisor.ready('gone');
    await until(() => faults.length > 0);
    supervisor.stopping();
    assert.match(faults[0]!, /^systemd cannot be told \(ENOENT: no such file/);
    assert.is(faults.length, 1);
  };
  if (NATIVE !== undefined) it('hears by a datagram that it is up, lives and ends', byAddon);
  else it.skipAloud('hears by a datagram', NO_NATIVE);

  it('tells it again where its queue is full', async () => {
    const sent: string[] = [];
    const full = -constants.errno.EAGAIN;
    const sendUnix = (_path: string, bytes: Uint8Array): number =>
      sent.push(Buffer.from(bytes).toString()) < 3 ? full : 0;
    const supervisor = openSupervisor({
      env: { NOTIFY_SOCKET: '@notify' },
      isAlive: () => Promise.resolve(),
      onFault: (sentence) => assert.unreachable(sentence),
      load: () => ({ sendUnix }) as unknown as NativeSockets,
    });
    supervisor.stopping();
    await until(() => sent.length === 3);
    assert.equal(new Set(sent), new Set(['STOPPING=1']));
  });

  it("hears by systemd's own program where there is no addon", async () => {
    const told = path.join(dir, 'told');
    fs.writeFileSync(path.join(dir, 'systemd-notify'), `#!/bin/sh\necho "$@" > ${told}\n`, {
      mode: 0o755,
    });
    const supervisor = openSupervisor({
      env: { NOTIFY_SOCKET: '/run/notify', PATH: `${dir}:/bin:/usr/bin` },
      isAlive: () => Promise.resolve(),
      onFault: (sentence) => assert.unreachable(sentence),
      load: () => 'none',
    });
    supervisor.ready('up');
    await until(() => fs.existsSync(told) && fs.readFileSync(told, 'utf8') !== '');
    assert.is(fs.readFileSync(told, 'utf8'), 'READY=1 STATUS=up\n');
  });
});
