/** The admin routes and DELETE /series: who may ask, and what is refused. */
import fastify, { type FastifyRequest } from 'fastify';
import pino from 'pino';
import { UserError } from '../../src/lib/errors.ts';
import { adminRoutes } from '../../src/http/admin.ts';
import { answerErrors } from '../../src/http/answers.ts';
import type { HttpContext } from '../../src/http/http-deps.ts';
import { peerCheck } from '../../src/http/local-peer.ts';
import { ADMIN_BODY_BYTES, ADMIN_PAGE, ADMIN_POINTS } from '../../src/storage/admin/limits.ts';
import { column } from '../../src/storage/admin/schema.ts';
import { localAdmin } from '../../src/storage/admin/local-admin.ts';
import { MemoryStore } from '../model/memory-store.ts';
import { DEFAULT_RULES } from '../../src/storage/retention/default-rules.ts';
import { assert, describe } from '../support/suite.ts';
import { NOW, testServer, type TestServer } from './client.ts';

const HEADER = { 'x-tallyd-admin': '1', 'content-type': 'application/json' };

async function storeOf(names: string[]): Promise<MemoryStore> {
  const store = new MemoryStore(DEFAULT_RULES);
  for (const name of names) {
    const info = { archives: [{ step: 60, points: 10 }], xFilesFactor: 0 };
    await store.importSeries({ name, aggregationMethod: 'sum', ...info }, []);
  }
  return store;
}

function error(text: string): string {
  return (JSON.parse(text) as { error: string }).error;
}

/** What the check says of a request with these ends and headers; undefined: welcome. */
function judged(
  peers: string[],
  ends: { from: string; to?: string },
  headers: Record<string, string> = { host: 'localhost:8080' },
): string | undefined {
  const request = {
    headers,
    socket: { remoteAddress: ends.from, localAddress: ends.to ?? '127.0.0.1' },
  } as unknown as FastifyRequest;
  try {
    peerCheck(peers)(request);
  } catch (caught) {
    assert.is((caught as UserError).status, 403);
    return (caught as UserError).message;
  }
  return undefined;
}

describe('peer check', (it) => {
  it('welcomes this machine and the peers of the configuration', () => {
    for (const from of ['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1']) {
      assert.is(judged([], { from }), undefined, from);
    }
    assert.is(judged([], { from: '10.0.0.5', to: '10.0.0.5' }), undefined, 'its own address');
    assert.is(judged(['10.0.0.7'], { from: '10.0.0.7', to: '10.0.0.5' }), undefined);
    assert.is(judged(['10.0.0.0/8'], { from: '::ffff:10.1.2.3', to: '10.0.0.5' }), undefined);
    assert.is(judged(['fd00::/8'], { from: 'fd12::1', to: 'fd00::2' }), undefined);
    for (const host of ['127.0.0.1:8080', '[::1]:8080', 'LOCALHOST']) {
      assert.is(judged([], { from: '::1' }, { host }), undefined, host);
    }
    assert.is(
      judged(['10.0.0.7'], { from: '10.0.0.7', to: '1.2.3.4' }, { host: 'x.org' }),
      undefined,
    );
  });

  it('refuses others, web pages, proxies and other names of this machine', () => {
    const outside = 'admin: asked from 10.0.0.6, expected this machine or one of adminPeers';
    assert.is(judged(['10.0.0.7'], { from: '10.0.0.6', to: '10.0.0.5' }), outside);
    assert.is(judged(['nonsense', ''], { from: '10.0.0.6', to: '10.0.0.5' }), outside);
    assert.ok(judged([], { from: '', to: '127.0.0.1' }), 'a socket that is gone');
    const host = 'localhost';
    const page = judged([], { from: '::1' }, { host, origin: 'http://localhost:8080' });
    assert.match(String(page), 'asked by a web page (http://localhost:8080)');
    for (const name of ['forwarded', 'x-forwarded-for', 'x-real-ip', 'via']) {
      const proxied = judged([], { from: '::1' }, { host, [name]: '1.2.3.4' });
      assert.is(proxied, `admin: asked through a proxy (${name}), expected no one between`);
    }
    const rebound = judged([], { from: '127.0.0.1' }, { host: 'evil.example:8080' });
    assert.match(String(rebound), 'asked as "evil.example:8080", expected 127.0.0.1');
    assert.ok(judged([], { from: '127.0.0.1' }, {}), 'without a host');
    assert.ok(judged([], { from: '127.0.0.1' }, { host: '127.0.0.1.evil.example' }));
  });
});

