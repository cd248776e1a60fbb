/** The scripts of `tallyd completion` in the shells that they are for, and the manual. */
import { spawnSync } from 'node:child_process';
import { assert, describe } from '../support/suite.ts';
import { runHere } from './run-here.ts';

const scriptOf = async (...args: string[]): Promise<string> => (await runHere(args)).stdout;

function run(program: string, args: string[], input: string): string {
  const ran = spawnSync(program, args, { input, encoding: 'utf8' });
  assert.equal([ran.status, ran.stderr], [0, '']);
  return ran.stdout;
}

const isThere = (program: string): boolean =>
  spawnSync(program, ['--version'], { stdio: 'ignore' }).status === 0;

describe('completion', (it) => {
  it('of bash: verbs, flags, the words of a flag', async () => {
    const script = await scriptOf('completion', 'bash');
    const asked = [
      'retention a',
      'series find --ur',
      'start --dialect st',
      'start x --json --log-level ',
    ];
    const body = asked.map((line) => {
      const words = ['tallyd', ...line.split(' ')].map((word) => `'${word}'`);
      return (
        `COMP_WORDS=(${words.join(' ')}); COMP_CWORD=${words.length - 1}; ` +
        '_tallyd; echo "${COMPREPLY[*]}"'
      );
    });
    assert.equal(
      run('bash', ['-s'], `${script}\n${body.join('\n')}\n`)
        .split('\n')
        .slice(0, -1),
      ['apply', '--url', 'statsd', 'trace debug info warn error fatal silent'],
    );
  });

  if (isThere('fish')) {
    it('of fish', async () => {
      const script = await scriptOf('completion', 'fish');
      const answer = run('fish', ['-c', `${script}\ncomplete -C 'tallyd series fe'\n`], '');
      assert.match(answer, /^fetch\tPrint the values of a range/);
    });
  } else it.skipAloud('of fish', 'needs the Debian package fish');

  if (isThere('zsh')) {
    it('of zsh: its words', async () => {
      const script = await scriptOf('completion', 'zsh');
      // Instead of showing them, prints the words that it would.
      const shown = `compdef() { :; }; _describe() { print -l -- $items; }\n`;
      const ask = 'words=(tallyd start --dialect st); CURRENT=4; _tallyd\n';
      const answer = run('zsh', ['-f'], `${shown}${script}\n${ask}`);
      assert.equal(answer.split('\n').slice(0, 2), ['statsd', 'extended']);
    });
  } else it.skipAloud('of zsh', 'needs the Debian package zsh');

  it('of another shell is wrong use', async () => {
    const { code, stderr } = await runHere(['completion', 'tcsh']);
    assert.is(code, 2);
    assert.match(stderr, /Allowed choices are bash, zsh, fish/);
  });
});

describe('manual', (it) => {
  it('has every verb and flag, and the exit codes', async () => {
    const page = await scriptOf('manual');
    for (const text of ['.SS tallyd series find', '\\-\\-flush\\-interval', '.SH EXIT STATUS']) {
      assert.ok(page.includes(text), text);
    }
    assert.not.match(page, /[^\n -~]/);
  });

  if (isThere('groff')) {
    it('is a page without a warning', async () => {
      const page = await scriptOf('manual');
      assert.match(run('groff', ['-man', '-Tutf8', '-ww'], page), /TALLYD\(1\)/);
    });
  } else it.skipAloud('is a page without a warning', 'needs the Debian package groff');
});
