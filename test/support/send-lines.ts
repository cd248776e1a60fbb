/** Sends lines over UDP on loopback, as many in a datagram as fit. */
import dgram from 'node:dgram';

const DATAGRAM_BYTES = 1400;

/** Resolves when the kernel has taken all of them. */
export async function sendLines(port: number, lines: readonly string[]): Promise<void> {
  const socket = dgram.createSocket('udp4');
  const send = (text: string): Promise<void> =>
    new Promise((resolve, reject) => {
      socket.send(text, port, '127.0.0.1', (error) => (error ? reject(error) : resolve()));
    });
  let text = '';
  for (const line of lines) {
    if (text.length + line.length > DATAGRAM_BYTES) {
      await send(text);
      text = '';
    }
    text += `${line}\n`;
  }
  if (text !== '') await send(text);
  socket.close();
}
