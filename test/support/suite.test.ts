/** The suite's own promises: what goes wrong beside a test fails one test, and the rest still run. */
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { LOADER, moduleFile } from './program.ts';
import { assert, describe } from './suite.ts';

/** Runs a file of tests; its exit code and all that it printed. */
async function run(body: string): Promise<{ code: number; text: string }> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tallyd-suite-'));
  const file = path.join(folder, 'inner.mjs');
  const suite = pathToFileURL(moduleFile(import.meta.url, './suite')).href;
  fs.writeFileSync(file, `import { describe } from '${suite}';\n${body}`);
  try {
    return await new Promise((resolve) => {
      const env = { ...process.env, FORCE_COLOR: '0' };
      execFile(process.execPath, [...LOADER, file], { env }, (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : Number(error.code), text: stdout + stderr });
      });
    });
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

describe('what happens beside a test', (it) => {
  it('fails the test in which a promise is rejected that nobody handles', async () => {
    const { code, text } = await run(`describe('inner', (it) => {
      it('floats', async () => { Promise.reject(new Error('nobody minds')); });
      it('is sound', () => {});
    });`);
    assert.is(code, 1);
    assert.match(text, /FAIL.*"floats"[\s\S]*unhandledRejection: Error: nobody minds/);
    assert.match(text, /Total: +2[\s\S]*Passed: +1/);
  });

  it('fails the test in which a callback throws', async () => {
    const { code, text } = await run(`describe('inner', (it) => {
      it('waits', () => new Promise(() => setImmediate(() => { throw new Error('aside'); })));
      it('is sound', () => {});
    });`);
    assert.is(code, 1);
    assert.match(text, /FAIL.*"waits"[\s\S]*uncaughtException: Error: aside/);
    assert.match(text, /Passed: +1/);
  });

  it('fails the next test for what happened between two, and for an after that throws', async () => {
    const { code, text } = await run(`
      describe('first', (it) => {
        it('is sound', () => {});
        it.after(() => { throw new Error('not put away'); });
      });
      describe('second', (it) => {
        it('is next', () => {});
        it('is sound', () => {});
      });`);
    assert.is(code, 1);
    assert.match(text, /FAIL.*"is next"[\s\S]*not put away/);
    assert.match(text, /Total: +3[\s\S]*Passed: +2/);
  });

  it('fails the run for what happens after the last test', async () => {
    const { code, text } = await run(`describe('inner', (it) => {
      it('is sound', () => {});
      it.after(() => { throw new Error('not put away'); });
    });`);
    assert.is(code, 1);
    assert.match(text, /After the last test: Error: after of "inner": Error: not put away/);
  });

  it('lets a sound run pass', async () => {
    const { code, text } = await run(`describe('inner', (it) => {
      it('minds', async () => { await Promise.reject(new Error('x')).catch(() => {}); });
    });`);
    assert.is(code, 0, text);
  });
});
