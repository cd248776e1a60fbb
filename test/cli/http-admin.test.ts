/** The store of a running server as a verb sees it, and servers that fail. */
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { httpAdmin } from '../../src/cli/http-admin.ts';
import { UserError } from '../../src/lib/errors.ts';
import type { StoreAdmin } from '../../src/storage/admin/calls.ts';
import { ADMIN_PAGE, ADMIN_POINTS } from '../../src/storage/admin/limits.ts';
import {
  namePages,
  putArchives,
  readArchives,
  readValues,
} from '../../src/storage/admin/whole-series.ts';
import { MemoryStore } from '../model/memory-store.ts';
import { DEFAULT_RULES } from '../../src/storage/retention/default-rules.ts';
import type { SeriesInfo } from '../../src/storage/roles.ts';
import { NOW, testServer } from '../http/client.ts';
import { rulesOf } from '../http/rights-world.ts';
import { newToken } from '../../src/access/secrets.ts';
import { assert, describe } from '../support/suite.ts';

const KEPT = [{ step: 1, points: 500_000 }];

function series(name: string): SeriesInfo {
  return { name, archives: KEPT, aggregationMethod: 'last', xFilesFactor: 0.25 };
}

async function withServer(
  body: (admin: StoreAdmin, store: MemoryStore) => Promise<void>,
  maxSeries = Infinity,
): Promise<void> {
  const store = new MemoryStore(DEFAULT_RULES, { maxSeries });
  const server = await testServer(store);
  const admin = httpAdmin(`http://127.0.0.1:${server.port}`);
  try {
    await body(admin, store);
  } finally {
    await admin.close();
    await server.close();
  }
}

