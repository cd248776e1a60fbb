import fs from 'node:fs';
import { buildProgram } from '../../src/cli/program.ts';
import { assert, describe } from '../support/suite.ts';
import { runCli } from './run-cli.ts';
import { runVerb } from './run-here.ts';

describe('program', (it) => {
  it('the help of every verb ends with examples', async () => {
    const program = await buildProgram();
    const verbs = program.commands.flatMap((verb) => [verb, ...verb.commands]);
    assert.ok(verbs.length >= 8);
    for (const verb of verbs) {
      if (verb.commands.length > 0) continue;
      let text = '';
      verb.configureOutput({ writeOut: (more) => void (text += more) });
      verb.outputHelp();
      const examples = text.slice(text.indexOf('\nExamples:\n'));
      const count = examples.split('\n').filter((line) => line.startsWith('  $ ')).length;
      assert.ok(count >= 2, `${verb.name()} has ${count} examples`);
      const noun = verb.parent === program ? '' : `${verb.parent?.name()} `;
      assert.ok(examples.includes(`tallyd ${noun}${verb.name()}`), verb.name());
    }
  });

  it('--version, wrong use and help', async () => {
    const { version } = JSON.parse(fs.readFileSync('package.json', 'utf8'));
    const [shown, verb, flag, nothing] = await Promise.all([
      runCli(['--version']),
      runVerb(['strat']),
      runVerb(['start', '--prt', '1']),
      runVerb([]),
    ]);
    assert.equal([shown.code, shown.stdout], [0, `${version}\n`]);
    assert.is(verb.code, 2);
    assert.ok(verb.stderr.includes('Did you mean start?'), verb.stderr);
    assert.is(flag.code, 2);
    assert.ok(flag.stderr.includes('Did you mean --port?'), flag.stderr);
    assert.is(nothing.code, 2);
    assert.is(nothing.stdout, '');
  });

  it('start refuses a wrong configuration with the places and 2', async () => {
    const ran = await runVerb(['start', '--port', '99999', '--flush-interval', '-1']);
    assert.is(ran.code, 2);
    assert.is(ran.stdout, '');
    assert.equal(ran.stderr.trim().split('\n'), [
      '--port: read "99999", expected a port from 0 (any free one) to 65535, or "off"',
      '--flush-interval: read "-1", expected a whole number of milliseconds from 1 to 86400000',
    ]);
  });
});
