import fs from 'node:fs';
import type { Store } from '../../../src/storage/roles.ts';
import { storeSuite } from '../store-suite.ts';
import { openIn, temporaryFolder } from './open.ts';

const folders = new WeakMap<Store, string>();

storeSuite('lmdb store', {
  async open(rules, options) {
    const dataDir = temporaryFolder();
    const store = await openIn(dataDir, rules, options);
    folders.set(store, dataDir);
    return store;
  },
  async reopen(store, rules) {
    const dataDir = folders.get(store)!;
    await store.close();
    const again = await openIn(dataDir, rules);
    folders.set(again, dataDir);
    return again;
  },
  async close(store) {
    await store.close();
    fs.rmSync(folders.get(store)!, { recursive: true });
  },
});
