/** What the page writes of the grammar of targets, read by the server that it is written for. */
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT } from '../support/program.ts';
import { assert, describe } from '../support/suite.ts';
import { pageServer } from './page-server.ts';

interface Grammar {
  quoteName(name: string): string;
  letterOf(index: number): string;
  expandReferences(targets: readonly string[], index: number): string;
  outermost(target: string): { name: string; first: string; rest: string } | undefined;
}

const NAMES = [
  'a.b',
  'odd.<img src=x onerror=alert(1)> "q" (it\'s) a,b|c*[x]{y}',
  'a[b]c.d{x}',
  'a*c.d?',
  'p{a,b}',
  'u)(.z',
  't;a=b (c)',
  'back\\slash.y',
  'open[.x',
  'open{.x',
  'w]x',
  'ü.ö',
  '#A.b',
  'true',
  '-5',
  '1e-5',
  'None',
];

describe('grammar of the page', (it) => {
  let grammar: Grammar;
  it.before(async () => {
    const file = pathToFileURL(path.join(ROOT, 'src/web/grammar.js'));
    grammar = (await import(file.href)) as Grammar;
  });

  it('writes names that stand for themselves, alone and as arguments', async () => {
    const server = await pageServer(Object.fromEntries(NAMES.map((name) => [name, () => 1])));
    try {
      for (const name of NAMES) {
        const quoted = grammar.quoteName(name);
        for (const target of [quoted, `limit(${quoted},9)`]) {
          const path = `/render?format=json&from=-5min&target=${encodeURIComponent(target)}`;
          const found = (await server.json(path)) as { target: string }[];
          assert.ok(
            found.some((series) => series.target === name),
            target,
          );
          assert.ok(found.length === 1 || /[{}\\]/.test(name), `${target} finds others`);
        }
      }
    } finally {
      await server.close();
    }
  });

  it('refers to targets by letter', () => {
    const targets = ['a.b', 'scale(#A,2)', 'sum(#A,#B)', '#D', '#Z,[#]A'];
    const { expandReferences, letterOf } = grammar;
    assert.is(expandReferences(targets, 2), 'sum(a.b,scale(a.b,2))');
    assert.is(expandReferences(targets, 4), '#Z,[#]A');
    assert.throws(() => expandReferences(targets, 3), /#D: leads to itself/);
    assert.equal([0, 25, 26, 51, 52].map(letterOf), ['A', 'Z', 'AA', 'AZ', 'BA']);
  });

  it('tells the outermost call', () => {
    const { outermost } = grammar;
    assert.equal(outermost('f(g(a,{b,c}),"x,)",2)'), {
      name: 'f',
      first: 'g(a,{b,c})',
      rest: ',"x,)",2',
    });
    for (const other of ['a.b', 'f(a)|g(b)', 'f(a),g(b)']) assert.is(outermost(other), undefined);
  });
});
