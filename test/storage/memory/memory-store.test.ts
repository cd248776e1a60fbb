import { MemoryStore } from '../../../src/storage/memory/memory-store.ts';
import { storeSuite } from '../store-suite.ts';

storeSuite('memory store', {
  open: async (rules, options) => new MemoryStore(rules, options),
  reopen: undefined,
  close: (store) => store.close(),
});
