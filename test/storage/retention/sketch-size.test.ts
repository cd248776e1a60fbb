import { encodeSketch } from '../../../src/sketch/codec.ts';
import { DistinctSketch } from '../../../src/sketch/distinct.ts';
import { encodeDistinct } from '../../../src/sketch/distinct-codec.ts';
import { Sketch } from '../../../src/sketch/log-linear.ts';
import { Random } from '../../../src/cli/random.ts';
import { chunkSlots, ROW_RING } from '../../../src/storage/ring/ring.ts';
import { parseRetentions } from '../../../src/storage/retention/retentions.ts';
import { sketchBytes } from '../../../src/storage/retention/sketch-size.ts';
import { assert, describe } from '../../support/suite.ts';

describe('the size of sketches', (it) => {
  it('is usually what sketches of ten values a second take', () => {
    const random = new Random(7);
    for (const step of [10, 60, 600, 3600]) {
      const sketch = new Sketch();
      for (let i = 0; i < step * 10; i++) {
        sketch.add(Math.round(50_000 * Math.exp(0.5 * random.normal())) / 1000);
      }
      if (step > 600) sketch.coarsen();
      const taken = encodeSketch(sketch).length;
      const archives = [{ step, points: 60 }];
      const slots = chunkSlots(archives[0]!) * 60 + ROW_RING;
      const told = sketchBytes(archives).usual / slots;
      assert.ok(Math.abs(told - taken) < 0.2 * taken, `${step} s: told ${told}, taken ${taken}`);
    }
  });

  it('is never more than the most', () => {
    const archives = parseRetentions('10s:10m');
    const slots = chunkSlots(archives[0]!) * 60 + ROW_RING;
    const wide = new Sketch();
    for (let i = 0; i < 4096; i++) {
      wide.add(2 ** (i / 128), 2 ** 32 + i);
      wide.add(-(2 ** (i / 128)), 2 ** 32 + i);
    }
    const { timerMax, setMax } = sketchBytes(archives);
    const taken = encodeSketch(wide).length;
    assert.ok(taken > 20_000 && taken * slots < timerMax, `${taken} bytes`);
    for (const members of [1536, 100_000]) {
      const set = new DistinctSketch();
      for (let i = 0; i < members; i++) set.add(Buffer.from(`member ${i}`));
      const bytes = encodeDistinct(set).length;
      assert.ok(bytes > 5000 && bytes * slots < setMax, `${bytes} bytes of ${members} members`);
    }
  });
});
