/** What the README and the tour say that can be tried: its verbs and flags are there, its targets have answers. */
import fs from 'node:fs';
import { treeOf, verbsOf } from '../../src/cli/command-tree.ts';
import { buildProgram } from '../../src/cli/program.ts';
import { runCli } from '../cli/run-cli.ts';
import { Server } from '../support/server.ts';
import { assert, describe } from '../support/suite.ts';

/** Without its blocks of shell, whose fences would pair with the marks of spans. */
const text = ['README.md', 'config/tour.md']
  .map((file) => fs.readFileSync(file, 'utf8').replace(/^```[^]*?^```$/gm, ''))
  .join('\n');
/** Without a table's bars and what a line break adds. */
const spans = [...text.matchAll(/`([^`]+)`/g)].map(([, span]) => span!.replace(/\s+/g, ' '));
const targets = spans.filter((span) => /^[a-z]\w+\(.*\)$/i.test(span) && /\bstats\./.test(span));

describe('README', (it) => {
  it('names verbs and flags that are there', async () => {
    const all = verbsOf(treeOf(await buildProgram()));
    const known = new Set(all.flatMap(({ flags }) => flags.flatMap(({ names }) => names)));
    const lines = spans.filter((span) => /^tallyd [a-z]/.test(span));
    assert.ok(lines.length > 15, `${lines.length} commands`);
    for (const line of lines) {
      const [, first, second] = line.split(' ');
      const verb = all.find(({ path }) => path === `tallyd ${first}`);
      assert.ok(verb !== undefined, line);
      if (verb.verbs.length > 0 && second !== undefined) {
        for (const name of second.split('|')) {
          assert.ok(
            verb.verbs.some((one) => one.name === name),
            `${name} of ${line}`,
          );
        }
      }
      for (const flag of line.match(/ --[a-z-]+/g) ?? []) assert.ok(known.has(flag.trim()), line);
    }
  });

  it('has targets that the demo answers, every one', async () => {
    assert.ok(targets.length >= 8, targets.join('\n'));
    const server = await Server.start();
    try {
      const port = String(server.port('statsd udp'));
      const shape = ['--hosts', '12', '--rate', '800', '--duration', '2'];
      assert.is((await runCli(['demo', '--port', port, ...shape])).code, 0);
      for (const target of targets) {
        const answered = async (): Promise<boolean> =>
          [...(await server.render(target)).values()].some((points) => points.length > 0);
        await server.until(answered, target, 8000);
      }
    } finally {
      await server.remove();
    }
  });
});
