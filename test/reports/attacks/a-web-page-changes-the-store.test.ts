import net from 'node:net';
import { changeCheck } from '../../../src/http/change-check.ts';
import { assert, describe } from '../../support/suite.ts';
import { testServer, type TestServer } from '../../http/client.ts';
import { modelStore } from '../../model/model-store.ts';

const JSON_TYPE = { 'content-type': 'application/json' };
/** Everything that changes the store, as a program asks for it. */
const CHANGES: [path: string, method: string, body: string, headers?: Record<string, string>][] = [
  ['/events', 'POST', '{"what":"x"}', JSON_TYPE],
  ['/events/', 'POST', '{"what":"x"}'],
  ['/tags/tagSeries', 'POST', 'path=a;b=c'],
  ['/tags/tagMultiSeries', 'POST', 'path=a;b=c'],
  ['/tags/delSeries', 'POST', 'path=d;b=c'],
  ['/metrics/set-metadata', 'POST', 'metric=a&key=k&value=v'],
  ['/series?query=nosuch', 'DELETE', ''],
  ['/admin/names', 'POST', '{"query":"a"}', { 'x-tallyd-admin': '1' }],
];

describe('attacks: a web page changes the store', (it) => {
  let server: TestServer;
  const store = modelStore({ names: ['a', 'd;b=c'] });
  it.before(async () => {
    server = await testServer(store, { httpHosts: ['graphite.example.com'] });
  });
  it.after(() => server.close());

  const statuses = async (headers: Record<string, string>): Promise<number[]> => {
    const all: number[] = [];
    for (const [path, method, body, more] of CHANGES) {
      const answer = await server.ask(path, {
        method,
        ...(body === '' ? {} : { body }),
        headers: { ...more, ...headers },
      });
      assert.ok(answer.text.length < 300, answer.text);
      all.push(answer.status);
    }
    return all;
  };
  const all = (status: number): number[] => CHANGES.map(() => status);

  it('programs may', async () => {
    assert.equal(await statuses({}), all(200));
    const own = { host: 'localhost:8080', 'sec-fetch-site': 'none' };
    assert.equal(await statuses(own), all(200));
  });

  it('pages of another site may not', async () => {
    for (const headers of [
      { origin: 'http://evil.example' },
      { origin: 'null' },
      { referer: 'http://evil.example/page' },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { host: 'evil.example:8080', origin: 'http://evil.example:8080' },
      { host: 'evil.example:8080' },
    ] as Record<string, string>[]) {
      assert.equal(await statuses(headers), all(403), JSON.stringify(headers));
    }
    const [first] = CHANGES;
    const refused = await server.ask(first![0], {
      body: first![2],
      headers: { host: 'evil.example' },
    });
    assert.is(
      refused.text,
      '{"error":"changes: asked as \\"evil.example\\", expected an address, a name without a dot or one of httpHosts"}',
    );
  });

  it('no header is left out to make them pass', async () => {
    const filler = Array.from({ length: 2100 }, (_, i) => `x${i}: 1\r\n`).join('');
    const head =
      'DELETE /series?query=a HTTP/1.1\r\nHost: 127.0.0.1\r\n' +
      `${filler}Origin: http://evil.example\r\nConnection: close\r\n\r\n`;
    const socket = net.connect(server.port, '127.0.0.1');
    socket.end(head);
    let text = '';
    for await (const piece of socket.setEncoding('utf8')) text += piece as string;
    assert.match(text, /^HTTP\/1\.1 431 /);
    assert.match(text, /2103 headers read, at most 1000 are taken\n$/);
    assert.ok(store.lookup('a'));
  });

  it('nothing changes by GET', async () => {
    for (const [path, method] of CHANGES) {
      if (path.startsWith('/events')) continue; // it lists them
      const answer = await server.ask(
        `${path.split('?', 1)[0]}?path=a;b=c&metric=a&key=k&value=w&query=a`,
      );
      assert.equal([answer.status, answer.headers.allow], [405, `${method}, OPTIONS`], path);
    }
  });

  it('a browser that asks for leave gets none', async () => {
    const asks = { origin: 'http://evil.example', 'access-control-request-method': 'POST' };
    for (const [path] of CHANGES) {
      const answer = await server.ask(path, { method: 'OPTIONS', headers: asks });
      assert.equal([answer.status, answer.text], [204, ''], path);
      assert.is(answer.headers['access-control-allow-origin'], undefined);
    }
  });

  it('reading goes on under every name', async () => {
    for (const host of ['grafana.example.com', 'tallyd:8080', 'evil.example']) {
      for (const path of ['/render?target=a&format=json', '/metrics/find?query=*', '/events']) {
        const answer = await server.ask(path, { headers: { host, origin: 'http://g.example' } });
        assert.is(answer.status, 200, `${host} ${path}`);
      }
    }
  });

  it('tells names of this server from those of a site', () => {
    const check = changeCheck(['Graphite.example.com', '*.tools.example']);
    const isOurs = (host: string | undefined, headers: Record<string, string> = {}): boolean => {
      try {
        check({ headers: { ...(host === undefined ? {} : { host }), ...headers } });
        return true;
      } catch {
        return false;
      }
    };
    const ours = '127.0.0.1 10.0.0.5:8080 [::1]:80 [fd00::1] localhost tallyd:80 TALLYD tallyd.';
    const named = 'a.localhost tallyd.monitoring.svc x.svc.cluster.local vm.internal';
    const listedToo = 'graphite.example.com graphite.example.com.:443 a.b.tools.example:1';
    for (const host of `${ours} ${named} ${listedToo}`.split(' ')) assert.ok(isOurs(host), host);
    assert.ok(isOurs(undefined));
    const sites = 'evil.example x.graphite.example.com tools.example eviltools.example';
    const tricks = '127.0.0.1.evil.example localhost.evil.example evil.example#localhost 1.2.3.4.5';
    for (const host of `${sites} ${tricks}`.split(' ')) assert.not(isOurs(host), host);
    assert.not(isOurs(''));
    const listed = { origin: 'https://graphite.example.com' };
    assert.ok(isOurs('tallyd:8080', listed)); // a proxy between them
    assert.ok(isOurs('graphite.example.com', { ...listed, 'sec-fetch-site': 'same-origin' }));
    assert.ok(isOurs('tallyd:8080', { origin: 'http://tallyd:8080' }));
    assert.not(isOurs('tallyd:8080', { origin: 'http://tallyd:3000' })); // Grafana's own pages
  });
});
