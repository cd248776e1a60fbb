import { parseTarget } from '../../src/query/target/parse.ts';
import { writtenPath, writtenString } from '../../src/query/target/scan.ts';
import { assert, describe } from '../support/suite.ts';
import { modelStore } from '../model/model-store.ts';
import { testServer, type TestServer } from './client.ts';

const ODD = ['a(b', 'a b.c', `say "hi" 'you'`, 'x,y|z', '<img src=x>', '{a,b}', '[c', 'd)'];

describe('http search', (it) => {
  let server: TestServer;
  it.before(async () => {
    const many = Array.from({ length: 120 }, (_, i) => `hosts.web${i}.load`);
    const names = ['stats.timers.shop.latency.mean', 'cpu;service=shop', 'odd.(1) "x"', ...many];
    server = await testServer(modelStore({ names }));
  });
  it.after(() => server.close());

  it('answers nodes and tags with what draws them', async () => {
    assert.equal(await server.json('/search?query=SHOP'), {
      query: 'SHOP',
      words: ['shop'],
      hits: [
        {
          path: 'service=shop',
          leaf: false,
          branch: false,
          series: 1,
          tag: 'service',
          value: 'shop',
          target: 'seriesByTag("service=shop")',
        },
        { path: 'stats.timers.shop', leaf: false, branch: true, series: 1 },
      ],
      shown: 2,
      total: 2,
      isExact: true,
    });
    const { hits } = (await server.json('/search?query=(1)')) as { hits: { target: string }[] };
    assert.is(hits[0]!.target, 'odd.\\(1\\)\\ \\"x\\"');
    assert.equal(parseTarget(hits[0]!.target).kind, 'path');
  });

  it('answers in pages', async () => {
    const paths: string[] = [];
    for (let cursor: string | undefined = '0'; cursor !== undefined;) {
      const page = (await server.json(`/search?query=web&limit=50&cursor=${cursor}`)) as {
        hits: { path: string }[];
        total: number;
        next?: string;
      };
      assert.is(page.total, 120);
      paths.push(...page.hits.map(({ path }) => path));
      cursor = page.next;
    }
    assert.is(new Set(paths).size, 120);
    assert.equal(paths.slice(0, 2), ['hosts.web0', 'hosts.web1']);
  });

  it('refuses what it cannot read in a sentence', async () => {
    const refused = async (query: string): Promise<string> => {
      const { status, text } = await server.ask(`/search?${query}`);
      assert.is(status, 400, query);
      return (JSON.parse(text) as { error: string }).error;
    };
    assert.match(await refused('query=a&limit=0'), 'limit="0": expected a number from 1 to 1000');
    assert.match(await refused('query=a&limit=x'), 'limit="x"');
    assert.match(await refused('query=a&cursor=-1'), 'cursor="-1": expected a number from 0 to');
    assert.match(await refused('query=a+b+c+d+e+f+g+h+i'), '9 words read');
    assert.equal(await server.json('/search'), {
      query: '',
      words: [],
      hits: [],
      shown: 0,
      total: 0,
      isExact: true,
    });
  });
});

describe('names as targets', (it) => {
  it('are read as what they stand for', () => {
    for (const name of ODD) {
      const node = parseTarget(writtenPath(name));
      assert.equal([node.kind, node.kind === 'path' && node.text], ['path', name]);
    }
    for (const text of [...ODD.slice(0, 2), 'it\\s', 'say "x"', "it's"]) {
      const node = parseTarget(`f(${writtenString(text)!})`);
      assert.equal(node.kind === 'call' && node.args[0], {
        kind: 'string',
        value: text,
        at: 2,
        end: text.length + 4,
      });
    }
    for (const text of [`"both" 'of'`, 'end\\', 'two\nlines']) {
      assert.is(writtenString(text), undefined, text);
    }
  });
});
