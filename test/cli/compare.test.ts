/** `tallyd compare`: two answers side by side, and two servers of tests. */
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { compareAnswers } from '../../src/cli/compare-answers.ts';
import type { GraphiteSeries } from '../../src/cli/graphite-server.ts';
import { DEFAULT_RULES } from '../../src/storage/retention/default-rules.ts';
import { NOW, testServer } from '../http/client.ts';
import { MemoryStore } from '../model/memory-store.ts';
import { points } from '../support/points.ts';
import { assert, describe } from '../support/suite.ts';
import { type Ran, runCli } from './run-cli.ts';
import { runVerb } from './run-here.ts';

const START = NOW - (NOW % 60);

const given = (target: string, values: (number | null)[], step = 10, from = START) => ({
  target,
  datapoints: values.map((value, i): [number | null, number] => [value, from + i * step]),
});

function compared(
  old: GraphiteSeries[],
  fresh: GraphiteSeries[],
  closeness: { tolerance?: number; skipNewest?: number } = {},
) {
  return compareAnswers(old, fresh, { tolerance: 1e-9, skipNewest: 1, ...closeness });
}

describe('answers of two servers', (it) => {
  it('differ in values by part of the greater one, and in nulls', () => {
    const { differences, ...counts } = compared(
      [given('a', [1, 2, 4, null, 5, 6]), given('b', [1, 2, 3])],
      [given('a', [1, 1, 2, 3, 5, 9]), given('b', [1, 2, 3])],
    );
    assert.equal(differences, [
      { series: 'a', kind: 'values', points: 2, of: 5, by: 0.5, time: START + 10, old: 2, new: 1 },
      { series: 'a', kind: 'nulls', points: 1, of: 5, time: START + 30, old: null, new: 3 },
    ]);
    assert.equal(counts, { series: 2, same: 1, silent: 0, points: 7 });
    const silent = compared([given('a', [null, null, 1])], [given('a', [null, null, 1])]);
    assert.equal(silent, { differences: [], series: 1, same: 0, silent: 1, points: 0 });
  });

  it('are the same within the tolerance, and where only the newest points differ', () => {
    const old = [given('a', [100, 100, 7])];
    const fresh = [given('a', [100, 101, 8])];
    assert.is(compared(old, fresh, { tolerance: 0.01 }).differences.length, 0);
    assert.is(compared(old, fresh, { tolerance: 0.009 }).differences[0]?.points, 1);
    assert.is(compared(old, fresh, { skipNewest: 2 }).differences.length, 0);
    assert.is(compared(old, fresh, { skipNewest: 0 }).differences[0]?.points, 2);
  });

  it('count for the times that both have: one may be a flush behind', () => {
    const old = [given('a', [1, 2, 3, 4], 10, START)];
    const fresh = [given('a', [2, 3, 4, 5, 6], 10, START + 10)];
    assert.equal(compared(old, fresh), {
      differences: [],
      series: 1,
      same: 1,
      silent: 0,
      points: 2,
    });
    const apart = compared(old, [given('a', [1, 2], 10, START + 3600)]);
    assert.equal(
      apart.differences.map(({ kind, detail }) => [kind, detail]),
      [
        [
          'range',
          '2023-11-14 22:13:00 UTC to 2023-11-14 22:13:30 UTC in old, ' +
            '2023-11-14 23:13:00 UTC to 2023-11-14 23:13:10 UTC in new',
        ],
      ],
    );
  });

  it('tell series that one lacks, also of several of one name, and other steps', () => {
    const { differences } = compared(
      [given('a', [1, 2]), given('x', [1, 2]), given('x', [3, 4]), given('s', [1, 2], 60)],
      [given('x', [1, 2]), given('n', [1, 2]), given('s', [1, 2], 10)],
    );
    assert.equal(
      differences.map(({ series, kind, detail }) => [series, kind, detail]),
      [
        ['a', 'missing', 'not in new'],
        ['x', 'missing', 'not in new'],
        ['s', 'step', '60 s in old, 10 s in new'],
        ['n', 'missing', 'not in old'],
      ],
    );
  });
});

const FIRST = ['a.b', 'a.c', 'a.d', 'carbon.x', 'd;h=1'];
const TIMES = [60, 50, 40, 30, 20, 10].map((ago) => START - ago);
const RANGE = ['--from', String(START - 120), '--until', String(START)];

/** A server whose series hold 1, 2, 3 … but for those of `other`, which hold 100 more. */
async function serverOf(names: string[], other: string[] = []) {
  const store = new MemoryStore(DEFAULT_RULES);
  for (const name of names) {
    const values = TIMES.map((_, i) => i + (other.includes(name) ? 101 : 1));
    await store.append(
      points(
        TIMES.map(() => name),
        TIMES,
        values,
      ),
      NOW,
    );
  }
  const server = await testServer(store);
  return {
    url: `http://127.0.0.1:${server.port}`,
    close: async () => {
      await server.close();
      await store.close();
    },
  };
}

