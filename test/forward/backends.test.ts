import { loadConfig } from '../../src/config/load.ts';
import { Backends } from '../../src/forward/backends.ts';
import { packTexts } from '../../src/wire/packed-strings.ts';
import { frameOf } from '../support/frame.ts';
import { assert, describe } from '../support/suite.ts';

function backendsOf(text: string) {
  const got = { printed: '', errors: [] as string[] };
  const { config } = loadConfig({ file: 'c.js', text, env: {}, flags: {} });
  const backends = new Backends(config, {
    nowSeconds: 1000,
    onError: (backend, message) => got.errors.push(`${backend}: ${message}`),
    print: (printed) => (got.printed += printed),
  });
  return { backends, got };
}

const GRAPHITE_LINES = [
  ['graphite.last_flush', 50],
  ['graphite.last_exception', 50],
  ['graphite.flush_time', 0],
  ['graphite.flush_length', 0],
];
const CONSOLE_LINES = [
  ['console.lastFlush', 1000],
  ['console.lastException', 1000],
];

describe('forward/backends', (it) => {
  it('answer stats in the order in which they are listed', async () => {
    for (const [text, lines] of [
      ['{}', GRAPHITE_LINES],
      ["{ graphiteHost: '127.0.0.1' }", GRAPHITE_LINES],
      ["{ backends: ['./backends/console', 'graphite'] }", [...CONSOLE_LINES, ...GRAPHITE_LINES]],
      ["{ backends: ['graphite', 'console'] }", [...GRAPHITE_LINES, ...CONSOLE_LINES]],
      ["{ backends: ['console'], graphiteHost: '127.0.0.1' }", CONSOLE_LINES],
      ["{ backends: ['repeater'], repeater: [{ port: 9 }] }", []],
      ['{ backends: [] }', []],
    ] as const) {
      const { backends } = backendsOf(text);
      assert.equal(backends.statusLines(1050), lines, text);
      await backends.stop(10);
    }
  });

  it('want packets and snapshots only when somebody uses them', async () => {
    for (const [text, packets, snapshots] of [
      ['{}', false, false],
      ["{ backends: ['console'] }", false, true],
      ["{ backends: ['repeater'], repeater: [{ port: 9 }] }", true, false],
      ['{ keyFlush: { interval: 60000 } }', true, false],
      ['{ keyFlush: { interval: 0 } }', false, false],
    ] as const) {
      const { backends } = backendsOf(text);
      assert.equal([backends.wantPackets, backends.wantSnapshots], [packets, snapshots], text);
      await backends.stop(10);
    }
  });

  it('print a flush at once, and the key flush when they stop', async () => {
    const { backends, got } = backendsOf(
      "{ backends: ['console'], keyFlush: { interval: 60000 } }",
    );
    backends.takeSnapshot({ kind: 'snapshot', counters: [], timers: [], gauges: [], sets: [] });
    await backends.flush(frameOf(1010, {}));
    assert.match(got.printed, /^Flushing stats at {2}\w.*\n\{\n {2}counters: \{\},\n/);
    got.printed = '';
    backends.takePackets(packTexts(['a:1|c']));
    await backends.stop(10);
    assert.match(got.printed, / count=1 key=a\n$/);
    assert.equal(got.errors, []);
  });
});