describe('admin routes', (it) => {
  let server: TestServer;
  it.before(async () => {
    server = await testServer(await storeOf(['a.x', 'a.y']));
  });
  it.after(() => server.close());
  const ask = (call: string, body: unknown, headers: Record<string, string> = HEADER) =>
    server.ask(`/admin/${call}`, { body: JSON.stringify(body), headers });

  it('answers a program of this machine', async () => {
    const answer = await ask('names', { query: 'a.*' });
    assert.equal([answer.status, answer.type], [200, 'application/json']);
    assert.equal(JSON.parse(answer.text), { names: ['a.x', 'a.y'] });
    assert.is(answer.headers['cache-control'], 'no-store');
    const none = await ask('info', { names: ['no'] });
    assert.equal(JSON.parse(none.text), { series: [null] });
  });

  it('refuses a request without the header, or with an origin, and does nothing', async () => {
    const bare = await ask('delete', { names: ['a.x'] }, { 'content-type': 'text/plain' });
    assert.equal(
      [bare.status, error(bare.text)],
      [403, 'admin: no header x-tallyd-admin, expected it from a verb'],
    );
    const page = await ask('delete', { names: ['a.x'] }, { ...HEADER, origin: 'http://evil' });
    assert.is(page.status, 403);
    const names = JSON.parse((await ask('names', { query: '**' })).text) as { names: string[] };
    assert.equal(names.names, ['a.x', 'a.y']);
    // A browser that asks for leave gets none.
    const preflight = await server.ask('/admin/names', { method: 'OPTIONS' });
    assert.equal([preflight.status, preflight.headers.allow], [204, 'POST, OPTIONS']);
    assert.is(preflight.headers['access-control-allow-origin'], undefined);
    assert.is((await server.ask('/admin/names')).status, 405);
  });

  it('refuses a verb that found it by the folder of another server', async () => {
    const other = await ask('delete', { names: ['a.x'] }, { ...HEADER, 'x-tallyd-owner': 'other' });
    const sentence =
      'admin: this server has another data folder, the one of that folder runs elsewhere';
    assert.equal([other.status, error(other.text)], [404, sentence]);
    const names = JSON.parse((await ask('names', { query: 'a.*' })).text) as { names: string[] };
    assert.equal(names.names, ['a.x', 'a.y']);
  });

  it('says what is wrong with a request', async () => {
    const noJson = await server.ask('/admin/names', { body: 'query=a', headers: HEADER });
    assert.equal([noJson.status, error(noJson.text)], [400, 'body "query=a": expected JSON']);
    assert.is((await ask('names', {})).status, 400);
    const many = Array.from({ length: 1001 }, (_, i) => `n${i}`);
    assert.is((await ask('info', { names: many })).status, 413);
    const long = await server.ask('/admin/names', {
      body: ' '.repeat(ADMIN_BODY_BYTES + 1),
      headers: HEADER,
    });
    assert.equal([long.status, error(long.text)], [413, 'body: larger than 8388608 bytes']);
    assert.is((await ask('note', { key: '' })).status, 400);
    assert.is((await ask('putNote', { key: 'k', text: 'x'.repeat(5000) })).status, 413);
    assert.is((await ask('backup', { file: '/x' })).status, 501);
    assert.is((await ask('nosuch', {})).status, 404);
  });

  it('says what it read and what it expected', async () => {
    const answers = async (call: string, body: unknown, expected: string): Promise<void> => {
      const { status, text, headers } = await ask(call, body);
      assert.is(`${status} ${error(text)}`, expected);
      assert.is(headers['x-tallyd-error'], status === 413 ? 'tooLarge' : 'badRequest');
    };
    await answers('names', [], '400 the body: read [], expected a JSON object');
    await answers('names', {}, '400 query: read nothing, expected a text');
    await answers('names', { query: 5 }, '400 query: read 5, expected a text');
    const points = { name: 'a', archive: 'x', after: 0 };
    await answers('points', points, '400 archive: read "x", expected a number');
    const retain = { changes: [], rewrite: 1 };
    await answers('retain', retain, '400 rewrite: read 1, expected true or false');
    await answers('info', { names: 'x' }, '400 names: read "x", expected a list');
    const name = 'expected a name of 1 to 65536 bytes';
    await answers('info', { names: [''] }, `400 names: read "", ${name}`);
    const long = 'é'.repeat(40_000);
    await answers('info', { names: [long] }, `400 a name: read "${'é'.repeat(79)}, ${name}`);
    const deep = `{"names":[${'['.repeat(200_000)}${']'.repeat(200_000)}]}`;
    const nested = await server.ask('/admin/info', { body: deep, headers: HEADER });
    assert.is(error(nested.text), `names: read what is nested too deeply, ${name}`);
    await answers('rename', { pairs: [1] }, '400 pairs: read 1, expected pairs of from and to');
    await answers('rename', { pairs: [{ from: 'a' }] }, `400 to: read nothing, ${name}`);
    const many = Array.from({ length: ADMIN_PAGE + 1 }, (_, i) => `a.${i}`);
    await answers('info', { names: many }, '413 names: 1001 in one call, expected up to 1000');
    assert.is((await ask('info', { names: many.slice(1) })).status, 200);
    assert.is((await ask('names', { query: 'a.*', after: null })).status, 200);
  });

  it('refuses series and points that a store could not hold', async () => {
    const info = {
      name: 'c.d',
      archives: [{ step: 1, points: 60 }],
      aggregationMethod: 'sum',
      xFilesFactor: 0.5,
    };
    const put = async (changes: object, archives: unknown[] = []): Promise<string> => {
      const { status, text } = await ask('put', { info: { ...info, ...changes }, archives });
      return status === 200 ? 'nothing' : `${status} ${error(text)}`;
    };
    assert.is(await put({}), 'nothing');
    assert.match(await put({ aggregationMethod: 'median' }), 'read "median", expected one of ave');
    assert.match(await put({ xFilesFactor: 2 }), 'xFilesFactor: read 2, expected 0 to 1');
    assert.match(await put({ archives: [] }), 'no archive');
    assert.match(await put({ archives: [{ step: 0, points: 1 }] }), 'expected step and points');
    assert.match(await put({ archives: 5 }), 'expected a list of step and points');
    const twice = [info.archives[0], info.archives[0]];
    assert.match(await put({ archives: twice }), 'have the same step');
    const whole = await ask('put', { info: 5, archives: [] });
    const series = 'a series: read 5, expected name, archives, method and factor';
    assert.is(error(whole.text), series);
    const points = async (value: unknown): Promise<string> => put({}, [value]);
    const two = column.encode(Float64Array.of(1, 2));
    assert.is(await points({ step: 1, times: two, values: two }), 'nothing');
    assert.match(await points({ step: 1, times: two, values: '' }), 'as many as times, 2');
    assert.match(await points({ step: 0, times: '', values: '' }), 'read 0, expected seconds');
    assert.match(
      await points({ step: 1, times: 'AAAA', values: 'AAAA' }),
      'expected whole doubles',
    );
    assert.match(await points({ step: 1, times: 5, values: '' }), 'expected base64 of doubles');
    assert.match(await points(null), 'expected step, times and values');
    const long = column.encode(new Float64Array(ADMIN_POINTS + 1));
    const tooMany = await points({ step: 1, times: long, values: long });
    assert.match(tooMany, '413 200001 points in one call');
  });

  it('takes a body beyond the limit of other routes', async () => {
    const small = await testServer(await storeOf([]), { limits: { bodyBytes: 1024 } });
    try {
      const body = JSON.stringify({ names: Array.from({ length: 500 }, (_, i) => `name.${i}`) });
      const answer = await small.ask('/admin/info', { body, headers: HEADER });
      assert.is(answer.status, 200);
      assert.is((await small.ask('/metrics/find', { body })).status, 413);
    } finally {
      await small.close();
    }
  });

  it('bounds the values of one fetch', async () => {
    const tight = await testServer(await storeOf(['a.x']), { limits: { points: 5 } });
    try {
      const body = JSON.stringify({ names: ['a.x'], from: NOW - 600, until: NOW, now: NOW });
      const answer = await tight.ask('/admin/fetch', { body, headers: HEADER });
      assert.equal(
        [answer.status, error(answer.text)],
        [422, '"a.x": 10 values, expected up to 5'],
      );
    } finally {
      await tight.close();
    }
  });
});

