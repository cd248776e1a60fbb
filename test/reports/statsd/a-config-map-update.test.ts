/**
 * A file that is reached through links, as in a Kubernetes ConfigMap volume (F3): whichever link of
 * the chain is swapped, the change is seen.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { watchFiles } from '../../../src/cli/reload.ts';
import { assert, describe } from '../../support/suite.ts';
import { until } from '../../support/until.ts';

describe('reports: a ConfigMap that is updated', (it) => {
  it('is seen, whichever link is swapped, and each time', async () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tallyd-map-'));
    const volume = path.join(folder, 'volume');
    fs.mkdirSync(volume);
    /** As the kubelet does: a new folder of files, and one link that is renamed over the old one. */
    const publish = (version: string, text: string): void => {
      fs.mkdirSync(path.join(volume, version));
      fs.writeFileSync(path.join(volume, version, 'config.json'), text);
      fs.symlinkSync(version, path.join(volume, '..tmp'));
      fs.renameSync(path.join(volume, '..tmp'), path.join(volume, '..data'));
    };
    publish('..v1', '{ flushInterval: 1000 }');
    fs.symlinkSync('..data/config.json', path.join(volume, 'config.json'));
    const file = path.join(folder, 'link-to-the-link.json');
    fs.symlinkSync('volume/config.json', file);
    const other = path.join(folder, 'rules.conf');
    fs.writeFileSync(other, '[a]\n');
    let files = [file];
    let changes = 0;
    const end = watchFiles(
      () => files,
      () => void (changes += 1),
    );
    try {
      publish('..v2', '{ flushInterval: 2000 }');
      await until(() => changes === 1, 'the data link');
      fs.writeFileSync(path.join(folder, 'plain.json'), '{ flushInterval: 3000 }');
      fs.symlinkSync('plain.json', `${file}.new`);
      fs.renameSync(`${file}.new`, file);
      await until(() => changes === 2, 'the first link');
      fs.rmSync(file);
      await new Promise((resolve) => setTimeout(resolve, 600)); // an absent file is no change
      assert.is(changes, 2);
      fs.symlinkSync('volume/config.json', file);
      await until(() => changes === 3, 'it is there again');
      // A configuration that names another file: that is looked at as well from then on.
      files = [file, other];
      await new Promise((resolve) => setTimeout(resolve, 600));
      fs.writeFileSync(other, '[b]\n');
      await until(() => changes === 4, 'the other file');
    } finally {
      end();
      fs.rmSync(folder, { recursive: true });
    }
  });
});
