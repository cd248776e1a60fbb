/**
 * A bit of the name of a database made a start create it anew: empty, without a word, and from then on
 * `verify` found nothing wrong either.
 */
import fs from 'node:fs';
import { DATABASES } from '../../../src/storage/lmdb/db/databases.ts';
import { openEnvironment } from '../../../src/storage/lmdb/db/environment.ts';
import { openIn, temporaryFolder } from '../../storage/lmdb/open.ts';
import { rulesOf } from '../../storage/rules-of.ts';
import { frameOf } from '../../support/frame.ts';
import { assert, describe } from '../../support/suite.ts';

const RULES = rulesOf({ '': '10s:1h' });

describe('reports/attacks: a database that is missing', (it) => {
  it('refuses the start, each of them, and a new folder has none', async () => {
    const folder = temporaryFolder();
    const store = await openIn(folder, RULES);
    await store.append(frameOf(1_700_000_000, { a: 1 }));
    await store.close();
    const whole = fs.readFileSync(`${folder}/data.mdb`);
    for (const [key, { name }] of Object.entries(DATABASES)) {
      fs.writeFileSync(`${folder}/data.mdb`, whole);
      const environment = openEnvironment(folder, 2 ** 32);
      await environment[key as keyof typeof DATABASES].drop();
      await environment.root.close();
      let said = '';
      await openIn(folder, RULES).catch((error: Error) => (said = error.message));
      assert.match(said, `it lacks its database "${name}"`);
      assert.match(said, 'tallyd verify');
    }
    fs.writeFileSync(`${folder}/data.mdb`, whole);
    await (await openIn(folder, RULES)).close();
    fs.rmSync(folder, { recursive: true });
  });
});
