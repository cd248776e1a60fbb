import net from 'node:net';
import { assert, describe } from '../../support/suite.ts';
import { testServer, type TestServer } from '../../http/client.ts';
import { modelStore } from '../../model/model-store.ts';

describe('graphite: another method, another spelling of a path', (it) => {
  let server: TestServer;
  it.before(async () => {
    server = await testServer(modelStore({ names: ['a'] }));
  });
  it.after(() => server.close());

  /** Status and sentence of a request spelled by hand. */
  const raw = async (request: string): Promise<string> => {
    const socket = net.connect(server.port, '127.0.0.1');
    socket.end(request);
    let text = '';
    for await (const piece of socket.setEncoding('utf8')) text += piece as string;
    return `${text.split(' ')[1]} ${text.slice(text.indexOf('\r\n\r\n') + 4).trim()}`;
  };

  it('says which methods a path has', async () => {
    for (const [path, allow] of [
      ['/render', 'GET, HEAD, POST, OPTIONS'],
      ['/render/', 'GET, HEAD, POST, OPTIONS'],
      ['/metrics/find', 'GET, HEAD, POST, OPTIONS'],
      ['/events', 'GET, HEAD, POST, OPTIONS'],
      ['/events/7', 'GET, HEAD, OPTIONS'],
      ['/health', 'GET, HEAD, OPTIONS'],
      ['/tags/tagSeries', 'POST, OPTIONS'],
      ['/series', 'DELETE, OPTIONS'],
      ['/', 'GET, HEAD, OPTIONS'],
    ] as const) {
      const put = await server.ask(path, { method: 'PUT', body: 'x'.repeat(100) });
      assert.equal([put.status, put.headers.allow], [405, allow], path);
      assert.match(put.text, `: expected ${allow}`);
      const options = await server.ask(path, { method: 'OPTIONS' });
      assert.equal([options.status, options.headers.allow, options.text], [204, allow, '']);
    }
    const head = await server.ask('/render?target=a&format=json', { method: 'HEAD' });
    assert.equal([head.status, head.text, head.type], [200, '', 'application/json']);
    assert.is((await server.ask('/nosuch', { method: 'PUT' })).status, 404);
  });

  it('answers doubled slashes and whole URLs', async () => {
    for (const path of ['//render', '/render//', '//metrics//find', 'http://x.example/render']) {
      const answer = await server.ask(`${path}?target=a&query=a&format=json`);
      assert.is(answer.status, 200, path);
    }
    assert.is((await server.ask('//tags//findSeries?expr=a=b')).status, 200);
  });

  it('answers what Node leaves without an answer', async () => {
    const host = 'Host: a\r\nConnection: close\r\n\r\n';
    assert.is(await raw(`CONNECT a:80 HTTP/1.1\r\n${host}`), '405 CONNECT: this is no proxy');
    assert.is(await raw(`OPTIONS * HTTP/1.1\r\n${host}`), '204 ');
    assert.match(await raw(`PROPFIND /render HTTP/1.1\r\n${host}`), /^501 method PROPFIND: /);
    assert.is(
      await raw(`GET /version HTTP/1.1\r\nExpect: tea\r\n${host}`),
      '417 expect: expected 100-continue or none',
    );
    assert.is(
      await raw('GET /version HTTP/1.1\r\nConnection: close\r\n\r\n'),
      '400 no Host header read, expected one',
    );
    assert.is(
      await raw(`GET /version HTTP/1.1\r\nHost: b\r\n${host}`),
      '400 2 Host headers read, expected one',
    );
    assert.is(await raw('GET /version HTTP/1.0\r\n\r\n'), '200 1.1.10');
    assert.is(await raw('BREW /pot HTTP/1.1\r\n\r\n'), '400 request: expected HTTP/1.1');
  });

  it('says nosniff and one type of JSON everywhere', async () => {
    for (const path of [
      '/',
      '/health',
      '/metrics',
      '/render?target=a&format=json',
      '/tags',
      '/metrics/find?query=a',
      '/metrics/index.json',
      '/events',
      '/functions',
      '/nosuch',
      '/tags/findSeries',
      '/render?target=(',
      '/version',
    ]) {
      const { headers } = await server.ask(path);
      assert.is(headers['x-content-type-options'], 'nosniff', path);
      const type = headers['content-type'] ?? '';
      if (type.includes('json')) assert.is(type, 'application/json', path);
    }
  });
});
