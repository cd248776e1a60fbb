/**
 * Carbon has a path for a plain name, where a slash ends a node like a dot: `df./var.used` is
 * `df.var.used` to Graphite, its dashboards and its files. No name leads out of the folder of an export.
 */
import fs from 'node:fs';
import path from 'node:path';
import { exportWhisper } from '../../../src/storage/whisper/export.ts';
import { openIn, temporaryFolder } from '../../storage/lmdb/open.ts';
import { rulesOf } from '../../storage/rules-of.ts';
import { frameOf } from '../../support/frame.ts';
import { points } from '../../support/points.ts';
import { assert, describe } from '../../support/suite.ts';

const NOW = 1_700_000_000;

describe('reports/graphite: slashes in names', (it) => {
  let folder = '';
  it.before(() => void (folder = temporaryFolder()));
  it.after(() => fs.rmSync(folder, { recursive: true }));

  it('end nodes on the ports of carbon, and none leads out of an export', async () => {
    const store = await openIn(path.join(folder, 'data'), rulesOf({ '': '10s:1h' }));
    const sent = ['../../../up', '/etc/x', 'df./var.used', 'a/../b', '/', 'mnt;path=/../..'];
    const batch = points(
      sent,
      sent.map(() => NOW),
      sent.map(() => 1),
    );
    await store.append(batch, NOW);
    await store.append(frameOf(NOW, { 'url./../../c/d': 1, 'url.c.d': 2 }));
    const plain = ['a.b', 'df.var.used', 'etc.x', 'up', 'url./././c/d', 'url.c.d'];
    const names = [...plain, 'mnt;path=/../..'].sort();
    assert.equal(store.allNames().sort(), names);

    const deep = path.join(folder, 'some/where/deep/out');
    const series = names.map((name) => ({ name }));
    const { refused } = await exportWhisper(store, series, deep, { overwrite: true });
    await store.close();
    assert.equal(refused.length, 1);
    assert.match(refused[0]!.reason, /url\/c\/d\.wsp is that of url\..* already/);
    const files = fs.readdirSync(folder, { recursive: true, encoding: 'utf8' });
    const outside = files.filter(
      (file) => file.endsWith('.wsp') && !file.startsWith('some/where/'),
    );
    assert.equal(outside, []);
    for (const file of ['up', 'etc/x', 'df/var/used', 'a/b', 'url/c/d']) {
      assert.ok(fs.existsSync(path.join(deep, `${file}.wsp`)), file);
    }
  });
});
