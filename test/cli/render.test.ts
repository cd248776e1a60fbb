/** `tallyd render` against a server of tests, and its plot. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { plotOf, shortNumber, sparkline } from '../../src/cli/plot.ts';
import { DEFAULT_RULES } from '../../src/storage/retention/default-rules.ts';
import { NOW, testServer } from '../http/client.ts';
import { MemoryStore } from '../model/memory-store.ts';
import { points } from '../support/points.ts';
import { assert, describe } from '../support/suite.ts';
import { runVerb } from './run-here.ts';

describe('a plot', (it) => {
  it('has its values at the left, its times below, and a dot for each datapoint', () => {
    const datapoints = [0, 1, 2, 3].map((value): [number, number] => [value, value * 60]);
    assert.equal(plotOf([{ target: 'a', datapoints }], 11, 2), [
      '3 ┤⠀⠀⠀⠀⠀⠄⠀⠈',
      '0 ┤⡀⠀⠐⠀⠀⠀⠀⠀',
      '  └────────',
      '   1970-01-01 00:00 1970-01-01 00:03',
    ]);
    assert.equal(plotOf([{ target: 'a', datapoints: [[null, 0]] }], 20, 2), ['no data']);
  });

  it('is a bar a part in a sparkline, and a blank where nothing is known', () => {
    assert.is(sparkline([0, null, 7, 3.5], 4), '▁ █▅');
    assert.is(sparkline([1, 1], 9), '▄▄');
    assert.is(sparkline([0, 0, 2, 2], 2), '▁█');
    assert.equal([0, 999.5, 12_345, -1e9].map(shortNumber), ['0', '999.5', '12.35k', '-1G']);
  });
});

describe('render', (it) => {
  it('draws, writes a file, and tells what is wrong in a sentence', async () => {
    const store = new MemoryStore(DEFAULT_RULES);
    const times = [NOW - 30, NOW - 20, NOW - 10].map((time) => time - (time % 10));
    await store.append(points(['a.b', 'a.b', 'a.b'], times, [1, 5, 3]), NOW);
    const server = await testServer(store);
    const file = path.join(os.tmpdir(), `tallyd-render-${process.pid}.csv`);
    try {
      const url = ['--url', `http://127.0.0.1:${server.port}`, '--from', '-60s'];
      const drawn = await runVerb(['render', 'a.b', '--width', '60', ...url]);
      assert.equal([drawn.code, drawn.stderr], [0, '']);
      assert.match(drawn.stdout, /5 ┤/);
      assert.match(drawn.stdout, /^a\.b +.* 1 +5 +3 +3$/m);
      const csv = await runVerb(['render', 'a.b', '--format', 'csv', '-o', file, ...url]);
      assert.equal([csv.code, csv.stdout], [0, '']);
      assert.match(fs.readFileSync(file, 'utf8'), /^a\.b,.*,5\.0?/m);
      const png = await runVerb(['render', 'a.b', '--format', 'png', '-o', file, ...url]);
      assert.equal([png.code, fs.readFileSync(file).toString('latin1', 1, 4)], [0, 'PNG']);
      for (const more of [[], ['--format', 'png', '-o', file]]) {
        const wrong = await runVerb(['render', 'nothing(a.b)', ...more, ...url]);
        assert.is(wrong.code, 2);
        assert.match(wrong.stderr, /^[^\ufffd]*nothing[^\ufffd]*$/);
      }
      const nowhere = `${file}/there`;
      const lost = await runVerb(['render', 'a.b', '--format', 'png', '-o', nowhere, ...url]);
      assert.is(lost.code, 2);
      assert.match(lost.stderr, /there: .*, expected a file to write/);
      assert.is((await runVerb(['render', 'a.b', '-o', file, ...url])).code, 2);
    } finally {
      fs.rmSync(file, { force: true });
      await server.close();
      await store.close();
    }
  });
});
