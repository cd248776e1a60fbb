import { MemoryStore } from './memory-store.ts';
import { storeSuite } from '../storage/store-suite.ts';

storeSuite('memory store', {
  open: async (rules, options) => new MemoryStore(rules, options),
  reopen: undefined,
  close: (store) => store.close(),
});
