import fc from 'fast-check';
import { RE2JS } from 're2js';
import { requiredLiteral } from '../../src/lib/required-literal.ts';
import { assert, describe, rounds } from '../support/suite.ts';

function finds(source: string, literal: string): void {
  assert.is(requiredLiteral(source), literal, source);
}

describe('requiredLiteral', (it) => {
  it('is the longest run of plain characters', () => {
    finds(String.raw`(^|\.)gauges\.`, 'gauges.');
    finds(String.raw`\.lower(_(top)?[0-9]+(_[0-9]+)?)?(;|$)`, '.lower');
    finds(String.raw`^stats_counts\.`, 'stats_counts.');
    finds('^carbon.agents', 'carbon');
    finds('ab+cd', 'ab');
    finds('cpu', 'cpu');
  });

  it('leaves out what may be missing', () => {
    finds('colou?r', 'colo');
    finds('ab*', 'a');
    finds('x{0,3}y', 'y');
    finds('(abc)?d', 'd');
    finds('[abc]d', 'd');
    finds('[]]d', 'd');
    finds('[^]]d', 'd');
    finds('[[:digit:]]d', 'd');
    finds(String.raw`\d+ms`, 'ms');
  });

  it('gives up where it cannot be sure', () => {
    for (const source of [
      '',
      '.*',
      'a|b',
      '(?i)abc',
      '(?P<x>abc)',
      String.raw`\x41b`,
      '(ab',
      '[ab',
    ]) {
      finds(source, '');
    }
    finds(String.raw`\Qa.b\E`, '');
    finds(String.raw`\pLx`, '');
    finds('a{2', '');
  });

  it('is in every text that the pattern matches', () => {
    const atom = fc.constantFrom(
      'a',
      'b',
      String.raw`\.`,
      '.',
      '[ab]',
      '[^a]',
      '(ab)',
      '(a|b)',
      '^',
      '$',
      String.raw`\d`,
      String.raw`\w`,
      String.raw`\b`,
      '_',
    );
    const times = fc.constantFrom('', '', '', '?', '*', '+', '{0,1}', '{2}', '*?');
    const pattern = fc
      .array(fc.tuple(atom, times), { minLength: 1, maxLength: 6 })
      .map((parts) =>
        parts.map(([one, many]) => (one === '^' || one === '$' ? one : one + many)).join(''),
      );
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '.', '1', '_'), maxLength: 12 });
    fc.assert(
      fc.property(pattern, text, (source, subject) => {
        if (!RE2JS.compile(source).matcher(subject).find()) return;
        const literal = requiredLiteral(source);
        assert.ok(subject.includes(literal), `${source} matches ${subject} without ${literal}`);
      }),
      { numRuns: rounds(1000, 3000) },
    );
  });
});
