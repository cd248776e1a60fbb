import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import { packLines } from '../../src/cli/line-sender.ts';
import { assert, describe } from '../support/suite.ts';
import { until } from '../support/until.ts';
import { runCli } from './run-cli.ts';
import { runVerb } from './run-here.ts';
import { openUdpSink } from './udp-sink.ts';

describe('send', (it) => {
  it('each line is a datagram, as often as told', async () => {
    const sink = await openUdpSink();
    const to = ['--port', String(sink.port), '--count', '3', '--rate', '200'];
    const ran = await runVerb(['send', ...to, 'a:1|c', 'é:2|ms']);
    assert.equal([ran.code, ran.stdout], [0, '']);
    assert.is(ran.stderr, `sent 6 lines to udp 127.0.0.1:${sink.port}\n`);
    await sink.until((datagrams) => datagrams.length >= 6);
    const twice = ['a:1|c', 'é:2|ms'];
    assert.equal(sink.datagrams.map(String), [...twice, ...twice, ...twice]);
    await sink.close();
  });

  it('bytes of standard input stay as they are, without empty lines', async () => {
    const sink = await openUdpSink();
    const stdin = Buffer.from('\xff:1|c\r\n\nb:2|c', 'latin1');
    await runCli(['send', '--port', String(sink.port)], { stdin });
    await sink.until((datagrams) => datagrams.length >= 2);
    assert.equal(
      sink.datagrams.map((bytes) => bytes.toString('latin1')),
      ['\xff:1|c\r', 'b:2|c'],
    );
    await sink.close();
  });

  it('over TCP lines end in line feeds; a refused connection is one sentence and 1', async () => {
    const chunks: Buffer[] = [];
    const server = net.createServer((socket) => {
      socket.on('data', (chunk) => void chunks.push(chunk));
      socket.on('end', () => socket.end());
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const to = ['send', '--tcp', '--port', String(port), 'a.b 1 -1', 'a.c 2 -1'];
    assert.is((await runVerb(to)).code, 0);
    await until(() => Buffer.concat(chunks).length >= 18, 'both lines');
    assert.is(Buffer.concat(chunks).toString(), 'a.b 1 -1\na.c 2 -1\n');
    server.close();
    await once(server, 'close');
    const refused = await runVerb(to);
    assert.is(refused.code, 1);
    assert.is(refused.stderr.trim().split('\n').length, 1, refused.stderr);
    assert.ok(refused.stderr.includes('ECONNREFUSED'), refused.stderr);
  });

  it('nothing to send, an unknown host and a wrong port', async () => {
    const [nothing, host, port] = await Promise.all([
      runVerb(['send']),
      runVerb(['send', '--host', 'no-such-host.invalid', 'a:1|c']),
      runVerb(['send', '--port', '0', 'a:1|c']),
    ]);
    assert.equal([nothing.code, nothing.stderr], [2, 'nothing to send, expected a line\n']);
    assert.is(host.code, 1);
    assert.ok(host.stderr.startsWith('host "no-such-host.invalid" is not known'), host.stderr);
    assert.is(port.code, 2);
    assert.ok(port.stderr.includes('expected a whole number from 1 to 65535'), port.stderr);
  });

  it('lines are packed up to the limit, a longer one alone', () => {
    assert.equal(packLines(['aa', 'bb', 'cc'], 5), ['aa\nbb', 'cc']);
    assert.equal(packLines(['aa', 'bbbbbbbb', 'cc'], 5), ['aa', 'bbbbbbbb', 'cc']);
    assert.equal(packLines(['é', 'é'], 4), ['é', 'é']);
    assert.equal(packLines([], 5), []);
  });
});
