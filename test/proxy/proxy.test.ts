/** The proxy against nodes of a few lines: who gets what, while one of them goes and comes back. */
import dgram from 'node:dgram';
import { once } from 'node:events';
import net from 'node:net';
import { readProxyConfig } from '../../src/proxy/proxy-config.ts';
import { type RunningProxy, startProxy } from '../../src/proxy/proxy.ts';
import { DATAGRAM_BYTES, Router } from '../../src/proxy/router.ts';
import { assert, describe } from '../support/suite.ts';
import { until } from '../support/until.ts';

/** A StatsD server as the proxy sees it: a UDP port, and a console that says how it is. */
class Node {
  readonly lines: string[] = [];
  datagrams = 0;
  port = 0;
  adminPort = 0;
  private socket: dgram.Socket | undefined;
  private console: net.Server | undefined;

  async open(): Promise<void> {
    const socket = dgram.createSocket('udp4');
    socket.on('message', (packet) => {
      this.datagrams += 1;
      this.lines.push(...packet.toString().split('\n'));
    });
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    this.socket = socket;
    this.port = socket.address().port;
    await this.openConsole();
  }

  async openConsole(): Promise<void> {
    this.console = net.createServer((peer) => {
      peer.on('error', () => {});
      peer.on('data', (data) => {
        assert.is(data.toString(), 'health\r\n');
        peer.end('health: up\n');
      });
    });
    this.console.listen(this.adminPort, '127.0.0.1');
    await once(this.console, 'listening');
    this.adminPort = (this.console.address() as net.AddressInfo).port;
  }

  async closeConsole(): Promise<void> {
    const closed = once(this.console!, 'close');
    this.console!.close();
    await closed;
  }

  close(): void {
    this.console?.close();
    this.socket?.close();
  }
}

async function ask(port: number, command: string): Promise<string> {
  const socket = net.connect(port, '127.0.0.1');
  socket.write(command);
  const [data] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  return data.toString();
}

const keys = Array.from({ length: 60 }, (_, i) => `key.${i}`);

