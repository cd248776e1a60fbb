import { once } from 'node:events';
import net from 'node:net';
import { listenForCommands } from '../../../src/console/commands.ts';
import { assert, describe } from '../../support/suite.ts';

describe('attacks: silent connections at the console', (it) => {
  it('the longest silent gives way, who talks stays', async () => {
    const bind = { address: '127.0.0.1', port: 0 };
    const server = await listenForCommands(bind, (command) => command, { nowSeconds: () => 1 });
    const connect = async (): Promise<net.Socket> => {
      const socket = net.connect(server.port, '127.0.0.1');
      socket.on('error', () => {});
      await once(socket, 'connect');
      return socket;
    };
    const says = async (socket: net.Socket): Promise<string> => {
      socket.write('hello');
      const [answer] = (await once(socket, 'data')) as [Buffer];
      return answer.toString();
    };
    const first = await connect();
    const silent: net.Socket[] = [];
    for (let i = 0; i < 100; i++) {
      silent.push(await connect());
      if (i % 30 === 0) assert.is(await says(first), 'hello');
    }
    assert.is(await says(first), 'hello');
    assert.is(await says(silent.at(-1)!), 'hello');
    assert.is(server.rejections()[0]!.count, 37);
    first.destroy();
    for (const socket of silent) socket.destroy();
    await server.close();
  });
});
