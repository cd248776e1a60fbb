/**
 * Runs a verb of the program, offline, in a process that is there to be killed. What the verb loads
 * late is loaded first, so that the time after "ready" is the verb's own.
 */
import { run } from '../../src/cli/program.ts';
import '../../src/storage/admin/local-admin.ts';
import '../../src/storage/lmdb/lmdb-store.ts';
import '../../src/storage/lmdb/check/verify-folder.ts';

console.log('ready');
await run(['node', 'tallyd', ...process.argv.slice(2)]);
