import net from 'node:net';
import { gunzipSync } from 'node:zlib';
import pino from 'pino';
import type { HealthReport } from '../../src/health/health.ts';
import { Histogram } from '../../src/health/histogram.ts';
import { exposition, type SelfMetric } from '../../src/health/prometheus.ts';
import { openStartupServer } from '../../src/http/startup-server.ts';
import { UserError } from '../../src/lib/errors.ts';
import { assert, describe } from '../support/suite.ts';
import { REPORT, testServer } from './client.ts';
import { HEALTHY, modelStore } from '../model/model-store.ts';

const METRICS: SelfMetric[] = [
  { name: 'tallyd_datagrams_received_total', help: 'Datagrams read.', type: 'counter', value: 12 },
  { name: 'tallyd_up_seconds', help: 'Back\\slash and\nline.', type: 'gauge', value: -Infinity },
  {
    name: 'tallyd_bad_lines_total',
    help: 'Bad lines.',
    type: 'counter',
    value: 1,
    labels: { reason: 'a "b"\\\n' },
  },
  { name: 'tallyd_series', help: 'Series.', type: 'gauge', value: NaN },
  { name: 'tallyd_bad_lines_total', help: 'x', type: 'counter', value: 2, labels: { reason: 'c' } },
];
/** The answer to these bytes. */
async function sendRaw(port: number, text: string): Promise<string> {
  const socket = net.connect(port, '127.0.0.1').setEncoding('utf8');
  socket.on('error', () => undefined);
  let answer = '';
  socket.on('data', (part: string) => (answer += part));
  socket.write(text);
  await new Promise((resolve) => socket.once('close', resolve));
  return answer;
}

describe('prometheus page', (it) => {
  it('writes one family after the other', () => {
    assert.is(
      exposition(METRICS),
      `# HELP tallyd_datagrams_received_total Datagrams read.
# TYPE tallyd_datagrams_received_total counter
tallyd_datagrams_received_total 12
# HELP tallyd_up_seconds Back\\\\slash and\\nline.
# TYPE tallyd_up_seconds gauge
tallyd_up_seconds -Inf
# HELP tallyd_bad_lines_total Bad lines.
# TYPE tallyd_bad_lines_total counter
tallyd_bad_lines_total{reason="a \\"b\\"\\\\\\n"} 1
tallyd_bad_lines_total{reason="c"} 2
# HELP tallyd_series Series.
# TYPE tallyd_series gauge
tallyd_series NaN
`,
    );
  });

  it('has histograms: counts up to each bound, their sum and number', () => {
    const histogram = new Histogram('tallyd_x_seconds', 'Time of x.');
    for (const ms of [0, 1, 1.5, 32_000]) histogram.observe(ms);
    const lines = exposition(histogram.metrics()).split('\n');
    assert.equal(lines.slice(0, 4), [
      '# HELP tallyd_x_seconds Time of x.',
      '# TYPE tallyd_x_seconds histogram',
      'tallyd_x_seconds_bucket{le="0.001"} 2',
      'tallyd_x_seconds_bucket{le="0.005"} 3',
    ]);
    assert.equal(lines.slice(-5), [
      'tallyd_x_seconds_bucket{le="30"} 3',
      'tallyd_x_seconds_bucket{le="+Inf"} 4',
      'tallyd_x_seconds_sum 32.0025',
      'tallyd_x_seconds_count 4',
      '',
    ]);
  });

  it('is /metrics without a query, and counts requests', async () => {
    const server = await testServer(modelStore({ names: ['a'] }), {
      selfMetrics: async () => METRICS.map((metric) => ({ series: 'tallyd.x', ...metric })),
    });
    try {
      await server.ask('/nosuch');
      assert.is((await server.ask('/metrics?query=a')).type, 'application/json');
      const { text, headers } = await server.ask('/metrics');
      assert.is(headers['content-type'], 'text/plain; version=0.0.4; charset=utf-8');
      assert.ok(text.includes('tallyd_http_requests_total{code="200"} 1\n'));
      assert.ok(text.includes('tallyd_http_requests_total{code="404"} 1\n'));
    } finally {
      await server.close();
    }
  });
});

describe('counted answers', (it) => {
  it('are those of a start and to broken requests too', async () => {
    const startup = await openStartupServer({ address: '127.0.0.1', port: 0 }, () => 'this');
    const { port } = startup.addressInfo;
    await sendRaw(port, 'GET /health HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n');
    assert.match(await sendRaw(port, 'no request\r\n\r\n'), /^HTTP\/1.1 400 .*HTTP\/1\.1\n$/s);
    const server = await testServer(modelStore(), {}, 0, startup);
    try {
      await sendRaw(port, 'no request\r\n\r\n');
      await sendRaw(port, `GET /${'x'.repeat(200_000)} HTTP/1.1\r\n\r\n`);
      assert.is((await server.ask('/%zz')).status, 400);
      const { text } = await server.ask('/metrics');
      const counts = text.match(/^tallyd_http_requests_total.*$/gm);
      assert.equal(counts, [
        'tallyd_http_requests_total{code="400"} 3',
        'tallyd_http_requests_total{code="431"} 1',
        'tallyd_http_requests_total{code="503"} 1',
      ]);
    } finally {
      await server.close();
    }
  });
});

