/** graphite 11: `retention plan` and `apply` took the rules of the shell's folder, not the server's. */
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { runVerb } from '../../cli/run-here.ts';
import { Server } from '../../support/server.ts';
import { assert, describe } from '../../support/suite.ts';

// Quickly cli/retention asks a server in the test's own process.
describe('retention plan and apply of a running server', (it) => {
  let server: Server;
  let folder = '';

  it.before(async () => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tallyd-rules-'));
    const schemas = path.join(folder, 'mine.conf');
    fs.writeFileSync(schemas, '[all]\npattern = .*\nretentions = 1s:1h,1m:1d\n');
    server = await Server.start(['--storage-schemas', schemas]);
    const now = Math.floor(Date.now() / 1000);
    net.connect(server.port('carbon tcp'), '127.0.0.1').end(`tt.a1.x 1 ${now}\ntt.a2.x 2 ${now}\n`);
    await server.until(async () => (await server.sum('tt.*.x')) === 3, 'two points');
  });
  it.after(async () => {
    await server?.remove();
    fs.rmSync(folder, { recursive: true });
  });

  it.slow('go by the server’s rules, in whatever folder they are asked', async () => {
    const of = ['tt.**', '--data-dir', server.dataDir];
    const kept = 'All 2 series are kept as the rules say.\n';
    assert.is((await runVerb(['retention', 'plan', ...of])).stdout, kept);
    assert.is((await runVerb(['retention', 'apply', ...of])).stdout, '0 of 2 series changed\n');
  });

  it.slow('and by a file that is named, for what that is about', async () => {
    const file = path.join(folder, 'other.conf');
    fs.writeFileSync(
      file,
      '[all]\npattern = a1\nretentions = 10s:1h\n[rest]\npattern = .*\nretentions = 1s:1h,1m:1d\n',
    );
    const flags = ['--storage-schemas', file, '--data-dir', server.dataDir];
    const { stdout } = await runVerb(['retention', 'plan', 'tt.**', ...flags]);
    assert.match(stdout, '1 of 2 series would be kept otherwise');
  });
});
