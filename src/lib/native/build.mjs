// Compiles sockets.c into a folder, for Linux: what `npm run build`, `npm start` and the tests call
// (for this machine) and `npm pack` (for every processor that a compiler is here for). Where one is
// not, a sentence says so; native.ts says at run time what is missing, and tallyd works without.
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const SOURCE = fileURLToPath(new URL('sockets.c', import.meta.url));
/** No library is linked: what is called is in the process, whichever C library it has. */
const FLAGS = ['-std=c11', '-O2', '-Wall', '-Wextra', '-fPIC', '-shared', '-nostdlib'];
// Loaded at once or not at all; and without what only glibc has.
FLAGS.push('-fvisibility=hidden', '-U_FORTIFY_SOURCE', '-Wl,-z,now', '-Wl,-z,noexecstack', '-s');
// What a compiler of tomorrow warns of keeps nobody's receiver away.
if (process.env.CI === 'true') FLAGS.push('-Werror');
/** Processors that the package carries a file for, and their compilers on other machines (Debian). */
const CROSS_COMPILERS = { x64: 'x86_64-linux-gnu-gcc', arm64: 'aarch64-linux-gnu-gcc' };

/** `every`: for each processor of the package. Gives a sentence for each file that was not made. */
export function buildNative(folder, { every = false } = {}) {
  if (process.platform !== 'linux')
    return ['not for this system: the native receiver is for Linux'];
  const own = { [process.arch]: process.env.CC || 'cc' };
  const compilers = every ? { ...CROSS_COMPILERS, ...own } : own;
  fs.mkdirSync(folder, { recursive: true });
  return Object.entries(compilers).flatMap(([arch, compiler]) => compile(folder, arch, compiler));
}

function compile(folder, arch, compiler) {
  let headers;
  try {
    headers = createRequire(import.meta.url)('node-api-headers').include_dir;
  } catch {
    return ['no native receiver: node-api-headers is not installed (npm ci without --omit=dev)'];
  }
  const output = path.join(folder, `linux-${arch}.node`);
  const args = [...FLAGS, '-I', headers, SOURCE, '-o', output];
  const { error, status, stderr } = spawnSync(compiler, args, { encoding: 'utf8' });
  if (status === 0) return [];
  fs.rmSync(output, { force: true });
  const why = error?.code === 'ENOENT' ? 'not found' : (error?.message ?? stderr.trim());
  return [`no native receiver for linux-${arch}: ${compiler}: ${why}`];
}
