import fc from 'fast-check';
import { UserError } from '../../../src/lib/errors.ts';
import { compileGlob, expandBraces } from '../../../src/storage/index/glob.ts';
import { assert, describe } from '../../support/suite.ts';

function matches(pattern: string, ...texts: string[]): void {
  const glob = compileGlob(pattern);
  for (const text of texts) assert.ok(glob.matches(text), `${pattern} and ${text}`);
}

function misses(pattern: string, ...texts: string[]): void {
  const glob = compileGlob(pattern);
  for (const text of texts) assert.not.ok(glob.matches(text), `${pattern} and ${text}`);
}

/** The obvious recursive matcher for `*` and `?`. */
function naive(pattern: string, text: string): boolean {
  if (pattern === '') return text === '';
  if (pattern[0] === '*') {
    return naive(pattern.slice(1), text) || (text !== '' && naive(pattern, text.slice(1)));
  }
  if (text === '') return false;
  return (pattern[0] === '?' || pattern[0] === text[0]) && naive(pattern.slice(1), text.slice(1));
}

describe('glob', (it) => {
  it('matches wildcards', () => {
    matches('*', '', 'a', 'a.b');
    matches('web*', 'web', 'web01');
    matches('*b*', 'b', 'abc');
    matches('a*b*c', 'abc', 'a--b--bc', 'abbcc');
    misses('a*b*c', 'abcd', 'acb', '');
    matches('web0?', 'web01');
    misses('web0?', 'web0', 'web011');
    misses('web', 'Web', 'webs', 'we');
  });

  it('matches classes as fnmatch does', () => {
    matches('[a-z]', 'a', 'q', 'z');
    misses('[a-z]', 'A', '0', '', 'ab');
    matches('web0[!12]', 'web03', 'web0x');
    misses('web0[!12]', 'web01', 'web0');
    matches('[]a]', ']', 'a');
    matches('[!]a]', 'b');
    misses('[!]a]', ']');
    matches('[a-]', 'a', '-');
    matches('[-a]', 'a', '-');
    matches('[^a]', '^', 'a');
    matches('[*?]', '*', '?');
    misses('[z-a]', 'a', 'm', 'z');
    matches('[a-cx0-9]', 'b', 'x', '5');
    misses('[a-cx0-9]', 'd');
    matches('a[b', 'a[b');
    matches('[', '[');
    matches('[]', '[]');
    matches('[!]', '[!]');
  });

  it('writes braces out', () => {
    matches('{web01,db01}', 'web01', 'db01');
    misses('{web01,db01}', 'web02', '{web01,db01}');
    matches('{a,b}{c,d}', 'ac', 'ad', 'bc', 'bd');
    matches('x{a,}y', 'xay', 'xy');
    matches('{a*,?b}', 'axx', 'zb');
    matches('{a}', 'a');
    matches('{a', '{a');
    matches('a}', 'a}');
    matches('}{', '}{');
    assert.equal(expandBraces('{a,b{c,d}}').sort(), ['a', 'bc', 'bd']);
    assert.equal(expandBraces('{a,a}'), ['a']);
  });

  it('knows what is literal and what is everything', () => {
    assert.is(compileGlob('web01').literal, 'web01');
    assert.is(compileGlob('{web01}').literal, 'web01');
    assert.is(compileGlob('{a,b}').literal, undefined);
    assert.is(compileGlob('a*').literal, undefined);
    assert.is(compileGlob('**').all, true);
    assert.is(compileGlob('*?').all, false);
  });

  it('agrees with the obvious matcher', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '-'), maxLength: 12 });
    const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?'), maxLength: 8 });
    fc.assert(
      fc.property(pattern, text, (p, t) => compileGlob(p).matches(t) === naive(p, t)),
      { numRuns: 2000 },
    );
  });

  it('is fast on patterns that are made to be slow', () => {
    const glob = compileGlob('a*'.repeat(200) + 'b');
    assert.not.ok(glob.matches('a'.repeat(2000)));
  });

  it('refuses braces that explode', () => {
    const refuses = (pattern: string): void =>
      assert.throws(
        () => compileGlob(pattern),
        (error: unknown) =>
          error instanceof UserError && error.code === 'overLimit' && error.message.length < 150,
      );
    refuses('{a,b}{c,d}{e,f}'.repeat(6));
    const hosts = Array.from({ length: 5000 }, (_, i) => `host${i}`);
    refuses(`{${hosts.join(',')}}*`);
    refuses(`{${hosts.join(',')}}{${hosts.join(',')}}`);
    matches(`{${hosts.join(',')}}`, 'host0', 'host4999');
    misses(`{${hosts.join(',')}}`, 'host5000');
  });
});
