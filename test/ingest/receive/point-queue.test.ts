/** Batches of points: bounded in flight, senders held back, the rest counted. */
import { PacketQueue } from '../../../src/ingest/receive/packet-queue.ts';
import { PointQueue } from '../../../src/ingest/receive/point-queue.ts';
import { type SampleBatch, senderAt } from '../../../src/wire/sample-batch.ts';
import { copyOf, namedPoints } from '../../support/points.ts';
import { assert, describe } from '../../support/suite.ts';
import { until } from '../../support/until.ts';

/** Queues with points that wait: their timers end with the tests. */
const opened: PointQueue[] = [];

function queue(delayMs = 100_000) {
  const batches: SampleBatch[] = [];
  const signs: string[] = [];
  const limits = { batchPoints: 3, batchesInFlight: 2, delayMs };
  const points = new PointQueue(limits, {
    onBatch: (batch) => batches.push(copyOf(batch)),
    onFull: () => signs.push('full'),
    onRoom: () => signs.push('room'),
  });
  opened.push(points);
  const add = (count: number, mayDrop = false): void => {
    for (let i = 0; i < count; i++) points.add(`n${points.taken}`, i, i, mayDrop);
  };
  const names = (): string => namedPoints(batches).names.join(' ');
  return { points, batches, signs, add, names };
}

function timesOf({ times }: SampleBatch): number[] {
  return [...(times as Float64Array)];
}

describe('point queue', (it) => {
  it.after(() => {
    for (const points of opened) points.finish();
  });

  it('sends full batches at once and the rest after a while', async () => {
    const { points, batches, add, names } = queue(5);
    add(3);
    assert.is(batches.length, 1);
    points.acknowledge(batches[0]!.slot!);
    add(1);
    assert.is(batches.length, 1);
    await until(() => batches.length === 2);
    assert.is(names(), 'n0 n1 n2 n3');
    assert.equal(timesOf(batches[0]!), [0, 1, 2]);
  });

  it('holds senders back when main is late, and lets them go on', () => {
    const { points, batches, signs, add, names } = queue();
    add(9);
    assert.is(batches.length, 2);
    assert.equal(signs, ['full']);
    add(2);
    assert.equal(signs, ['full'], 'said once; what is under way is still taken');
    points.acknowledge(batches[0]!.slot!);
    assert.equal(signs, ['full', 'room']);
    assert.is(batches.length, 3);
    assert.is(names(), Array.from({ length: 11 }, (_, i) => `n${i}`).join(' '));
    assert.is(points.dropped, 0);
  });

  it('drops and counts what cannot be held back', () => {
    const { points, add } = queue();
    add(9);
    add(5, true);
    assert.is(points.dropped, 5);
    assert.is(points.taken, 9);
  });

  it('sends a part batch when nothing is under way any more', async () => {
    const { points, batches, add } = queue(1);
    add(7);
    assert.is(batches.length, 2);
    await new Promise((resolve) => setTimeout(resolve, 5));
    assert.is(batches.length, 2);
    points.acknowledge(batches[0]!.slot!);
    assert.is(batches.length, 2, 'another one is under way');
    points.acknowledge(batches[1]!.slot!);
    assert.is(batches.length, 3);
    points.finish();
  });

  it('uses columns again once their batch is acknowledged, and not before', () => {
    const given: SampleBatch[] = [];
    const limits = { batchPoints: 3, batchesInFlight: 2, delayMs: 100_000 };
    const points = new PointQueue(limits, {
      onBatch: (batch) => given.push(batch),
      onFull: () => {},
      onRoom: () => {},
    });
    for (let i = 0; i < 9; i++) points.add('a', i, i, false);
    assert.is(given.length, 2);
    assert.equal(timesOf(given[0]!), [0, 1, 2]);
    points.acknowledge(given[1]!.slot!);
    points.acknowledge(given[1]!.slot!);
    for (let i = 9; i < 12; i++) points.add('a', i, i, false);
    assert.equal(timesOf(given[0]!), [0, 1, 2], 'still out');
    points.acknowledge(given[0]!.slot!);
    assert.equal(timesOf(given.at(-1)!), [9, 10, 11]);
    points.finish();
    assert.ok(new Set(given.map(({ slot }) => slot)).size <= 3);
  });

  it('starts its numbers again when the table of names is full, and says so', () => {
    const batches: SampleBatch[] = [];
    const names = { names: 4, arenaBytes: 1000 };
    const limits = { batchPoints: 3, batchesInFlight: 100, delayMs: 100_000, names };
    const points = new PointQueue(limits, {
      onBatch: (batch) => batches.push(copyOf(batch)),
      onFull: () => {},
      onRoom: () => {},
    });
    const sent = Array.from({ length: 40 }, (_, i) => `name${(i * 7) % 11}`);
    for (const [i, name] of sent.entries()) points.add(name, i, i, false);
    points.finish();
    assert.equal(namedPoints(batches).names, sent);
    assert.ok(batches.filter(({ series }) => series.isReset).length > 5);
    assert.ok(batches.flatMap(({ refs }) => [...refs]).every((ref) => ref < 4));
  });

  it('tells who sent what, in runs', () => {
    const { points, batches, add } = queue();
    points.from('10.0.0.1');
    add(2);
    points.from('10.0.0.2');
    add(1);
    points.from('10.0.0.2');
    add(1);
    points.from(undefined);
    add(1);
    points.finish();
    const senders = batches.map((batch) => [...batch.refs.keys()].map((at) => senderAt(batch, at)));
    assert.equal(senders, [
      ['10.0.0.1', '10.0.0.1', '10.0.0.2'],
      ['10.0.0.2', undefined],
    ]);
  });

  it('sends everything at the end', () => {
    const { points, batches, add } = queue();
    add(10);
    points.finish();
    points.finish();
    assert.is(batches.length, 3);
  });
});

describe('packet queue', (it) => {
  it('cuts batches at 64 KiB, takes larger packets, drops over the bound', () => {
    const batches: number[][] = [];
    const packets = new PacketQueue(({ bytes, ends }) => {
      assert.is(ends.at(-1), bytes.length);
      batches.push([...ends]);
    });
    packets.add(Buffer.alloc(40_000), 0, 40_000);
    packets.add(Buffer.alloc(40_000), 10_000, 40_000);
    packets.add(Buffer.alloc(200_000), 0, 200_000);
    packets.send();
    assert.equal(batches, [[40_000], [30_000], [200_000]]);
    for (let i = 0; i < 100; i++) {
      packets.add(Buffer.alloc(1), 0, 1);
      packets.send();
    }
    assert.is(batches.length, 64);
    assert.is(packets.dropped, 39);
    packets.acknowledge();
    packets.add(Buffer.alloc(1), 0, 1);
    packets.send();
    assert.is(batches.length, 65);
  });
});
