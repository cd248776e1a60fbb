/**
 * Names with empty nodes, malformed tags, tags in another order, leading tildes, line feeds: on every
 * way in, and in every question, on one server.
 */
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { Server } from '../../support/server.ts';
import { assert, describe } from '../../support/suite.ts';

interface Target {
  target: string;
  datapoints: [number | null, number][];
}

interface Health {
  carbon: { refusals?: unknown };
  refusals: { what: string; reason: string; count: number; last?: { example: string } }[];
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  const head = Buffer.from('X....', 'latin1');
  head.writeUInt32LE(bytes.length, 1);
  return Buffer.concat([head, bytes]);
}

/** A message of points now, as Python pickles them. */
function pickled(names: readonly string[], time: number): Buffer {
  const points = names.map((name, i) =>
    Buffer.concat([text(name), Buffer.from(`I${time}\nI${i + 1}\n\x86\x86a`, 'latin1')]),
  );
  const body = Buffer.concat([Buffer.from(']', 'latin1'), ...points, Buffer.from('.')]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length);
  return Buffer.concat([length, body]);
}

async function send(port: number, bytes: string | Buffer): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const socket = net.connect(port, '127.0.0.1', () => socket.end(bytes));
    socket.on('error', reject);
    socket.on('close', () => resolve());
    socket.resume();
  });
}

describe('names without their form', (it) => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tallyd-forms-'));
  let server: Server;
  it.after(async () => {
    await server.remove();
    fs.rmSync(folder, { recursive: true });
  });
  it.before(async () => {
    const rewrite = path.join(folder, 'rewrite.conf');
    fs.writeFileSync(rewrite, '[post]\n^re\\.host = re..\n^gone\\..* = .\n');
    server = await Server.start(['--carbon-rewrite-rules', rewrite]);
    const now = Math.floor(Date.now() / 1000);
    const line = (name: string): string => `${name} 7 ${now}\n`;
    const plain = ['app..web.hits', '.lead.x', 'x.', '~t;k=v', '~til.de', 'a..b;k=v', 're.host.c'];
    const tagged = ['m;host=a;host2=b', 'bad3;name=x', 'om{host2="b",host="a"}'];
    const none = ['bad;env=', 'bad2;env', ';=b', ';a=~x', 'n;a!=x', 'm;a=b;', '...', '~', 'gone.x'];
    await send(server.port('carbon tcp'), [...plain, ...tagged, ...none].map(line).join(''));
    const odd = ['pk..a', 'line\nfeed', '', 'tab\tbed', 'bad;env=', 'pk.end'];
    await send(server.port('pickle tcp'), pickled(odd, now));
    await server.until(async () => {
      const names = await server.json<string[]>('/metrics/index.json');
      return names.includes('pk.end') && names.includes('re.c');
    }, 'all of it');
  });

  const found = async (query: string): Promise<string[]> =>
    (await server.json<{ id: string }[]>(`/metrics/find?query=${encodeURIComponent(query)}`)).map(
      ({ id }) => id,
    );
  const values = async (target: string): Promise<(number | null)[]> => {
    const url = `/render?format=json&from=-5min&target=${encodeURIComponent(target)}`;
    const [series] = await server.json<Target[]>(url);
    return series!.datapoints.map(([value]) => value).filter((value) => value !== null);
  };

  it.slow('are stored and found in their form', async () => {
    const names = await server.json<string[]>('/metrics/index.json');
    assert.equal(
      names.filter((name) => !/^(?:tallyd|stats|stats_counts)\./.test(name)).sort(),
      ['app.web.hits', 'bad3', 'lead.x', 'pk.a', 'pk.end', 're.c', 'til.de', 'x'],
    ); // prettier-ignore
    assert.equal(await found('app.*'), ['app.web']);
    assert.equal(await found('app..web.*'), ['app..web.hits'], "Graphite's ids start as asked");
    const { results } = await server.json<{ results: string[] }>(
      '/metrics/expand?query=app..*.hits',
    );
    assert.equal(results, ['app.web.hits']);
    for (const target of ['app.web.hits', 'app..web.hits', 'lead.x', 'x.', '~til.de']) {
      assert.equal(await values(target), [7], target);
    }
    for (const target of ['m;host=a;host2=b', 'm;host2=b;host=a', 't;k=v', 'a.b;k=v', 'a..b;k=v']) {
      assert.equal(await values(target), [7], target);
    }
    assert.equal(await values("seriesByTag('name=a..b')"), [7]);
    const tagged = await server.json<string[]>('/tags/findSeries?expr=name=~.%2B');
    assert.equal(tagged, ['a.b;k=v', 'm;host2=b;host=a', 'om;host2=b;host=a', 't;k=v']);
  });

  it.slow('are refused where they have none: counted, with an example and what to do', async () => {
    const { refusals } = await server.json<Health>('/health');
    const of = (what: string, reason: string) =>
      refusals.find((one) => one.what === what && one.reason === reason);
    assert.is(of('carbon.refused', 'badTags')?.count, 5);
    assert.is(of('carbon.refused', 'emptyName')?.count, 5);
    assert.is(of('carbon.refused', 'badName')?.count, 2);
    assert.match(of('carbon.refused', 'badName')!.last!.example, /^tab\\x09bed$/);
    assert.is(of('rules.refused', 'names')?.count, 1);
    assert.is(of('rules.refused', 'names')?.last?.example, 'gone.x');
  });

  it.slow('are the same in metadata and deletion', async () => {
    const set = new URLSearchParams({ metric: 'app..web.hits', key: 'unit', value: 'ms' });
    const http = `http://127.0.0.1:${server.port('http')}`;
    await fetch(`${http}/metrics/set-metadata`, { method: 'POST', body: set });
    const read = await server.json<unknown>('/metrics/get-metadata?metric=app.web.hits&key=unit');
    assert.equal(read, { 'app.web.hits': { value: 'ms' } });
    const url = `${http}/series?query=app..web.hits`;
    const answer = (await (await fetch(url, { method: 'DELETE' })).json()) as { deleted: number };
    assert.is(answer.deleted, 1);
  });
});
