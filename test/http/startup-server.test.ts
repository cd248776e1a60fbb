import http from 'node:http';
import { openStartupServer } from '../../src/http/startup-server.ts';
import { UserError } from '../../src/lib/errors.ts';
import { assert, describe } from '../support/suite.ts';
import { testServer } from './client.ts';
import { modelStore } from '../model/model-store.ts';

interface Asked {
  status: number;
  headers: http.IncomingHttpHeaders;
  text: string;
  /** The client's port: the same one while a connection stays. */
  from: number | undefined;
}

function ask(port: number, path: string, agent: http.Agent, body?: string): Promise<Asked> {
  return new Promise((resolve, reject) => {
    const method = body === undefined ? 'GET' : 'POST';
    const request = http.request({ host: '127.0.0.1', port, path, agent, method }, (response) => {
      const from = response.socket.localPort;
      const { statusCode: status = 0, headers } = response;
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () => resolve({ status, headers, text, from }));
    });
    request.on('error', reject);
    request.end(body);
  });
}

const ANY = { address: '127.0.0.1', port: 0 };

describe('http startup', (it) => {
  it('says what a start is at, then hands connections to the server', async () => {
    let doing = 'reading the names of the series';
    const startup = await openStartupServer(ANY, () => doing);
    const { port } = startup.addressInfo;
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    const early = await ask(port, '/health', agent);
    assert.is(early.status, 503);
    assert.is(early.headers['content-type'], 'application/json');
    assert.equal(JSON.parse(early.text), {
      status: 'starting',
      reason: 'tallyd is starting: reading the names of the series',
    });
    doing = 'reading what waits for Graphite';
    const render = await ask(port, '/render', agent, 'target=a');
    assert.is(render.status, 503);
    assert.is(render.text, 'tallyd is starting: reading what waits for Graphite\n');
    assert.ok(Number(render.headers['retry-after']) > 0);
    assert.is(render.headers['cache-control'], 'no-store');

    const server = await testServer(modelStore({ names: ['a'] }), {}, 0, startup);
    assert.is(server.port, port);
    const later = await ask(port, '/metrics/index.json', agent);
    assert.equal([later.status, later.text, later.from], [200, '["a"]', early.from]);
    await server.close();
    agent.destroy();
    const gone = await ask(port, '/health', new http.Agent()).catch(
      (error: NodeJS.ErrnoException) => error.code,
    );
    assert.is(gone, 'ECONNREFUSED');
  });

  it('ends when nobody takes it over, and refuses a port that is taken', async () => {
    const startup = await openStartupServer(ANY, () => 'this');
    const taken = { address: '127.0.0.1', port: startup.addressInfo.port };
    for (const second of [
      () => openStartupServer(taken, () => 'that'),
      () => testServer(modelStore(), {}, taken.port),
    ]) {
      try {
        await second();
        assert.unreachable('the port was free');
      } catch (error) {
        assert.instance(error, UserError);
        assert.is((error as UserError).code, 'portTaken');
      }
    }
    const agent = new http.Agent({ keepAlive: true });
    assert.is((await ask(taken.port, '/', agent)).status, 503);
    await startup.close();
    agent.destroy();
    await (await openStartupServer(taken, () => 'again')).close();
  });
});
