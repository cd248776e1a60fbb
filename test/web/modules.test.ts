/** What a browser is sent at first: the modules that the page starts with, all asked at once. */
import fs from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { ROOT } from '../support/program.ts';
import { assert, describe } from '../support/suite.ts';

const WEB = path.join(ROOT, 'src/web');
const UPLOT = path.join(ROOT, 'node_modules/uplot/dist/uPlot.esm.js');
/** Of all JavaScript, compressed. */
const BYTES_MAX = 200_000;

const read = (name: string): string => fs.readFileSync(path.join(WEB, name), 'utf8');

function startedWith(name: string, all = new Set<string>()): Set<string> {
  if (all.has(name)) return all;
  all.add(name);
  const imports = /^import [^;]*?from '\.\/([\w-]+\.js)'/gms;
  for (const match of read(name).matchAll(imports)) startedWith(match[1]!, all);
  return all;
}

describe('modules of the page', (it) => {
  it('are asked at once where the page starts with them', () => {
    const preloads = /modulepreload" href="web\/([\w-]+\.js)"/g;
    const listed = [...read('index.html').matchAll(preloads)].map((match) => match[1]!);
    const needed = [...startedWith('main.js')].filter((name) => name !== 'main.js');
    assert.equal([...listed].sort(), [...needed, 'uplot.js'].sort());
  });

  it('are small, all of them and the library', () => {
    const files = fs.readdirSync(WEB).filter((name) => name.endsWith('.js'));
    const texts = [...files.map(read), fs.readFileSync(UPLOT, 'utf8')];
    const bytes = texts.reduce((sum, text) => sum + gzipSync(text).length, 0);
    assert.ok(bytes < BYTES_MAX, `${bytes} bytes`);
  });
});
