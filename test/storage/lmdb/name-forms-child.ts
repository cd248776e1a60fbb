/** Opens a store, and says so line by line; killed by name-forms.test.ts. Argument: data folder. */
import { rulesOf } from '../rules-of.ts';
import { openIn } from './open.ts';

console.log('opening');
const store = await openIn(process.argv[2]!, rulesOf({ '': '10s:1h' }), { thread: false });
console.log('open');
await store.close();
