/**
 * A Graphite that accepts and never reads: what lies in its socket did not arrive, however long it
 * lies there.
 */
import { OrderedSender } from '../../../src/forward/ordered-sender.ts';
import { assert, describe } from '../../support/suite.ts';
import { TcpPeer } from '../../support/tcp-peer.ts';
import { until } from '../../support/until.ts';

function senderTo(port: number): OrderedSender {
  return new OrderedSender({
    host: '127.0.0.1',
    port,
    peer: 'Graphite',
    unit: ['flush', 'flushes'],
    isHarmlessTwice: true,
    settleMs: 20,
    onError: () => {},
  });
}

const numbers = (count: number): string[] => Array.from({ length: count }, (_, i) => `${i + 1}`);

/** Sends 18 lines to a peer of such manners, which then ends and comes back as one that reads. */
async function afterItRecovered(manner: 'neverReads' | 'readsAndForgets'): Promise<string[]> {
  const peer = new TcpPeer(manner);
  await peer.open();
  const sender = senderTo(peer.port);
  for (const number of numbers(18)) {
    sender.push(Buffer.from(`${number}\n`));
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await until(() => sender.health().queuedPayloads === 0, 'all is written');
  assert.is(sender.health().unconfirmedPayloads, 18);
  await peer.close();
  peer.manner = 'reads';
  await peer.open();
  sender.push(Buffer.from('last\n'));
  await until(() => peer.text.endsWith('last\n'), 'the rest');
  const lines = peer.lines();
  await sender.stop(1000);
  await peer.close();
  return lines;
}

describe('reports: a Graphite that accepts and never reads', (it) => {
  it('gets all that lay unread once it has recovered', async () => {
    assert.equal(await afterItRecovered('neverReads'), [...numbers(18), 'last']);
  });

  it('gets what its program had read and let lie, too', async () => {
    assert.equal(await afterItRecovered('readsAndForgets'), [...numbers(18), 'last']);
  });

  it('counts as delivered what more has come after than two kernels hold', async () => {
    const peer = new TcpPeer();
    await peer.open();
    const sender = senderTo(peer.port);
    for (let i = 0; i < 20; i++) sender.push(Buffer.alloc(1024 * 1024));
    await until(() => sender.health().queuedPayloads === 0, 'all is written');
    const { sentPayloads, unconfirmedPayloads } = sender.health();
    assert.equal([sentPayloads, unconfirmedPayloads], [20, 17]);
    await sender.stop(1000);
    await peer.close();
  });

  it('is not taken for gone where it ends connections that it has read, again and again', async () => {
    const peer = new TcpPeer();
    await peer.open();
    const sender = senderTo(peer.port);
    sender.push(Buffer.from('1\n'));
    for (const connections of [1, 2]) {
      await until(() => peer.connections === connections && peer.text.endsWith('1\n'), 'a line');
      await new Promise((resolve) => setTimeout(resolve, 40)); // it holds
      await peer.close();
      await peer.open();
    }
    // The second time is witness enough: nothing waits, so nobody connects.
    await until(() => sender.health().unconfirmedPayloads === 0, 'the end');
    assert.equal([peer.text, sender.health().queuedPayloads], ['1\n1\n', 0]);
    await sender.stop(1000);
    await peer.close();
  });
});
