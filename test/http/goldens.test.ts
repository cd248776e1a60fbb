import { difference, type GoldenAnswer, type GoldenCase, goldenCases } from '../support/golden.ts';
import { assert, describe, rounds } from '../support/suite.ts';
import type { TestServer } from './client.ts';
import { goldenServer } from './golden-server.ts';

const cases = goldenCases();

async function ask(server: TestServer, golden: GoldenCase): Promise<GoldenAnswer> {
  const { method, path, params = [], query, body, headers = {} } = golden.request;
  const text = new URLSearchParams(params).toString();
  const isForm = method === 'POST' && body === undefined;
  const search = isForm ? (query ?? '') : text;
  const url = encodeURI(path) + (search === '' ? '' : `?${search}`);
  const sent = isForm ? text : body;
  const answer = await server.ask(url, {
    method,
    headers,
    ...(sent === undefined ? {} : { body: sent }),
  });
  return { status: answer.status, contentType: answer.type, body: answer.bytes };
}

/** Quickly each third of a long category: query/goldens.test.ts evaluates all of them without HTTP. */
const EVERY = rounds(6, 1);
const LONG = 100;

/** The recorded differences of one category, `id: what`. */
async function run(server: TestServer, category: string): Promise<string[]> {
  const wrong: string[] = [];
  const all = cases.filter((golden) => golden.category === category);
  for (const [i, golden] of all.entries()) {
    if (all.length > LONG && i % EVERY !== 0) continue;
    const what = difference(golden, await ask(server, golden));
    if (what !== undefined) wrong.push(`${golden.id}: ${what}`);
  }
  return wrong;
}

describe('graphite-web 1.1.10, answer for answer', (it) => {
  let server: TestServer;
  it.before(async () => {
    server = await goldenServer();
  });
  it.after(() => server.close());

  for (const category of new Set(cases.map((golden) => golden.category))) {
    const count = cases.filter((golden) => golden.category === category).length;
    it(
      `${category}: ${count} cases`,
      async () => {
        const wrong = await run(server, category);
        assert.ok(wrong.length === 0, `${wrong.length} differ:\n${wrong.slice(0, 40).join('\n')}`);
      },
      { timeoutMs: 120_000 },
    );
  }
});
