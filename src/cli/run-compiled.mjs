// Runs tallyd compiled, from a clone: `npm start` is `node src/cli/run-compiled.mjs start`. Sources
// newer than `dist` are compiled first, types unchecked; the program then runs in this process.
// `--build` compiles always, types checked, and runs nothing: `npm run build`, `npm pack`.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const ROOT = path.join(path.dirname(fileURLToPath(import.meta.url)), '../..');
const SRC = path.join(ROOT, 'src');
const DIST = path.join(ROOT, 'dist');
const MAIN = path.join(DIST, 'main.js');
const TSC = path.join(ROOT, 'node_modules/typescript/bin/tsc');
const CONFIG = path.join(SRC, 'cli/compiled.tsconfig.json');

if (process.argv[2] === '--build') {
  compile([]);
} else {
  if (!fs.existsSync(TSC)) refuseWithoutDist();
  else if (isStale()) compile(['--noCheck']);
  process.argv[1] = MAIN;
  await import(pathToFileURL(MAIN).href);
}

/** A folder changes when a file comes or goes. */
function isStale() {
  if (!fs.existsSync(MAIN)) return true;
  const { mtimeMs } = fs.statSync(MAIN);
  const inside = fs.readdirSync(SRC, { recursive: true });
  return ['', ...inside].some((name) => fs.statSync(path.join(SRC, name)).mtimeMs > mtimeMs);
}

/** Into a folder beside `dist` that takes its place when it is whole: a server may run from there. */
function compile(flags) {
  const started = new Date();
  const next = path.join(ROOT, `.dist-${process.pid}`);
  process.once('exit', () => fs.rmSync(next, { recursive: true, force: true }));
  const args = [TSC, '-p', CONFIG, '--outDir', next, ...flags];
  const { status } = spawnSync(process.execPath, args, { stdio: ['ignore', 2, 2] });
  if (status !== 0) {
    console.error('tallyd was not compiled: see above.');
    process.exit(1);
  }
  fs.cpSync(path.join(SRC, 'web'), path.join(next, 'web'), { recursive: true });
  fs.chmodSync(path.join(next, 'main.js'), 0o755);
  // What was saved while the compiler ran may not be in it.
  fs.utimesSync(path.join(next, 'main.js'), started, started);
  fs.rmSync(DIST, { recursive: true, force: true });
  fs.renameSync(next, DIST);
}

function refuseWithoutDist() {
  if (fs.existsSync(MAIN)) return;
  console.error(
    'tallyd is not compiled, and its compiler is not installed here: run `npm ci` without ' +
      '`--omit=dev`, or bring the folder dist from where `npm run build` has been run.',
  );
  process.exit(1);
}