describe('health', (it) => {
  const answers = async (change: Partial<HealthReport>, status: number): Promise<void> => {
    const report = { ...REPORT, ...change };
    const server = await testServer(modelStore(), { health: async () => report });
    try {
      const answer = await server.ask('/health');
      assert.is(answer.status, status);
      assert.is(answer.type, 'application/json');
      assert.equal(JSON.parse(answer.text), report);
    } finally {
      await server.close();
    }
  };

  it('is 200 while the store works, degraded or not', async () => {
    await answers({}, 200);
    await answers({ status: 'degraded', reason: 'lines are bad' }, 200);
    await answers({ store: { ...HEALTHY, state: 'behind' } }, 200);
  });

  it('is 503 and says what a start is at', async () => {
    const server = await testServer(modelStore(), {
      health: () => Promise.reject(new UserError('storeBusy', 'opening the ports of metrics')),
    });
    try {
      const { status, text } = await server.ask('/health');
      assert.is(status, 503);
      assert.equal(JSON.parse(text), {
        status: 'starting',
        reason: 'tallyd is starting: opening the ports of metrics',
      });
    } finally {
      await server.close();
    }
  });

  it('is 503 when the store fails, or cannot be asked', async () => {
    await answers({ status: 'failing' }, 503);
    await answers({ store: { ...HEALTHY, state: 'failing' } }, 503);
    await answers({ store: { ...HEALTHY, state: 'closed' } }, 503);
    const server = await testServer(modelStore(), {
      health: () => Promise.reject(new Error('secret path')),
    });
    try {
      const { status, text } = await server.ask('/health');
      assert.is(status, 503);
      assert.not.match(text, /secret/);
    } finally {
      await server.close();
    }
  });
});

describe('http server', (it) => {
  it('serves the page with a strict policy, and the version', async () => {
    const server = await testServer(modelStore());
    try {
      for (const [path, type] of [
        ['/', 'text/html'],
        ['/web/main.js', 'text/javascript'],
        ['/web/uplot.js', 'text/javascript'],
        ['/web/page.css', 'text/css'],
        ['/web/icon.svg', 'image/svg+xml'],
      ] as const) {
        const answer = await server.ask(path);
        assert.is(answer.status, 200, path);
        assert.is(answer.type, type);
        assert.match(String(answer.headers['content-security-policy']), /default-src 'none'/);
        assert.is(answer.headers['set-cookie'], undefined);
        if (path === '/web/uplot.js') continue; // its licence names its home
        assert.not.match(answer.text, /https?:\/\/(?!www\.w3\.org)/);
      }
      assert.is((await server.ask('/version/')).text, '1.1.10\n');
    } finally {
      await server.close();
    }
  });

  it('hides the reason of our own mistakes, and logs it and nothing else', async () => {
    const lines: string[] = [];
    const logger = pino({ level: 'info' }, { write: (line: string) => void lines.push(line) });
    const store = modelStore({ names: ['a'] });
    store.namingPlain = () => {
      throw new Error('a secret at /some/path.ts:12');
    };
    const server = await testServer(store, { logger });
    try {
      const { status, text } = await server.ask('/metrics/index.json');
      assert.is(status, 500);
      assert.match(text, /^internal error: [^\n]+\n$/);
      assert.not.match(text, /secret/);
      assert.is(lines.length, 1);
      assert.match(lines[0]!, /a secret at/);
    } finally {
      await server.close();
    }
  });

  it('answers bad paths, methods, bodies and heads with 4xx sentences', async () => {
    const server = await testServer(modelStore(), { limits: { bodyBytes: 1000 } });
    try {
      const cases: [string, object, number][] = [
        ['/nosuch', {}, 404],
        ['/metrics/find/x', {}, 404],
        ['/version', { method: 'DELETE' }, 405],
        ['/%zz', {}, 400],
        ['/tags/%ff', {}, 400],
        [`/tags/${'x'.repeat(3000)}`, {}, 414],
        ['/metrics/find', { body: `query=${'x'.repeat(2000)}` }, 413],
        ['/metrics/find', { body: '{', headers: { 'content-type': 'application/json' } }, 400],
        [`/metrics/find?query=${'x'.repeat(200_000)}`, {}, 431],
      ];
      for (const [path, options, status] of cases) {
        const answer = await server.ask(path, options);
        assert.is(answer.status, status, path.slice(0, 40));
        assert.not.match(answer.text, /\.ts|at .*:\d+:\d+|FST_/, path.slice(0, 40));
      }
    } finally {
      await server.close();
    }
  });

  it('compresses longer answers when asked', async () => {
    const names = Array.from({ length: 500 }, (_, i) => `name.number.${i}`);
    const server = await testServer(modelStore({ names }));
    try {
      const plain = await server.ask('/metrics/index.json');
      const { headers, bytes } = await server.ask('/metrics/index.json', {
        headers: { 'accept-encoding': 'gzip' },
      });
      assert.is(headers['content-encoding'], 'gzip');
      assert.ok(bytes.length < plain.bytes.length / 4);
      assert.is(gunzipSync(bytes).toString(), plain.text);
    } finally {
      await server.close();
    }
  });

  it('says in a sentence that the port is taken', async () => {
    const server = await testServer(modelStore());
    try {
      const error = await testServer(modelStore(), {}, server.port).catch((e: Error) => e);
      assert.match((error as Error).message, /^HTTP port \d+ on 127.0.0.1 is taken/);
    } finally {
      await server.close();
    }
  });

  it('closes although a client keeps its connection', async () => {
    const server = await testServer(modelStore());
    const socket = net.connect(server.port, '127.0.0.1');
    const gone = new Promise((resolve) => socket.once('close', resolve));
    socket.on('error', () => {});
    socket.write('GET /version HTTP/1.1\r\nHost: x\r\n\r\n');
    await new Promise((resolve) => socket.once('data', resolve));
    await server.close();
    await gone;
  });
});
