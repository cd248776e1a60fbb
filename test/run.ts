/**
 * The test runner. `npm test` tries each thing as often as a contributor waits for, `--all` as CI
 * does; `npm test -- PATTERN` runs the files whose path matches, `--times` tells what they cost. The
 * summary is uvu's, then a line `N passed, N failed`; the exit code is 0 only when nothing failed and
 * something passed.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { type FileCost, type TestFile, runFiles } from './support/run-files.ts';
import { moduleFile, ROOT } from './support/program.ts';
import type { Cost } from './support/runner-messages.ts';

/** These mostly wait for processes of their own: begun first, so that no worker waits for them last. */
const SLOW_FOLDERS = /^test\/(e2e|cli|storage\/(lmdb|whisper))\//;

/** A file system in memory, where there is one that holds what the tests write at a time. */
const MEMORY = '/dev/shm';
const MEMORY_BYTES = 4 * 2 ** 30;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    all: { type: 'boolean', default: false },
    jobs: { type: 'string' },
    times: { type: 'boolean' },
  },
});
const startedAt = performance.now();
const files = testFiles(new RegExp(positionals[0] ?? ''));
if (files.length === 0) console.log(`no file of test/ matches /${positionals[0]}/`);
const outcome = await runFiles(files, {
  jobs: Number(values.jobs ?? Math.max(2, os.availableParallelism())),
  env: { ...process.env, ...(values.all ? { TALLYD_TESTS: 'all' } : { TMPDIR: folderInMemory() }) },
  print: (text) => console.log(text),
});
const { total, passed, skipped, leftOut, failures, costs } = outcome;
if (values.times) printCosts(costs);
if (failures.length > 0) console.log(`\n${failures.map((text) => `FAILED ${text}`).join('\n')}`);
console.log(`\n  Total:     ${total}\n  Passed:    ${passed}\n  Skipped:   ${skipped}`);
if (leftOut > 0) console.log(`  Left out:  ${leftOut} slow ones (npm run test:all)`);
console.log(`  Duration:  ${((performance.now() - startedAt) / 1000).toFixed(1)} s\n`);
console.log(`${passed} passed, ${total - passed} failed`);
process.exitCode = passed < total || passed === 0 || failures.length > 0 ? 1 : 0;

function testFiles(pattern: RegExp): TestFile[] {
  const names = fs
    .readdirSync(path.join(ROOT, 'test'), { recursive: true, encoding: 'utf8' })
    .map((file) => `test/${file.split(path.sep).join('/')}`)
    .filter((name) => name.endsWith('.test.ts') && pattern.test(name))
    .sort();
  const rank = (name: string): number => (SLOW_FOLDERS.test(name) ? 0 : 1);
  return names
    .sort((a, b) => rank(a) - rank(b))
    .map((name) => {
      const file = moduleFile(import.meta.url, `../${name.slice(0, -'.ts'.length)}`);
      return { name, url: pathToFileURL(file).href };
    });
}

/** The dearest files, each with its dearest parts. */
function printCosts(costs: FileCost[]): void {
  const sum = costs.reduce((seconds, file) => seconds + file.seconds, 0);
  console.log(`\nCPU seconds of ${costs.length} files: ${sum.toFixed(1)}`);
  for (const { name, seconds, parts } of dearest(costs, 25)) {
    console.log(`${seconds.toFixed(2).padStart(7)}  ${name}`);
    for (const part of dearest(parts, 3)) {
      console.log(`${part.seconds.toFixed(2).padStart(14)}  ${part.name}`);
    }
  }
}

function dearest<T extends Cost>(costs: T[], count: number): T[] {
  return costs.toSorted((a, b) => b.seconds - a.seconds).slice(0, count);
}

/** For the quick run: stores that wait for no disk. Elsewhere, and for all of it, that of the system. */
function folderInMemory(): string {
  try {
    const { bavail, bsize } = fs.statfsSync(MEMORY);
    if (bavail * bsize < MEMORY_BYTES) return os.tmpdir();
    const folder = fs.mkdtempSync(path.join(MEMORY, 'tallyd-tests-'));
    process.on('exit', () => fs.rmSync(folder, { recursive: true, force: true }));
    return folder;
  } catch {
    return os.tmpdir();
  }
}