describe('admin routes from elsewhere', (it) => {
  it('are for the peers of the configuration, but for what writes files here', async () => {
    const app = fastify();
    const deps = { adminPeers: ['10.0.0.7'] } as unknown as HttpContext['deps'];
    const store = await storeOf(['a.x']);
    const admin = localAdmin(store, 'test');
    answerErrors(app, pino({ level: 'silent' }));
    adminRoutes(app, { deps, admin } as unknown as HttpContext);
    const ask = async (call: string, remoteAddress: string) => {
      const { statusCode, body } = await app.inject({
        method: 'POST',
        url: `/admin/${call}`,
        headers: { 'x-tallyd-admin': '1', 'content-type': 'text/plain', host: 'tallyd:8080' },
        payload: JSON.stringify({ query: '**', file: '/nowhere' }),
        remoteAddress,
      });
      return [statusCode, statusCode === 200 ? body : error(body)];
    };
    try {
      assert.equal(await ask('names', '10.0.0.7'), [200, '{"names":["a.x"]}']);
      assert.equal(await ask('names', '10.0.0.8'), [
        403,
        'admin: asked from 10.0.0.8, expected this machine or one of adminPeers',
      ]);
      const only = 'admin: asked from 10.0.0.7, expected this machine';
      assert.equal(await ask('backup', '10.0.0.7'), [403, only]);
    } finally {
      await app.close();
    }
  });
});

