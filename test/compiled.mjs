/**
 * Runs a program of `test/` compiled: `node test/compiled.mjs run.ts --all`. Sources and tests go
 * into a folder of this run, without a check of types; threads and children that start from there
 * are plain JavaScript, so none of them pays for tsx. Under tsx the same program runs as it stands.
 */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const ROOT = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
const BUILDS = path.join(ROOT, '.test-builds');
const TSC = path.join(ROOT, 'node_modules/typescript/bin/tsc');

const [program, ...args] = process.argv.slice(2);
removeOldBuilds();
const build = path.join(BUILDS, String(process.pid));
process.on('exit', () => fs.rmSync(build, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => process.exit(1));
compile();
process.argv = [
  process.argv[0],
  path.join(build, 'test', program.replace(/\.ts$/, '.js')),
  ...args,
];
process.setSourceMapsEnabled(true);
await import(pathToFileURL(process.argv[1]).href);

function compile() {
  const flags = ['--noEmit', 'false', '--noCheck', '--rewriteRelativeImportExtensions'];
  flags.push('--sourceMap', '--rootDir', ROOT, '--outDir', build);
  const { status } = spawnSync(process.execPath, [TSC, '-p', ROOT, ...flags], { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
  // What sources and tests look up beside themselves: the web page, fixtures, scripts.
  const linked = ['config', 'package.json', 'test/conformance'];
  const filter = (file) => !file.endsWith('.ts') && !linked.includes(path.relative(ROOT, file));
  for (const folder of ['src', 'test']) {
    fs.cpSync(path.join(ROOT, folder), path.join(build, folder), { recursive: true, filter });
  }
  for (const name of linked) fs.symlinkSync(path.join(ROOT, name), path.join(build, name));
}

/** Of runs that were killed. */
function removeOldBuilds() {
  for (const name of fs.existsSync(BUILDS) ? fs.readdirSync(BUILDS) : []) {
    try {
      process.kill(Number(name), 0);
    } catch {
      fs.rmSync(path.join(BUILDS, name), { recursive: true, force: true });
    }
  }
}
