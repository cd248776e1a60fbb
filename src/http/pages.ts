/**
 * `/version`, and the web page: index.html at `/`, and what it asks for below `/web/`, which is every
 * other file of `web/` beside this room and the chart library from its package. Read once, when the
 * server starts, and compressed once, when first asked for so. Works from the sources and from the
 * compiled package.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { addVary } from './cors.ts';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

/** The graphite-web whose answers we give; Grafana turns features on by it. */
const GRAPHITE_VERSION = '1.1.10';

const WEB = new URL('../web/', import.meta.url);
const TYPES: Record<string, string | undefined> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
};
/** Files of packages, by the names under which the page asks for them. */
const LIBRARIES: Record<string, string> = {
  'uplot.js': 'uplot/dist/uPlot.esm.js',
  'uplot.css': 'uplot/dist/uPlot.min.css',
};

/**
 * The page may run its own script and style and talk to its own server, nothing else; text never
 * becomes markup, which browsers that know Trusted Types see to.
 */
const PAGE_POLICY = (importMap: string): string =>
  [
    "default-src 'none'",
    `script-src 'self' '${importMap}'`,
    "style-src 'self'",
    "connect-src 'self'",
    "img-src 'self' data:",
    "frame-ancestors 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "require-trusted-types-for 'script'",
  ].join('; ');

export function pageRoutes(app: FastifyInstance): void {
  app.get('/version', { config: { needs: 'nothing' } }, async (_request, reply) =>
    reply.type('text/html; charset=utf-8').send(`${GRAPHITE_VERSION}\n`),
  );
  const require = createRequire(import.meta.url);
  const own = readdirSync(WEB).filter((name) => typeOf(name) !== undefined);
  const files = new Map<string, URL | string>(own.map((name) => [name, new URL(name, WEB)]));
  for (const [name, file] of Object.entries(LIBRARIES)) files.set(name, require.resolve(file));
  const policy = policyOf(readFileSync(new URL('index.html', WEB), 'utf8'));
  for (const [name, file] of files) {
    const page: Page = { bytes: readFileSync(file), type: typeOf(name)!, policy }; // it has a type
    const url = name === 'index.html' ? '/' : `/web/${name}`;
    app.get(url, { config: { etag: true } }, async (request, reply) => send(request, reply, page));
  }
}

interface Page {
  bytes: Buffer;
  gzipped?: Promise<Buffer>;
  type: string;
  policy: string;
}

/** Of the page's one script that stands in its text, the digest. */
function policyOf(html: string): string {
  const importMap = /<script type="importmap">([^<]*)</.exec(html)?.[1] ?? '';
  return PAGE_POLICY(`sha256-${createHash('sha256').update(importMap).digest('base64')}`);
}

async function send(
  request: FastifyRequest,
  reply: FastifyReply,
  page: Page,
): Promise<FastifyReply> {
  const { bytes, type, policy } = page;
  reply.header('content-security-policy', policy).type(type);
  addVary(reply, 'accept-encoding');
  const accepted = request.headers['accept-encoding'] ?? '';
  if (!/\bgzip\b/.test(accepted)) return reply.send(bytes);
  page.gzipped ??= promisify(gzip)(bytes, { level: 9 });
  return reply.header('content-encoding', 'gzip').send(await page.gzipped);
}

function typeOf(name: string): string | undefined {
  return TYPES[name.slice(name.lastIndexOf('.') + 1)];
}