describe('compare', (it) => {
  it('samples the names of the old server, and ends with 1 where something differs', async () => {
    const old = await serverOf(FIRST);
    const fresh = await serverOf(['a.b', 'a.c', 'd;h=1'], ['a.c']);
    const run = (...args: string[]): Promise<Ran> =>
      runVerb(['compare', old.url, fresh.url, ...RANGE, ...args]);
    try {
      const all = await run('--exclude', 'carbon.**');
      assert.equal([all.code, all.stderr], [1, '']);
      assert.match(all.stdout, /^a\.c +values +6 of 6 +99\.01 % +2023-11-14 .* UTC +1 +101$/m);
      assert.match(all.stdout, /^a\.d +missing +not in new$/m);
      assert.match(
        all.stdout,
        /^4 targets of 4: 3 series and 18 points compared, 2 series the same/m,
      );
      assert.match(all.stdout, /differences: missing 1, values 1\n$/);

      const same = await run('--match', 'a.b', 'd', '--json');
      assert.is(same.code, 0, same.stdout);
      const { names, series, points: count, differences } = JSON.parse(same.stdout);
      assert.equal([names, series, count, differences], [2, 2, 12, []]);

      const few = JSON.parse((await run('--sample', '2', '--json')).stdout);
      const again = JSON.parse((await run('--sample', '2', '--json')).stdout);
      assert.equal([few.names, few.targets], [5, 2]);
      assert.equal(few, again);
    } finally {
      await Promise.all([old.close(), fresh.close()]);
    }
  });

  it('asks targets of the command line and of standard input, and tells what was rejected', async () => {
    const old = await serverOf(['a.b', 'a.c']);
    const fresh = await serverOf(['a.b', 'a.c'], ['a.c']);
    const args = ['compare', old.url, fresh.url, ...RANGE];
    try {
      const given = await runCli([...args, 'sumSeries(a.b)', '--targets', '-'], {
        stdin: '# a comment\nalias(a.b,"x")\n\nnothing(a.b)\n',
      });
      assert.is(given.code, 1);
      assert.match(given.stdout, /^nothing\(a\.b\) +error +old: .*nothing.*; new: .*nothing/m);
      assert.match(given.stdout, /^3 targets: 2 series and 12 points compared, 2 series the same/m);
      const none = await runVerb([...args, 'not.there']);
      assert.is(none.code, 1);
      assert.match(none.stdout, /1 target without series on both\nnothing was compared/);
      assert.is((await runVerb(['compare', 'old', fresh.url])).code, 2);
      assert.is((await runVerb([...args, '--tolerance', 'much'])).code, 2);
    } finally {
      await Promise.all([old.close(), fresh.close()]);
    }
  });

  it('walks the tree of a server without an index, as user, below a path, and after it started', async () => {
    const asked: string[] = [];
    const old = http.createServer((request, response) => {
      const { pathname, searchParams } = new URL(request.url!, 'http://x');
      asked.push(`${request.headers.authorization} ${pathname}`);
      const query = searchParams.get('query');
      const tree: Record<string, unknown> = {
        '*': [{ id: 'a', leaf: 0 }],
        'a.*': [{ id: 'a.b', leaf: 1 }],
      };
      if (pathname === '/graphite/metrics/find') response.end(JSON.stringify(tree[query!]));
      else if (asked.length === 1) response.writeHead(503).end('starting');
      else if (pathname !== '/graphite/render') response.writeHead(404).end('<h1>Not here</h1>');
      else response.end(JSON.stringify([given('a.b', [1, 2, 3], 10, TIMES[0])]));
    });
    await new Promise<void>((resolve) => old.listen(0, '127.0.0.1', resolve));
    const fresh = await serverOf(['a.b']);
    try {
      const { port } = old.address() as AddressInfo;
      const url = `http://me:pass%20word@127.0.0.1:${port}/graphite`;
      const ran = await runVerb(['compare', url, fresh.url, ...RANGE]);
      assert.match(ran.stdout, /^1 target of 1: 1 series and 2 points compared, 1 series the same/);
      assert.is(ran.code, 0);
      const basic = `Basic ${Buffer.from('me:pass word').toString('base64')}`;
      assert.ok(
        asked.every((one) => one.startsWith(`${basic} /graphite/`)),
        asked.join('\n'),
      );
    } finally {
      old.close();
      await fresh.close();
    }
  });

  it('tells in a sentence what a server answers that speaks no Graphite', async () => {
    const answers: [status: number, text: string, said: RegExp][] = [
      [200, 'null', /^a +error +old: read "null", expected JSON as Graphite answers it/m],
      [200, '[{"target": "a"}]', /^a +error +old: read "\[\{"target": "a"\}\]", expected JSON/m],
      [200, '[{"target": "a", "datapoints": [null]}]', /^a +error +old: read .* expected JSON/m],
      [400, '<'.repeat(300_000), /^a +error +old: /m],
      [400, `{"error":"${'a'.repeat(1_000_000)}"}`, /^a +error +old: \{"error":"a+; new: /m],
      [400, '\x1b[31mred\x07', /^a +error +old: \[31mred; new: /m],
      [400, '{"error": "expected <name>"}', /^a +error +old: expected <name>; new: /m],
    ];
    for (const [status, text, said] of answers) {
      const server = http.createServer((_, response) => response.writeHead(status).end(text));
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      try {
        const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
        const ran = await runVerb(['compare', url, url, 'a', ...RANGE]);
        assert.equal([ran.code, ran.stderr], [1, '']);
        assert.match(ran.stdout, said);
      } finally {
        server.closeAllConnections();
        server.close();
      }
    }
  });

  it('walks no tree that is none', async () => {
    const server = http.createServer((request, response) => {
      if (request.url!.startsWith('/metrics/find')) response.end('[null]');
      else response.writeHead(404).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      const ran = await runVerb(['compare', url, url, ...RANGE]);
      assert.match(ran.stderr, /^read "\[null\]", expected JSON as Graphite answers it/);
      assert.is(ran.code, 2);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });
});
