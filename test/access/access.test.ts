/** The file of rights, passwords and tokens, and how guesses are slowed. */
import fs from 'node:fs';
import { parseAccess } from '../../src/access/access-file.ts';
import { Attempts } from '../../src/access/attempts.ts';
import { identify } from '../../src/access/identify.ts';
import { Logins } from '../../src/access/logins.ts';
import { NameSet } from '../../src/access/name-set.ts';
import { hashPassword, newToken, readPasswordHash } from '../../src/access/secrets.ts';
import type { UserError } from '../../src/lib/errors.ts';
import { assert, describe } from '../support/suite.ts';

const read = (text: string) => parseAccess(text, 'access.json5');
const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;
const codeOf = (asked: Promise<unknown>): Promise<unknown> =>
  asked.then(
    () => 'ok',
    ({ code }: UserError) => code,
  );

describe('rules of names', (it) => {
  const has = (rules: string[], names: string[]): string[] => {
    const set = new NameSet(rules);
    return names.filter((name) => set.has(name));
  };

  it('are subtrees, with globs in each node, and tags', () => {
    const names = ['a', 'a.b', 'a.b.c', 'ab.c', 'x.b', 'a;t=1', 'a.b;t=2', 'x;t=1;u=2', 'x;u=2'];
    assert.equal(has(['a'], names), ['a', 'a.b', 'a.b.c', 'a;t=1', 'a.b;t=2']);
    assert.equal(has(['a.**'], names), has(['a'], names));
    assert.equal(has(['a*.{b,c}'], names), ['a.b', 'a.b.c', 'ab.c', 'a.b;t=2']);
    assert.equal(has(['t=1'], names), ['a;t=1', 'x;t=1;u=2']);
    assert.equal(has(['t=1;u!=2'], names), ['a;t=1']);
    assert.equal(has(['u=~2|3', 'x.b'], names), ['x.b', 'x;t=1;u=2', 'x;u=2']);
    assert.equal(has(['**', 'a'], names), names);
    assert.equal(has([], names), []);
  });

  it('that cannot be read are a sentence', () => {
    for (const rule of ['', 'a..b', 'a.**.b', 'a;b', 't!=1', 't=', 't=~(', '=x']) {
      assert.throws(() => new NameSet([rule]), undefined, rule);
    }
  });
});

describe('access.json5', (it) => {
  it('joins the rights of groups with those of their own', async () => {
    const { secret } = newToken();
    const { rules, findings } = read(`{
      groups: { web: { read: ['web'], events: ['deploy'] }, ops: { status: true, dashboards: ['x*'] } },
      users: { ann: { password: '${await hashPassword('x')}', groups: ['web', 'ops'], write: ['web.a'] } },
      tokens: { grafana: { secret: '${secret}', admin: true } },
      anonymous: { groups: ['web'] },
    }`);
    assert.equal(findings, []);
    const ann = rules!.users.get('ann')!.rights;
    assert.equal([ann.read.texts, ann.write.texts, ann.events], [['web'], ['web.a'], ['deploy']]);
    assert.equal(
      [ann.status, ann.admin, ann.hasDashboard('xy'), ann.hasDashboard('y')],
      [true, false, true, false],
    );
    const [token] = rules!.tokens.values();
    const { read: all, write, events, status, key } = token!.rights;
    assert.equal([all.isAll, write.isAll, events, status, key], [true, true, undefined, true, '']);
    assert.equal(rules!.anonymous!.key, ann.key);
  });

  it('with anything that is wrong is no rules, and says what is wrong and where', () => {
    const wrong: [string, RegExp][] = [
      [
        '{ users: { ann: { pasword: "x" } } }',
        /^access.json5:1:19: read "pasword", expected one of/,
      ],
      ['{ users: { ann: { password: "x" } } }', /access password/],
      ['{ users: { "a:b": {} } }', /expected a name without/],
      ['{ users: { a: {}, a: {} } }', /twice/],
      ['{ users: { ann: { groups: ["web"] } } }', /read "web", expected one of groups/],
      ['{ users: { ann: { read: "web" } } }', /expected a list of texts/],
      ['{ users: { ann: { read: ["a..b"] } } }', /read "a..b", expected nodes/],
      ['{ users: { ann: { admin: "yes" } } }', /expected true or false/],
      ['{ user: {} }', /read "user", expected one of groups, users/],
      ['{ tokens: { t: { secret: "hunter2" } } }', /access token/],
      ['{ proxy: { header: "x-user" } }', /from: expected the addresses/],
      [
        '{ proxy: { from: ["10.0.0.300"], header: "x-user" } }',
        /read "10.0.0.300", expected an address/,
      ],
      ['{ proxy: { from: ["10.0.0.3"] } }', /expected the name of a header/],
      ['[]', /expected an object/],
      ['{', /access.json5:1:/],
    ];
    for (const [text, sentence] of wrong) {
      const { rules, findings } = read(text);
      assert.is(rules, undefined, text);
      assert.match(findings.map((one) => one.text).join('\n'), sentence);
    }
    const told = read('{ tokens: { t: { secret: "hunter2" } } }').findings;
    assert.not.match(JSON.stringify(told), /hunter2/);
  });
});

