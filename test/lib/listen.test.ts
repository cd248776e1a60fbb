import { once } from 'node:events';
import net from 'node:net';
import { UserError } from '../../src/lib/errors.ts';
import { listenTcp } from '../../src/lib/listen.ts';
import { assert, describe } from '../support/suite.ts';

const LOCAL = { address: '127.0.0.1', port: 0 };
const KIND = { rival: 'another test', flag: '--port', addressFlag: '--address' };

describe('listen', (it) => {
  it('tells where the port is taken, and by its code', async () => {
    const first = await listenTcp(net.createServer(), LOCAL, 'first', KIND);
    try {
      const bind = { ...LOCAL, port: first.port };
      await listenTcp(net.createServer(), bind, `test port ${first.port}`, KIND);
      assert.unreachable('a second listener took the port');
    } catch (error) {
      assert.instance(error, UserError);
      assert.is((error as UserError).code, 'portTaken');
      const sentence =
        `test port ${first.port} is taken (EADDRINUSE): another test is running there; ` +
        'choose another with --port';
      assert.is((error as UserError).message, sentence);
    } finally {
      await first.close();
    }
  });

  it('tells every other error in one sentence, too', async () => {
    try {
      await listenTcp(net.createServer(), { address: '192.0.2.1', port: 0 }, 'nowhere', KIND);
      assert.unreachable('an address of another network was bound');
    } catch (error) {
      assert.instance(error, UserError);
      assert.match((error as UserError).message, /^nowhere cannot be opened \(EADDRNOTAVAIL\)/);
    }
  });

  it('ends connections when it is closed; a second call waits for the first', async () => {
    const listener = await listenTcp(net.createServer(), LOCAL, 'test', KIND);
    const client = net.connect(listener.port, LOCAL.address);
    await once(client, 'connect');
    const gone = once(client.resume(), 'close');
    await Promise.all([listener.close(), listener.close(), gone]);
  });
});
