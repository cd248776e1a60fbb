import { parseForm, parseJsonBody, parseJsonParams } from '../../src/http/params.ts';
import { assert, describe } from '../support/suite.ts';

function reads(text: string, expected: Record<string, string[]>): void {
  const params = parseForm(text);
  const got = Object.fromEntries([...params.names()].map((name) => [name, [...params.all(name)]]));
  assert.equal(got, expected, text);
}

describe('http params', (it) => {
  it('reads forms as Grafana sends them, encoded or not', () => {
    reads('', {});
    reads('query=servers.{a,b}.*', { query: ['servers.{a,b}.*'] });
    reads('query=a b', { query: ['a b'] });
    reads('target=a&target=b', { target: ['a', 'b'] });
    reads('a=1+2&b=1%2B2', { a: ['1 2'], b: ['1+2'] });
    reads('target=alias(x,%22%C3%A9%22)', { target: ['alias(x,"é")'] });
    reads('expr=a=~b=c', { expr: ['a=~b=c'] });
    reads('path=x;a=b', { path: ['x;a=b'] });
    reads('flag&&=x', { flag: [''], '': ['x'] });
  });

  it('keeps what is not an escape as it is', () => {
    reads('a=100%&b=%zz&c=%e', { a: ['100%'], b: ['%zz'], c: ['%e'] });
    reads('a=%ff', { a: ['\ufffd'] });
  });

  it('knows __proto__ as a name like any other', () => {
    const params = parseForm('__proto__=x&toString=y');
    assert.equal(params.last('__proto__'), 'x');
    assert.is(params.has('constructor'), false);
  });

  it('answers the last value, and lists under both spellings', () => {
    const params = parseForm('a=1&a=2&expr[]=x&expr%5B%5D=y');
    assert.is(params.last('a'), '2');
    assert.equal(params.list('expr'), ['x', 'y']);
  });

  it('reads JSON objects as forms', () => {
    const params = parseJsonParams('{"target":["a","b"],"maxDataPoints":5,"x":null,"y":true}');
    assert.equal(params.all('target'), ['a', 'b']);
    assert.is(params.last('maxDataPoints'), '5');
    assert.is(params.has('x'), false);
    assert.is(params.last('y'), 'true');
  });

  it('counts what JSON holds before it is parsed, texts apart', () => {
    const parse = (text: string): unknown => parseJsonBody(text);
    const texts = JSON.stringify({ a: [',:[{'.repeat(300_000), '\\"\\'.repeat(100_000)] });
    assert.equal(parse(texts), JSON.parse(texts));
    const most = `[${'1,'.repeat(249_998)}1]`;
    assert.is((parse(most) as unknown[]).length, 249_999);
    for (const many of [
      `[${most},1]`,
      `[${'{},'.repeat(150_000)}1]`,
      '['.repeat(300_000),
      `{${Array.from({ length: 50_001 }, (_, i) => `"${i}":1`).join()}}`,
    ]) {
      assert.throws(() => parse(many), /members and \d+ values read, expected at most/);
    }
    const limits = { parameters: 5, listValues: 5, targets: 3 };
    const read = (text: string): unknown => parseJsonParams(text, limits);
    assert.throws(() => read('{"a":[1,1,1,1,1,1,1,1,1]}'), /^10 values read, at most 8 are/);
    assert.throws(() => read('{"a":"\\\\"'), /expected JSON/);
  });

  it('refuses JSON that is no set of parameters, in a sentence', () => {
    assert.throws(() => parseJsonParams('[1]'), /expected an object/);
    assert.throws(() => parseJsonParams('{"a":{"b":1}}'), /a is not text/);
    assert.throws(() => parseJsonParams('{"a'), /expected JSON/);
  });

  it('reads whole numbers and refuses others', () => {
    const params = parseForm('a=12&b=-3&c=&d=1.5&limit=0');
    assert.is(params.integer('a', 0), 12);
    assert.is(params.integer('b', 0), -3);
    assert.is(params.integer('c', 7), 7);
    assert.is(params.integer('none', 7), 7);
    assert.throws(() => params.integer('d', 0), /d="1.5": expected a whole number/);
    assert.is(params.limit(), Infinity);
    assert.is(parseForm('limit=3').limit(), 3);
  });
});
