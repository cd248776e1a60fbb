/** Tags stand in carbon's order, so that an export calls a file as Graphite looks for it. */
import { createHash } from 'node:crypto';
import { hashedPath, whisperPath } from '../../../src/storage/whisper/path.ts';
import { requireName } from '../../../src/wire/series-name.ts';
import { MemoryStore } from '../../model/memory-store.ts';
import { rulesOf } from '../../storage/rules-of.ts';
import { points } from '../../support/points.ts';
import { assert, describe } from '../../support/suite.ts';

describe('the order of tags', (it) => {
  it('is that of the texts tag=value, in names and in the paths of their files', async () => {
    const store = new MemoryStore(rulesOf({ '': '10s:1h' }));
    await store.append(points(['m;host=a;host2=b', '~t;k=v'], [10, 10], [1, 2]), 10);
    assert.equal(store.allNames(), ['m;host2=b;host=a', 't;k=v']);
    assert.equal(
      store.findTagged([{ tag: 'host', operator: '=', value: 'a' }]).map(({ name }) => name),
      ['m;host2=b;host=a'],
    );
    const hash = createHash('sha256').update('m;host2=b;host=a').digest('hex');
    const folder = `_tagged/${hash.slice(0, 3)}/${hash.slice(3, 6)}`;
    const name = requireName('m;host=a;host2=b');
    assert.is(whisperPath(name), `${folder}/m;host2=b;host=a.wsp`);
    assert.is(hashedPath(name), `${folder}/${hash}.wsp`);
  });
});
