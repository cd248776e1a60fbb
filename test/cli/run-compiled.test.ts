/** What `npm start` does before the program runs, in a clone of a program of two files. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { ROOT } from '../support/program.ts';
import { assert, describe } from '../support/suite.ts';
import { until } from '../support/until.ts';

const clone = fs.mkdtempSync(path.join(os.tmpdir(), 'tallyd-clone-'));
const inClone = (file: string): string => path.join(clone, file);

function start(...args: string[]): { code: number | null; stdout: string; stderr: string } {
  const script = inClone('src/cli/run-compiled.mjs');
  // Node warns of the two that colour its output where both are there.
  const env = { PATH: process.env['PATH'] ?? '' };
  const ran = spawnSync(process.execPath, [script, ...args], { encoding: 'utf8', env });
  return { code: ran.status, stdout: ran.stdout, stderr: ran.stderr };
}

const spawnStart = () =>
  spawn(process.execPath, [inClone('src/cli/run-compiled.mjs')], { stdio: 'ignore' });

const leftovers = (): string[] => fs.readdirSync(clone).filter((name) => name.startsWith('.dist'));

/** Saved a while after the compiler began, as edits are: some file systems round times. */
function save(file: string, text: string): void {
  fs.writeFileSync(inClone(file), text);
  const soon = new Date(Date.now() + 2000);
  fs.utimesSync(inClone(file), soon, soon);
}

describe('run-compiled', (it) => {
  it.before(() => {
    for (const folder of ['src/cli', 'src/web', 'node_modules']) {
      fs.mkdirSync(inClone(folder), { recursive: true });
    }
    for (const file of ['package.json', 'tsconfig.json', 'src/cli/compiled.tsconfig.json']) {
      fs.copyFileSync(path.join(ROOT, file), inClone(file));
    }
    const script = 'src/cli/run-compiled.mjs';
    fs.copyFileSync(path.join(ROOT, script), inClone(script));
    fs.cpSync(path.join(ROOT, 'src/lib/native'), inClone('src/lib/native'), { recursive: true });
    fs.writeFileSync(inClone('src/web/index.html'), '');
    fs.writeFileSync(inClone('src/word.ts'), "export const WORD: string = 'first';\n");
    fs.writeFileSync(
      inClone('src/main.ts'),
      "import { WORD } from './word.ts';\nconsole.log(WORD, ...process.argv.slice(2));\n",
    );
    const packages = ['typescript', '@typescript', '@types', 'undici-types', 'node-api-headers'];
    for (const name of packages) {
      fs.symlinkSync(path.join(ROOT, 'node_modules', name), inClone(`node_modules/${name}`));
    }
  });
  it.after(() => fs.rmSync(clone, { recursive: true }));

  it('compiles once, and again when a source is newer', () => {
    assert.equal(start('start', '--x'), { code: 0, stdout: 'first start --x\n', stderr: '' });
    const compiled = fs.statSync(inClone('dist/main.js')).ino;
    assert.is(start().stdout, 'first\n');
    assert.is(fs.statSync(inClone('dist/main.js')).ino, compiled);
    save('src/word.ts', "export const WORD: string = 'second';\n");
    assert.is(start().stdout, 'second\n');
    assert.ok(fs.existsSync(inClone('dist/web/index.html')));
  });

  it('leaves the old program where the new one does not compile', () => {
    save('src/word.ts', 'export const WORD = ;\n');
    const { code, stderr } = start();
    assert.is(code, 1);
    assert.match(stderr, /was not compiled: see above/);
    assert.match(fs.readFileSync(inClone('dist/word.js'), 'utf8'), 'second');
    assert.equal(leftovers(), []);
  });

  it.slow('several at once compile once, and all start', async () => {
    fs.rmSync(inClone('dist'), { recursive: true });
    save('src/word.ts', "export const WORD: string = 'second';\n");
    const codes = await Promise.all(
      Array.from({ length: 4 }, async () => {
        const [code] = (await once(spawnStart(), 'exit')) as [number];
        return code;
      }),
    );
    assert.equal(codes, [0, 0, 0, 0]);
    assert.equal(leftovers(), []);
  });

  it.slow('a dist that is not whole is compiled anew', () => {
    fs.writeFileSync(inClone('dist/main.js'), '');
    assert.is(start().stdout, 'second\n');
    fs.rmSync(inClone('dist/word.js'));
    assert.is(start().stdout, 'second\n');
  });

  it.slow(
    'a source that is put back as it was is seen, and one that leads nowhere passed over',
    () => {
      fs.symlinkSync('nobody@nowhere', inClone('src/.#word.ts'));
      fs.writeFileSync(inClone('src/word.ts'), "export const WORD: string = 'older';\n");
      fs.utimesSync(inClone('src/word.ts'), new Date(0), new Date(0));
      assert.is(start().stdout, 'older\n');
      assert.is(start().stdout, 'older\n');
      fs.rmSync(inClone('src/.#word.ts'));
    },
  );

  it.slow(
    'a build that is told to end leaves nothing behind, one that was killed is cleared away',
    async () => {
      save('src/word.ts', "export const WORD: string = 'second';\n");
      const stopped = spawnStart();
      await until(() => fs.existsSync(inClone('.dist-lock')));
      stopped.kill('SIGTERM');
      await once(stopped, 'exit');
      const killed = spawnStart();
      await until(() => fs.existsSync(inClone('.dist-lock')));
      killed.kill('SIGKILL');
      await once(killed, 'exit');
      assert.is(start().stdout, 'second\n');
      // As of one that was killed before it had written who it is.
      fs.writeFileSync(inClone('.dist-lock'), '');
      save('src/word.ts', "export const WORD: string = 'second' + '';\n");
      assert.is(start().stdout, 'second\n');
      assert.equal(leftovers(), []);
    },
  );

  it.slow('checks types with --build', () => {
    save('src/word.ts', "export const WORD: number = 'third';\n");
    assert.is(start('--build').code, 1);
    assert.is(start().stdout, 'third\n');
  });

  it('runs what is compiled where the compiler is missing, else says what to do', () => {
    fs.rmSync(inClone('node_modules'), { recursive: true });
    assert.match(start().stdout, /^(?:second|third)\n$/);
    fs.rmSync(inClone('dist'), { recursive: true });
    const { code, stdout, stderr } = start();
    assert.equal([code, stdout], [1, '']);
    assert.match(
      stderr,
      /^tallyd is not compiled, and its compiler is not installed here: .*\.\n$/,
    );
  });
});