describe('proxy', (it) => {
  for (const server of ['./servers/udp', './servers/tcp']) {
    it(`${server}: every key to its node; only a dead node's keys move, and return`, async () => {
      const nodes = [new Node(), new Node(), new Node()];
      for (const node of nodes) await node.open();
      const source = JSON.stringify({
        nodes: nodes.map(({ port, adminPort }) => ({
          host: '127.0.0.1',
          port,
          adminport: adminPort,
        })),
        server,
        host: '127.0.0.1',
        port: 0,
        mgmt_port: 0,
        checkInterval: 20,
      });
      const { config, findings } = readProxyConfig('proxy.js', source);
      assert.equal(findings, []);
      const said: string[] = [];
      const log = {
        info: (text: string) => said.push(text),
        warn: (text: string) => said.push(text),
      };
      const proxy = await startProxy(config, log);
      const send = senderTo(proxy, server);
      try {
        /** Sends every key once; which node each one came to. */
        const owners = async (): Promise<number[]> => {
          for (const node of nodes) node.lines.length = 0;
          await send(keys.map((key) => `${key}:1|c`).join('\n') + '\n');
          const all = (): number => nodes.reduce((sum, { lines }) => sum + lines.length, 0);
          await until(() => all() >= keys.length, 'all keys');
          assert.is(all(), keys.length);
          return keys.map((key) => nodes.findIndex(({ lines }) => lines.includes(`${key}:1|c`)));
        };
        const whole = await owners();
        assert.equal(new Set(whole), new Set([0, 1, 2]));
        assert.ok(
          nodes.every(({ datagrams }) => datagrams === 1),
          'one datagram a node',
        );

        await nodes[1]!.closeConsole();
        await until(() => said.some((text) => text.endsWith('is down, 2 are up')), 'it is seen');
        const without = await owners();
        whole.forEach((owner, i) => {
          if (owner === 1) assert.is.not(without[i], 1);
          else assert.is(without[i], owner);
        });
        assert.match(await ask(proxy.managementPort!, 'status'), /^uptime: \d+\nnodes: \S+ \S+ \n/);

        await nodes[1]!.openConsole();
        await until(() => said.some((text) => text.endsWith('is up, 3 are up')), 'it is back');
        assert.equal(await owners(), whole);
      } finally {
        await proxy.stop();
        for (const node of nodes) node.close();
      }
    });
  }

  it('answers its console as StatsD does', async () => {
    const source = `{ nodes: [{ host: '127.0.0.1', port: 1, adminport: 2 }], host: '127.0.0.1',
      port: 0, mgmt_port: 0 }`;
    const proxy = await startProxy(readProxyConfig('p.js', source).config, {
      info: () => {},
      warn: () => {},
    });
    try {
      const port = proxy.managementPort!;
      assert.is(await ask(port, 'help'), 'Commands: config, health, status, quit\n\n');
      assert.is(await ask(port, 'health'), 'health: up\n');
      assert.is(await ask(port, 'health down'), 'health: down\n');
      assert.is(await ask(port, 'what'), 'ERROR\n');
      assert.match(await ask(port, 'config'), /^\nnodes > 0: \[object Object\]\nhost: 127/);
    } finally {
      await proxy.stop();
    }
  });

  it('counts what it cannot send, and connections that it turns away', async () => {
    const node = new Node();
    await node.open();
    const source = `{ nodes: [{ host: '127.0.0.1', port: ${node.port}, adminport: ${node.adminPort} }],
      host: '127.0.0.1', port: 0, mgmt_port: 0, server: './servers/tcp' }`;
    const proxy = await startProxy(readProxyConfig('p.js', source).config, {
      info: () => {},
      warn: () => {},
    });
    try {
      const socket = net.connect(proxy.port, '127.0.0.1');
      socket.on('error', () => {});
      // A line that no datagram can hold, and one without an end.
      socket.write(`k:${'1'.repeat(65_520)}|c\n`);
      socket.write('x'.repeat(70_000));
      await new Promise((resolve) => socket.once('close', resolve));
      const status = (): Promise<string> => ask(proxy.managementPort!, 'status');
      const told = 'lines: 1\ndatagrams: 1\ndropped: 0\nfailed: 1\nrefused: 1\n';
      await until(async () => (await status()).endsWith(told));
      const open = Array.from({ length: 64 }, () =>
        net.connect(proxy.managementPort!, '127.0.0.1'),
      );
      await Promise.all(open.map((one) => once(one, 'connect')));
      // One more: the one that has been silent longest gives way.
      const gone = Promise.race(open.map((one) => once(one.resume(), 'close')));
      open.push(net.connect(proxy.managementPort!, '127.0.0.1'));
      await gone;
      open.at(-1)!.write('status');
      const [data] = (await once(open.at(-1)!, 'data')) as [Buffer];
      assert.match(data.toString(), /\nrefused: 2\n$/);
      for (const one of open) one.destroy();
    } finally {
      await proxy.stop();
      node.close();
    }
  });

  it('packs lines up to a frame, drops aloud when no node is left', () => {
    const sent: [number, string][] = [];
    const router = new Router(['a:1'], 100, (node, bytes) => sent.push([node, bytes.toString()]));
    const line = `k:${'1'.repeat(700)}|c`;
    router.route(Buffer.from([line, line, line, `x${line.repeat(3)}`].join('\n')));
    router.flush();
    assert.equal(
      sent.map(([, text]) => text.split('\n').length),
      [2, 1, 1],
    );
    assert.ok(sent[0]![1].length <= DATAGRAM_BYTES);
    router.use([]);
    router.route(Buffer.from('k:1|c\n\nk:2|c'));
    router.flush();
    assert.equal(router.counts, { lines: 6, datagrams: 3, droppedLines: 2 });
    assert.is(sent.length, 3);
  });

  it('is no node of its own, by whatever name', () => {
    const loops = (host: string, own: string, more = ''): string[] => {
      const nodes = `[{ host: 'b', port: 8125, adminport: 1 }, { host: '${host}', port: 8125, adminport: 1 }]`;
      const source = `{ nodes: ${nodes}, host: '${own}'${more} }`;
      return readProxyConfig('p.js', source, ['10.0.0.5', 'me']).findings.map(({ text }) => text);
    };
    for (const host of ['127.0.0.1', 'localhost', '10.0.0.5', 'me', '0.0.0.0', '::1']) {
      assert.match(
        loops(host, '0.0.0.0').join(),
        /^p\.js:1:\d+: node .*:8125 is this proxy itself/,
      );
    }
    assert.equal(loops('127.0.0.1', '10.0.0.5'), []);
    assert.equal(loops('127.0.0.1', '0.0.0.0', ', port: 8124'), []);
    assert.equal(loops('10.0.0.6', '0.0.0.0'), []);
  });

  it('says what is wrong with its file, and where', () => {
    const texts = (source: string): string[] =>
      readProxyConfig('p.js', source).findings.map(({ text }) => text);
    assert.equal(texts('{}'), [
      'p.js:1:1: nodes: read nothing, expected a list of {host, port, adminport}',
    ]);
    assert.match(texts('{ nodes: [1], ')[0]!, /^p\.js:1:\d+: /);
    const wrong = texts(`{
      nodes: [{ host: 'a', port: 70000, adminport: 2 }, { host: 'a' }, 7],
      chekInterval: 5, server: 'x', checkInterval: 'soon', forkCount: 'auto' }`);
    assert.ok(
      wrong.some((text) => /^p\.js:2:\d+: port: read 70000/.test(text)),
      wrong.join('\n'),
    );
    assert.ok(wrong.some((text) => /adminport: expected one, read none/.test(text)));
    assert.ok(wrong.some((text) => /nodes: read 7, expected/.test(text)));
    assert.ok(wrong.some((text) => /unknown key "chekInterval".*checkInterval/.test(text)));
    assert.ok(wrong.some((text) => /server: read "x"/.test(text)));
    assert.ok(wrong.some((text) => /checkInterval: read "soon"/.test(text)));
    assert.ok(wrong.some((text) => /forkCount: ignored/.test(text)));
  });

  it('refuses a port that is taken', async () => {
    const taken = net.createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as net.AddressInfo;
    const source = `{ nodes: [{ host: '127.0.0.1', port: 1, adminport: 2 }], server: 'tcp',
      host: '127.0.0.1', port: ${port}, mgmt_port: 'off' }`;
    try {
      await startProxy(readProxyConfig('p.js', source).config, { info: () => {}, warn: () => {} });
      assert.unreachable('it started');
    } catch (error) {
      assert.match((error as Error).message, /TCP port \d+ on 127\.0\.0\.1 is taken/);
    } finally {
      taken.close();
    }
  });
});

function senderTo(proxy: RunningProxy, server: string): (text: string) => Promise<void> {
  return async (text) => {
    if (server === './servers/tcp') {
      const socket = net.connect(proxy.port, '127.0.0.1');
      socket.end(text);
      await once(socket, 'close');
      return;
    }
    const socket = dgram.createSocket('udp4');
    await new Promise<void>((resolve) =>
      socket.send(text, proxy.port, '127.0.0.1', () => resolve()),
    );
    socket.close();
  };
}
