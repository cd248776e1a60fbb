/** In Graphite's place a proxy without servers behind it: it accepts and closes (F12). */
import { OrderedSender } from '../../../src/forward/ordered-sender.ts';
import { assert, describe } from '../../support/suite.ts';
import { TcpPeer } from '../../support/tcp-peer.ts';
import { until } from '../../support/until.ts';

describe('reports: a proxy that accepts and closes', (it) => {
  for (const manner of ['resets', 'ends'] as const) {
    it(`is left alone longer and longer, and told once; it ${manner}`, async () => {
      const peer = new TcpPeer(manner);
      await peer.open();
      const told: string[] = [];
      const sender = new OrderedSender({
        host: '127.0.0.1',
        port: peer.port,
        peer: 'Graphite',
        unit: ['flush', 'flushes'],
        isHarmlessTwice: true,
        settleMs: 100,
        onError: () => {},
        tell: (level, message) => told.push(`${level}: ${message}`),
      });
      sender.push(Buffer.from('1\n'));
      await until(() => peer.connections >= 4, 'some connections');
      // Tried again only after a while, each time.
      const waitedMs = peer.cameMs[3]! - peer.cameMs[2]!;
      assert.ok(waitedMs > 300, `${waitedMs} ms`);
      assert.is(told.length, 1, told.join('\n'));
      assert.match(
        told[0]!,
        /^warn: Graphite at 127\.0\.0\.1:\d+ is away \(.+\): flushes wait in me/,
      );
      assert.match(sender.health().trouble!, /is away for \d+ s/);
      peer.manner = 'reads';
      await until(() => told.length === 2, 'it is back');
      assert.match(told[1]!, /^info: Graphite at .* is back after \d+ s: 0 flushes wait$/);
      assert.is(peer.text, '1\n');
      assert.is(sender.health().trouble, undefined);
      await sender.stop(1000);
      await peer.close();
    });
  }
});
