/**
 * Runs a program of `test/` compiled: `node test/compiled.mjs run.ts --all`. Sources and tests go
 * into a folder of this run, without a check of types; threads and children that start from there
 * are plain JavaScript, so none of them pays for tsx. Under tsx the same program runs as it stands.
 * In the quick run of all tests the servers and verbs that they start are one bundle, which loads in
 * half the time; `--all` starts the program file by file, as it is shipped.
 */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import esbuild from 'esbuild';
import { buildNative } from '../src/lib/native/build.mjs';

const ROOT = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
const BUILDS = path.join(ROOT, '.test-builds');
const TSC = path.join(ROOT, 'node_modules/typescript/bin/tsc');

/** The modules that threads start with. */
const THREADS = /(^|[/])worker[.]js$/;
/** Have native parts or files of their own, or are loaded late and are no ES modules. */
const WHOLE_PACKAGES = ['lmdb', 'fontkit', 'pdfkit', 'pino'];

const [program, ...args] = process.argv.slice(2);
removeOldBuilds();
const build = path.join(BUILDS, String(process.pid));
process.on('exit', () => fs.rmSync(build, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => process.exit(1));
compile();
if (program === 'run.ts' && !args.includes('--all')) await bundle();
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
  buildNative(path.join(build, 'src/lib/native'));
  for (const name of linked) fs.symlinkSync(path.join(ROOT, name), path.join(build, name));
}

/**
 * The program and its threads, each where its own file is under `src`. Every module goes by the address
 * that it has there, so that it finds what it looks up beside itself.
 */
async function bundle() {
  const src = path.join(build, 'src');
  const bundled = path.join(build, 'bundle');
  const entries = fs.readdirSync(src, { recursive: true }).filter((file) => THREADS.test(file));
  const address = (file) => pathToFileURL(path.join(bundled, path.relative(src, file))).href;
  const withAddress = (module) => {
    if (!module.path.startsWith(src)) return undefined;
    const code = fs.readFileSync(module.path, 'utf8');
    const url = JSON.stringify(address(module.path));
    return { contents: code.replaceAll('import.meta.url', url) };
  };
  const require = "import { createRequire as requireFrom } from 'node:module';";
  await esbuild.build({
    entryPoints: ['main.js', ...entries].map((file) => path.join(src, file)),
    outdir: bundled,
    outbase: src,
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'es2023',
    external: WHOLE_PACKAGES,
    plugins: [
      { name: 'address', setup: ({ onLoad }) => onLoad({ filter: /[.]js$/ }, withAddress) },
    ],
    // Packages in the older form ask for Node's modules by `require`.
    banner: { js: `${require} const require = requireFrom(import.meta.url);` },
  });
  for (const folder of ['web', 'lib/native']) {
    fs.mkdirSync(path.join(bundled, path.dirname(folder)), { recursive: true });
    fs.symlinkSync(path.join(src, folder), path.join(bundled, folder));
  }
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
