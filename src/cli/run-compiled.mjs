// Runs tallyd compiled, from a clone: `npm start` is `node src/cli/run-compiled.mjs start`. Where
// `dist` is not of these sources they are compiled first, types unchecked; the program then runs in
// this process. `--build` compiles always, types checked, and runs nothing: `npm run build`; with
// `--every-processor` the native receiver for others too: `npm pack`.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { buildNative } from '../lib/native/build.mjs';

const ROOT = path.join(path.dirname(fileURLToPath(import.meta.url)), '../..');
const SRC = path.join(ROOT, 'src');
const CONFIG = path.join(SRC, 'cli/compiled.tsconfig.json');
const TSC = path.join(ROOT, 'node_modules/typescript/bin/tsc');
const DIST = path.join(ROOT, 'dist');
const MAIN = path.join(DIST, 'main.js');
/** Which sources `dist` was compiled from. */
const STAMP = path.join(DIST, '.sources');
const LOCK = path.join(ROOT, '.dist-lock');
const LOCK_MS_MAX = 60_000;
const NEXT = path.join(ROOT, `.dist-${process.pid}`);
const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 };

endOnOldNode();
if (process.argv[2] === '--build') {
  await compile([], true);
} else {
  if (!isCompiled()) await makeCompiled();
  process.argv[1] = MAIN;
  await import(pathToFileURL(MAIN).href);
}

/** As main.ts says it of what is compiled already. */
function endOnOldNode() {
  const { engines } = JSON.parse(fs.readFileSync(path.join(ROOT, 'package.json'), 'utf8'));
  const needed = engines.node.replace('>=', '');
  const [major, minor] = process.versions.node.split('.').map(Number);
  const [majorMin, minorMin] = needed.split('.').map(Number);
  if (major > majorMin || (major === majorMin && minor >= minorMin)) return;
  end(`tallyd needs Node.js ${needed} or newer, this is ${process.versions.node}.`);
}

async function makeCompiled() {
  if (fs.existsSync(TSC)) await compile(['--noCheck'], false);
  else if (isWhole()) console.error('dist is not of these sources, and there is no compiler here.');
  else {
    end(
      'tallyd is not compiled, and its compiler is not installed here: run `npm ci` without ' +
        '`--omit=dev`, or bring the folder dist from where `npm run build` has been run.',
    );
  }
}

function isCompiled() {
  return isWhole() && textOf(STAMP) === stampOfSources();
}

/** Every source has its compiled file. */
function isWhole() {
  return sources()
    .filter((name) => name.endsWith('.ts'))
    .every((name) => statOf(path.join(DIST, name.replace(/\.ts$/, '.js')))?.size > 0);
}

function stampOfSources() {
  const hash = createHash('sha256');
  for (const name of ['../tsconfig.json', ...sources()]) {
    const stat = statOf(path.join(SRC, name));
    if (stat?.isFile()) hash.update(`${name} ${stat.size} ${stat.mtimeMs}\n`);
  }
  return hash.digest('hex');
}

/** Without what editors put beside them: `.#file.ts` may lead nowhere. */
function sources() {
  return fs
    .readdirSync(SRC, { recursive: true })
    .filter((name) => !path.basename(name).startsWith('.'))
    .sort();
}

/** A file may go between listing and looking. */
function statOf(file) {
  return fs.statSync(file, { throwIfNoEntry: false });
}

/** Another process may take a file away at any moment; undefined then. */
function textOf(file) {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

/** Into a folder that takes the place of `dist` when it is whole; one process of a clone at a time. */
async function compile(flags, always) {
  if (!(await lock())) return;
  const unlock = () => {
    fs.rmSync(NEXT, { recursive: true, force: true });
    fs.rmSync(LOCK, { force: true });
  };
  process.once('exit', unlock);
  removeLeftovers();
  // Whoever had the lock before may have compiled the same sources.
  if (always || !isCompiled()) {
    if (process.stderr.isTTY) console.error('Compiling tallyd …');
    const stamp = stampOfSources();
    await runCompiler(flags);
    fs.cpSync(path.join(SRC, 'web'), path.join(NEXT, 'web'), { recursive: true });
    fs.chmodSync(path.join(NEXT, 'main.js'), 0o755);
    const every = process.argv.includes('--every-processor');
    const missing = buildNative(path.join(NEXT, 'lib/native'), { every });
    if (always) {
      for (const sentence of missing) console.error(sentence);
      writeManual();
    }
    fs.writeFileSync(path.join(NEXT, '.sources'), stamp);
    fs.rmSync(DIST, { recursive: true, force: true });
    fs.renameSync(NEXT, DIST);
  }
  process.off('exit', unlock);
  unlock();
}

/** For whoever packages tallyd for a system; its packages are found from beside dist. */
function writeManual() {
  const { status, stdout } = spawnSync(process.execPath, [path.join(NEXT, 'main.js'), 'manual'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (status !== 0) end('the manual was not made: see above.');
  fs.writeFileSync(path.join(NEXT, 'tallyd.1'), stdout);
}

async function runCompiler(flags) {
  const args = [TSC, '-p', CONFIG, '--outDir', NEXT, ...flags];
  const compiler = spawn(process.execPath, args, { stdio: ['ignore', 2, 2] });
  const stop = (signal) => {
    compiler.kill('SIGKILL');
    process.exit(SIGNALS[signal]);
  };
  for (const signal of Object.keys(SIGNALS)) process.once(signal, stop);
  const [status] = await once(compiler, 'exit');
  for (const signal of Object.keys(SIGNALS)) process.off(signal, stop);
  if (status !== 0) end('tallyd was not compiled: see above.');
}

/** Waits for another process that compiles; false where nothing can be written, but `dist` is there. */
async function lock() {
  const lastMs = performance.now() + LOCK_MS_MAX;
  while (performance.now() < lastMs) {
    try {
      fs.writeFileSync(LOCK, String(process.pid), { flag: 'wx' });
      return true;
    } catch (error) {
      if (error.code !== 'EEXIST') {
        if (!isWhole())
          end(`tallyd cannot be compiled: ${ROOT} cannot be written (${error.code}).`);
        console.error(`${ROOT} cannot be written (${error.code}): dist stays as it is.`);
        return false;
      }
    }
    if (isOwnerGone()) fs.rmSync(LOCK, { force: true });
    else await delay(100);
  }
  end(`another build has had ${LOCK} for a minute: remove it where none is running.`);
}

function isOwnerGone() {
  const owner = Number(textOf(LOCK) ?? 0);
  if (owner > 0) return !isRunning(owner);
  // Empty between making and writing it, and for good where the owner was killed in between.
  return Date.now() - (statOf(LOCK)?.mtimeMs ?? Infinity) > 1000;
}

function isRunning(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code !== 'ESRCH';
  }
}

/** Of builds that were killed. */
function removeLeftovers() {
  for (const name of fs.readdirSync(ROOT)) {
    const pid = Number(/^\.dist-(\d+)$/.exec(name)?.[1] ?? process.pid);
    if (pid !== process.pid && !isRunning(pid)) {
      fs.rmSync(path.join(ROOT, name), { recursive: true, force: true });
    }
  }
}

function end(sentence) {
  console.error(sentence);
  process.exit(1);
}
