/**
 * Graphite behind is dead and the disk small: the flushes that wait for it give way before the store
 * runs out of room.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { OrderedSender } from '../../../src/forward/ordered-sender.ts';
import { Spool } from '../../../src/forward/spool.ts';
import { assert, describe } from '../../support/suite.ts';
import { deadPort } from '../../support/tcp-peer.ts';
import { until } from '../../support/until.ts';

const MIB = 1024 * 1024;
const TOTAL_BYTES = 80 * MIB;

describe('reports: a disk that waiting flushes and the store share', (it) => {
  it('is left to the store: the oldest flushes go, counted and told', async () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tallyd-spool-'));
    const disk = { storeBytes: 40 * MIB };
    const spoolBytes = (): number =>
      fs.readdirSync(folder).reduce((sum, name) => sum + fs.statSync(`${folder}/${name}`).size, 0);
    const { spool, waiting } = await Spool.open(folder, {
      headroomBytes: 256 * MIB,
      space: () => {
        const freeBytes = TOTAL_BYTES - disk.storeBytes - spoolBytes();
        return Promise.resolve({ freeBytes, totalBytes: TOTAL_BYTES });
      },
    });
    const told: string[] = [];
    const sender = new OrderedSender({
      host: '127.0.0.1',
      port: await deadPort(),
      peer: 'Graphite',
      unit: ['flush', 'flushes'],
      isHarmlessTwice: true,
      spool: { spool, waiting, bytesMax: 1024 * MIB },
      onError: () => {},
      tell: (_level, message) => told.push(message),
    });
    try {
      const push = async (count: number): Promise<void> => {
        for (let i = 0; i < count; i++) sender.push(Buffer.alloc(MIB), i);
        await until(() => sender.health().diskPayloads === sender.health().queuedPayloads, 'disk');
      };
      // A tenth of the disk stays free: twice what the store wants for itself.
      await push(40);
      assert.ok(spoolBytes() <= 32 * MIB, `${spoolBytes()} bytes`);
      assert.is(sender.health().gaveWayPayloads, 9);
      const low = told.find((text) => text.includes('bytes free'));
      assert.match(
        low ?? '',
        /and 8388608 stay free for the store: the oldest flushes that wait for G/,
      );
      // The store grows: what waits goes on giving way.
      disk.storeBytes = 60 * MIB;
      await push(1);
      assert.ok(spoolBytes() <= 12 * MIB, `${spoolBytes()} bytes`);
      assert.match(sender.health().trouble ?? '', /is away .*; the disk of the data folder has/);
      // And stops to when there is room again.
      disk.storeBytes = 10 * MIB;
      await push(1);
      assert.is(told.at(-1), 'the disk has room again for flushes that wait for Graphite');
      assert.is(told.length, 3, told.join('\n'));
      const { queuedPayloads, gaveWayPayloads } = sender.health();
      assert.is(queuedPayloads + gaveWayPayloads, 42);
    } finally {
      await sender.stop(10);
      fs.rmSync(folder, { recursive: true });
    }
  });
});
