import { MemoryStore } from '../model/memory-store.ts';
import { DEFAULT_RULES } from '../../src/storage/retention/default-rules.ts';
import { points } from '../support/points.ts';
import { assert, describe } from '../support/suite.ts';
import { NOW, testServer, type TestServer } from './client.ts';

describe('http render with macros', (it) => {
  let server: TestServer;
  it.before(async () => {
    const store = new MemoryStore(DEFAULT_RULES);
    await store.append(points(['a.b'], [NOW], [7]), NOW);
    const define = { double: 'scale({{.argString}},2)', loop: 'sum(loop({{.argString}}))' };
    server = await testServer(store, { define });
  });
  it.after(() => server.close());

  it('answers as the text that they stand for', async () => {
    const window = 'from=-1min&format=json';
    const macro = await server.ask(`/render?target=alias(double(a.*),"x")&${window}`);
    const text = await server.ask(`/render?target=alias(scale(a.*,2),"x")&${window}`);
    assert.is(macro.status, 200);
    assert.is(macro.text, text.text);
    assert.match(macro.text, /\b14(?:\.0)?,/);
  });

  it('says what is wrong with one', async () => {
    const { status, text } = await server.ask('/render?target=loop(a.b)&format=json');
    assert.is(status, 400);
    assert.is(text, 'define loop: over 20 macros inside each other\n');
  });
});