function bytesOf(values: Float64Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

/** Asks a server that answers every request in this way. */
async function askOf(
  answer: (request: http.IncomingMessage, response: http.ServerResponse) => void,
): Promise<UserError> {
  const server = http.createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const admin = httpAdmin(`http://127.0.0.1:${port}`);
  try {
    await admin.names({ query: '**' });
  } catch (error) {
    assert.instance(error, UserError);
    return error as UserError;
  } finally {
    await admin.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
  throw new Error('it was answered');
}

describe('http admin', (it) => {
  it('asks a server that has rights with the token of the environment', async () => {
    const { token, secret } = newToken();
    const rules = rulesOf({ tokens: { verbs: { secret, admin: true } } });
    const server = await testServer(new MemoryStore(DEFAULT_RULES), { access: () => rules });
    const admin = httpAdmin(`http://127.0.0.1:${server.port}`);
    const asked = (): Promise<unknown> =>
      admin.names({ query: '**' }).then(
        ({ names }) => names,
        ({ code }: UserError) => code,
      );
    assert.is(await asked(), 'unauthorized');
    process.env['TALLYD_TOKEN'] = token;
    const answer = await asked();
    delete process.env['TALLYD_TOKEN'];
    await admin.close();
    await server.close();
    assert.equal(answer, []);
  });

  it('lists names in pages, and none', async () => {
    await withServer(async (admin, store) => {
      assert.equal(await admin.names({ query: '**' }), { names: [] });
      const names = Array.from({ length: 2 * ADMIN_PAGE + 3 }, (_, i) => `s.${i}`).sort();
      for (const name of names) await store.importSeries(series(name), []);
      const found: string[] = [];
      const sizes: number[] = [];
      for await (const page of namePages(admin, ['s.*'])) {
        sizes.push(page.length);
        found.push(...page);
      }
      assert.equal(sizes, [ADMIN_PAGE, ADMIN_PAGE, 3]);
      assert.equal(found, names);
      assert.equal((await admin.info({ names: [] })).series, []);
      assert.equal((await admin.fetch({ names: [], from: 0, until: 1, now: 1 })).series, []);
      assert.is((await admin.delete({ names: [] })).count, 0);
    });
  });

  it.slow(
    'puts and reads every double bit for bit, in as many calls as it takes',
    async () => {
      await withServer(async (admin, store) => {
        const count = ADMIN_POINTS * 2 + 10;
        const times = Float64Array.from({ length: count }, (_, i) => NOW - count + 1 + i);
        const values = Float64Array.from(times, (_, i) => [-0, 5e-324, -1e308, 0.1 * i][i % 4]!);
        const data = [{ step: 1, times, values }];
        assert.equal(await putArchives(admin, series('x'), data), KEPT);
        const [read] = (await readArchives(admin, 'x'))!;
        assert.is(read?.step, 1);
        assert.is(Buffer.compare(bytesOf(read!.times), bytesOf(times)), 0);
        assert.is(Buffer.compare(bytesOf(read!.values), bytesOf(values)), 0);
        const { id } = store.lookup('x')!;
        const [local] = await store.fetch([id], NOW - 100, NOW, NOW);
        assert.equal(
          await readValues(admin, ['no', 'x'], { from: NOW - 100, until: NOW, now: NOW }),
          [undefined, local],
        );
        const long = await readValues(admin, ['x', 'x', 'x'], {
          from: NOW - count,
          until: NOW,
          now: NOW,
        });
        assert.equal(
          long.map((one) => one?.values.length),
          [count, count, count],
        );
        assert.is(await readArchives(admin, 'no'), undefined);
        assert.equal(await putArchives(admin, series('empty'), []), KEPT);
        assert.is((await admin.info({ names: ['empty'] })).series[0]?.xFilesFactor, 0.25);
      });
    },
    { timeoutMs: 60_000 },
  );

  it('renames, deletes, keeps notes, and says when the store is full', async () => {
    await withServer(async (admin, store) => {
      await putArchives(admin, series('a'), []);
      assert.equal(
        await admin.rename({
          pairs: [
            { from: 'a', to: 'b' },
            { from: 'no', to: 'c' },
          ],
        }),
        { count: 1 },
      );
      assert.is(await putArchives(admin, series('c'), []), undefined);
      assert.equal(
        await admin.retain({
          changes: [{ ...series('b'), archives: [{ step: 5, points: 9 }] }],
          rewrite: false,
        }),
        { count: 1 },
      );
      assert.equal((await admin.info({ names: ['b'] })).series[0]?.archives, [
        { step: 5, points: 9 },
      ]);
      assert.is((await admin.delete({ names: ['b', 'no'] })).count, 1);
      assert.equal(store.allNames(), []);
      await admin.putNote({ key: 'k', text: 'text' });
      assert.is((await admin.note({ key: 'k' })).text, 'text');
      await admin.putNote({ key: 'k' });
      assert.is((await admin.note({ key: 'k' })).text, undefined);
    }, 1);
  });

  it('hands on what the server refuses', async () => {
    await withServer(async (admin) => {
      const refused = await admin
        .names({ query: '' })
        .catch((error: unknown) => error as UserError);
      assert.instance(refused, UserError);
      assert.equal(
        [(refused as UserError).code, (refused as UserError).exitCode],
        ['badRequest', 2],
      );
      assert.match(
        (refused as UserError).message,
        /^http:\/\/127\.0\.0\.1:\d+: no query, expected/,
      );
    });
    await withServer(async (admin) => {
      const refused = await admin
        .backup({ file: '/x' })
        .catch((error: unknown) => error as UserError);
      assert.is((refused as UserError).code, 'notImplemented');
    });
    const forbidden = await askOf((_, response) => {
      response.writeHead(403).end('{"error":"admin: not you"}');
    });
    assert.equal([forbidden.code, forbidden.exitCode], ['forbidden', 1]);
    const broken = await askOf((_, response) => response.writeHead(500).end('{}'));
    assert.is(broken.code, 'storeBusy');
    assert.match(broken.message, 'answered 500');
  });

  it('says so when the server dies, is none, or is not there', async () => {
    const dying = await askOf((_, response) => {
      response.writeHead(200, { 'content-length': 1000 });
      response.write('{"names":["a');
      setImmediate(() => response.destroy());
    });
    assert.is(dying.code, 'storeBusy');
    assert.match(dying.message, /^the server at http:\/\/127.0.0.1:\d+ did not answer: /);
    const other = await askOf((_, response) => response.end('<html>'));
    assert.match(other.message, '200 and no JSON, so it is no tallyd or an older one');
    const gone = await askOf((request) => request.socket.destroy());
    assert.is(gone.code, 'storeBusy');
    const admin = httpAdmin('http://127.0.0.1:1');
    const refused = await admin
      .names({ query: '**' })
      .catch((error: unknown) => error as UserError);
    assert.match((refused as UserError).message, 'ECONNREFUSED');
    await admin.close();
  });

  it('takes no address that is none', () => {
    assert.throws(() => httpAdmin('localhost:8080'), /--url: read "localhost:8080", expected/);
    assert.throws(() => httpAdmin('ftp://x'), /expected such as http:/);
  });
});
