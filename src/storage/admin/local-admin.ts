/**
 * The admin calls on a store that is open in this process: for verbs while no server runs, and
 * behind the admin routes of a server.
 */
import { adminCalls, type StoreAdmin } from './calls.ts';
import type { RulesInForce } from '../retention/sketch-rules.ts';
import { type AdminStore, LocalStore } from './local-store.ts';

/** Leaves the store open when closed: the opener closes it. `rules`: those in force. */
export function localAdmin(
  store: AdminStore,
  location: string,
  fetchedMax = Infinity,
  rules?: () => RulesInForce,
): StoreAdmin {
  const local = new LocalStore(store, fetchedMax, rules);
  return {
    location,
    ...adminCalls(async (_name, call, ask) => call.run(local, ask)),
    close: async () => local.forgetNames(),
  };
}