describe('passwords and tokens', (it) => {
  it('are known by what the file has of them', async () => {
    const logins = new Logins(() => 0);
    const { token, secret } = newToken();
    const { rules } = read(`{
      users: { ann: { password: '${await hashPassword('pass:wörd')}', read: ['a'] }, bob: { read: ['b'] } },
      tokens: { t: { secret: '${secret}', read: ['c'] } },
      proxy: { from: ['10.0.0.0/8'], header: 'X-User' },
    }`);
    const who = async (headers: Record<string, string>, address = '192.0.2.1'): Promise<unknown> =>
      identify({ headers, address }, rules!, logins).then(
        (one) => one?.name,
        ({ code }: UserError) => code,
      );
    assert.is(await who({}), undefined);
    assert.is(await who({ authorization: basic('ann:pass:wörd') }), 'user ann');
    assert.is(await who({ authorization: basic('ann:pass:word') }), 'unauthorized');
    // Only the proxy says who bob is, and only from its own addresses.
    assert.is(await who({ authorization: basic('bob:') }), 'unauthorized');
    assert.is(await who({ 'x-user': 'bob' }, '::ffff:10.1.2.3'), 'user bob');
    assert.is(await who({ 'x-user': 'bob' }), undefined);
    assert.is(await who({ 'x-user': 'bob, ann' }, '10.1.2.3'), 'unauthorized');
    assert.is(await who({ authorization: `Bearer ${token}` }), 'token t');
    assert.is(await who({ authorization: `bearer ${token}x` }), 'unauthorized');
    for (const odd of ['Basic', 'Basic !', 'Digest x', basic('ann'), 'Bearer a b']) {
      assert.is(await who({ authorization: odd }), 'unauthorized', odd);
    }
  });

  it('hashes that cost too little or too much are none', async () => {
    const hash = await hashPassword('x');
    assert.is(readPasswordHash(hash)?.cost, 15);
    for (const cost of ['13', '18', '31', '1']) {
      assert.is(readPasswordHash(hash.replace('$15$', `$${cost}$`)), undefined);
    }
    assert.is(readPasswordHash('hunter2'), undefined);
  });

  it('a good password is checked once, however often it comes, and one that was changed again', async () => {
    let now = 0;
    const logins = new Logins(() => now);
    const given = { user: 'ann', password: 'x', address: '192.0.2.1' };
    const expected = readPasswordHash(await hashPassword('x'))!;
    const together = await Promise.all(
      Array.from({ length: 50 }, () => logins.check(given, expected)),
    );
    assert.ok(together.every(Boolean));
    for (let i = 0; i < 20; i++) assert.ok(await logins.check(given, expected));
    assert.is(logins.checks, 1);
    const changed = readPasswordHash(await hashPassword('y'))!;
    assert.is(await logins.check(given, changed), false);
    now += 1;
    // Whoever is known passes, whatever others try under that name.
    for (let i = 0; i < 30; i++) logins.attempts.fail('192.0.2.9', 'ann', now);
    assert.is(await logins.check(given, expected), true);
  });

  it('guesses wait, by address and by user, twice as long each time', async () => {
    const attempts = new Attempts();
    const waits: number[] = [];
    for (let i = 0; i < 12; i++) {
      attempts.fail('192.0.2.1', `user${i}`, 0);
      waits.push(attempts.waitMs('192.0.2.1', 'other', 0) / 1000);
    }
    assert.equal(waits, [0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128]);
    assert.is(attempts.waitMs('192.0.2.2', 'other', 0), 0);
    for (let i = 0; i < 40; i++) attempts.fail(`198.51.100.${i}`, 'ann', 0);
    assert.is(attempts.waitMs('192.0.2.2', 'ann', 0), 30_000);
    assert.is(attempts.waitMs('192.0.2.2', 'ann', 30_000), 0);
    // A machine has a whole network of version 6.
    for (let i = 0; i < 6; i++) attempts.fail(`2001:db8:1:2::${i}`, `v6${i}`, 0);
    assert.ok(attempts.waitMs('2001:db8:1:2:ffff::1', 'other', 0) > 0);
    assert.is(attempts.waitMs('2001:db8:1:3::1', 'other', 0), 0);

    const logins = new Logins(() => 0);
    const guess = (i: number) => ({ user: 'ann', password: `${i}`, address: '192.0.2.1' });
    const answers: unknown[] = [];
    for (let i = 0; i < 7; i++) answers.push(await codeOf(logins.check(guess(i), undefined)));
    assert.equal(answers, ['ok', 'ok', 'ok', 'ok', 'ok', 'tooManyRequests', 'tooManyRequests']);
  });

  it('of many guesses at once few are checked', async () => {
    const logins = new Logins(() => 0);
    const guesses = Array.from({ length: 40 }, (_, i) =>
      codeOf(
        logins.check({ user: `u${i}`, password: 'x', address: `192.0.2.${i % 2}` }, undefined),
      ),
    );
    const answers = await Promise.all(guesses);
    assert.is(answers.filter((code) => code === 'tooManyRequests').length, 32);
  });
});

describe('config/access.json5', (it) => {
  it('is right as it is, and lets nobody in', () => {
    const { rules, findings } = parseAccess(
      fs.readFileSync('config/access.json5', 'utf8'),
      'config/access.json5',
    );
    assert.equal(findings, []);
    assert.equal([...rules!.users.keys()], ['alice', 'root']);
    assert.ok([...rules!.users.values()].every(({ password }) => password === undefined));
    assert.equal([rules!.tokens.size, rules!.proxy, rules!.anonymous], [0, undefined, undefined]);
  });
});