describe('DELETE /series', (it) => {
  const remove = async (server: TestServer, query: string, headers = {}) => {
    const { status, text } = await server.ask(`/series?${query}`, { method: 'DELETE', headers });
    return { status, answer: JSON.parse(text) as Record<string, unknown> };
  };

  it('counts with dryRun, then deletes what globs and tags match', async () => {
    const names = ['a.x', 'a.y', 'b.x', 'd;host=a', 'd;host=b'];
    const store = await storeOf(names);
    const server = await testServer(store);
    try {
      const query = `query=a.*&query=*.x&query=${encodeURIComponent("seriesByTag('host=a')")}`;
      const dry = await remove(server, `${query}&dryRun=1`);
      const matched = ['a.x', 'a.y', 'b.x', 'd;host=a'];
      assert.equal(dry.answer, { dryRun: true, matched: 4, deleted: 0, names: matched, more: 0 });
      assert.equal(store.allNames(), names);
      const { status, answer } = await remove(server, query);
      assert.is(status, 200);
      assert.equal(answer, { dryRun: false, matched: 4, deleted: 4, names: matched, more: 0 });
      assert.equal(store.allNames(), ['d;host=b']);
      const nothing = await remove(server, 'query=a.*');
      assert.equal(nothing.answer, { dryRun: false, matched: 0, deleted: 0, names: [], more: 0 });
    } finally {
      await server.close();
    }
  });

  it('names a thousand, counts all', async () => {
    const store = await storeOf(Array.from({ length: 2345 }, (_, i) => `m.${i}`));
    const server = await testServer(store);
    try {
      const { answer } = await remove(server, 'query=m.*');
      const { names, ...counts } = answer;
      assert.equal(counts, { dryRun: false, matched: 2345, deleted: 2345, more: 1345 });
      assert.is((names as string[]).length, 1000);
      assert.equal(store.allNames(), []);
    } finally {
      await server.close();
    }
  });

  it('refuses no query, too many, and web pages', async () => {
    const store = await storeOf(['a.x']);
    const server = await testServer(store);
    try {
      const none = await remove(server, 'query=');
      assert.equal(none, {
        status: 400,
        answer: { error: 'query: expected a name or a glob such as servers.web07.**' },
      });
      assert.is((await remove(server, 'query=a&'.repeat(101))).status, 413);
      const page = await remove(server, 'query=a.x', { origin: 'http://127.0.0.1' });
      assert.is(page.status, 403);
      assert.equal(store.allNames(), ['a.x']);
    } finally {
      await server.close();
    }
  });
});
