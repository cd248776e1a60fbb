/**
 * What the README, the tour and the page on moving say that can be tried: verbs and flags are there, the
 * demo answers targets and requests.
 */
import fs from 'node:fs';
import { treeOf, verbsOf } from '../../src/cli/command-tree.ts';
import { buildProgram } from '../../src/cli/program.ts';
import { runVerb } from '../cli/run-here.ts';
import { Server } from '../support/server.ts';
import { assert, describe } from '../support/suite.ts';

const pages = ['README.md', 'config/tour.md', 'config/moving.md'].map((file) =>
  fs.readFileSync(file, 'utf8'),
);
const BLOCK = /^ *```[^]*?^ *```$/gm;
/** Without blocks of code, whose fences would pair with the marks of spans. */
const text = pages.map((page) => page.replace(BLOCK, '')).join('\n');
/** Commands of blocks, a line each, without what the shell makes of the rest. */
const commands = pages
  .flatMap((page) => page.match(BLOCK) ?? [])
  .flatMap((block) => block.split('\n'))
  .filter((line) => line.startsWith('tallyd '));
/** Without a table's bars and what a line break adds. */
const spans = [...text.matchAll(/`([^`]+)`/g)].map(([, span]) => span!.replace(/\s+/g, ' '));
const targets = spans.filter((span) => /^[a-z]\w+\(.*\)$/i.test(span) && /\bstats\./.test(span));
/** `curl … 'localhost:8080/x?y'`, `/x?y` and `GET /x`. */
const requests = spans.flatMap((span): [method: string, path: string][] => {
  const curl =
    /^curl (?:-\S+ \S+ )*'?(?:http:\/\/)?(?:localhost|127\.0\.0\.1):8080(\/[^']*)'?$/.exec(span);
  const path =
    curl?.[1] ?? /^(?:GET )?(\/[a-z]+\?\S+)$/.exec(span)?.[1] ?? /^GET (\/\S+)$/.exec(span)?.[1];
  const isOwn = path !== undefined && !path.includes('graphiteStats'); // the old server's
  return isOwn ? [[/-X ([A-Z]+)/.exec(span)?.[1] ?? 'GET', path]] : [];
});

describe('README', (it) => {
  it('names verbs and flags that are there', async () => {
    const all = verbsOf(treeOf(await buildProgram()));
    const known = new Set(all.flatMap(({ flags }) => flags.flatMap(({ names }) => names)));
    const lines = [...spans.filter((span) => /^tallyd [a-z]/.test(span)), ...commands];
    assert.ok(commands.length > 5 && lines.length > 30, `${lines.length} commands`);
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

  it.slow('has targets and requests that the demo answers, every one', async () => {
    assert.ok(targets.length >= 8, targets.join('\n'));
    const server = await Server.start();
    try {
      const port = String(server.port('statsd udp'));
      const shape = ['--hosts', '12', '--rate', '800', '--duration', '2'];
      assert.is((await runVerb(['demo', '--port', port, ...shape])).code, 0);
      for (const target of targets) {
        const answered = async (): Promise<boolean> =>
          [...(await server.render(target)).values()].some((points) => points.length > 0);
        await server.until(answered, target, 8000);
      }
      assert.ok(requests.length >= 8, requests.join('\n'));
      for (const [method, path] of requests) {
        const response = await server.get(path, { method });
        const body = await response.text();
        assert.is(response.status, 200, `${method} ${path}: ${body}`);
        assert.ok(!/"(?:hits|groups|names)":\s*\[\]/.test(body), `${method} ${path}: ${body}`);
        const target = /^\/render\?target=([^&]+)/.exec(path)?.[1];
        if (target !== undefined) assert.ok((await server.render(target)).size > 0, target);
      }
    } finally {
      await server.remove();
    }
  });
});
