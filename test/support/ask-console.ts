/** One command to the management console, over a connection of its own; resolves to its whole answer. */
import { once } from 'node:events';
import net from 'node:net';

const WHOLE = /END\n\n$|^health: \w+\n$|^ERROR(: .*)?\n$/;

export async function askConsole(port: number, command: string): Promise<string> {
  const socket = net.connect(port, '127.0.0.1');
  const closed = once(socket, 'close');
  let text = '';
  socket.on('data', (data: Buffer) => {
    text += data.toString();
    if (WHOLE.test(text)) socket.destroy();
  });
  socket.write(command);
  await closed;
  return text;
}
