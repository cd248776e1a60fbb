import net from 'node:net';
import { startConsole } from '../../../src/console/console.ts';
import { HttpWatch } from '../../../src/console/http-line.ts';
import { assert, describe, rounds } from '../../support/suite.ts';

/** What the console answers to these reads, and what it deletes. */
async function told(reads: string[]): Promise<{ answer: string; deleted: string[] }> {
  const deleted: string[] = [];
  const server = await startConsole(
    { address: '127.0.0.1', port: 0 },
    {
      inspect: async () => [],
      deleteMetrics: async (_kind, name) => (deleted.push(name), [name]),
      stats: async () => [],
      config: () => ({}),
      nowSeconds: () => 0,
      health: 'up',
    },
  );
  const socket = net.connect(server.port, '127.0.0.1').setNoDelay();
  let answer = '';
  socket.setEncoding('utf8').on('data', (text: string) => (answer += text));
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  socket.on('error', () => socket.destroy());
  for (const read of reads) {
    if (socket.writable) socket.write(read);
    await new Promise((resolve) => setTimeout(resolve, 20)); // a read of its own
  }
  socket.end();
  await closed;
  await server.close();
  return { answer, deleted };
}

const HEAD = 'POST / HTTP/1.1\r\nHost: localhost:8126\r\nContent-Type: text/plain\r\n\r\n';

describe('attacks: a web page at the console', (it) => {
  it('is hung up on with its request line; its body is no command', async () => {
    for (const reads of [
      [HEAD, 'delcounters a.*\n'],
      ['PO', HEAD.slice(2), 'delcounters a.*\n'],
      ['POST /' + 'x'.repeat(3000), ' HTTP/1.1\r\n', 'delcounters a.*\n'],
      ['POST /', 'delcounters a.* HTTP/1.1\r\n\r\n'],
      [`${HEAD}delcounters a.*\n`, 'delcounters b'],
      ['hello', HEAD, 'delcounters a.*\n'],
      ['PURGE /x HTTP/1.1\r\n\r\n', 'delcounters a.*\n'],
    ]) {
      const { answer, deleted } = await told(reads);
      assert.equal(deleted, [], JSON.stringify(reads));
      assert.match(answer, /^(ERROR\n)+$/);
    }
  });

  it('a program is served as before', async () => {
    const { answer, deleted } = await told(['delcounters a', 'health', 'GETS 1\n', 'health']);
    assert.equal(deleted, ['a']);
    assert.is(answer, 'deleted: a\nEND\n\nhealth: up\nERROR\nhealth: up\n');
  });

  it('sees the line wherever the reads are cut', () => {
    for (let i = 0; i < rounds(300, 5000); i++) {
      const watch = new HttpWatch();
      let seen = false;
      for (let from = 0; from < HEAD.length;) {
        const to = from + 1 + Math.floor(Math.random() * 8);
        seen ||= watch.lineIn(HEAD.slice(from, to)) !== undefined;
        from = to;
      }
      assert.ok(seen);
    }
  });
});
