/**
 * `/version`, and the web page: the three files of `web/` beside this room, read once when the
 * server starts. Works from the sources and from the compiled package.
 */
import { readFile } from 'node:fs/promises';
import type { FastifyInstance } from 'fastify';

/** The graphite-web whose answers we give; Grafana turns features on by it. */
const GRAPHITE_VERSION = '1.1.10';

const WEB = new URL('../web/', import.meta.url);
const FILES = [
  { url: '/', file: 'index.html', type: 'text/html; charset=utf-8' },
  { url: '/page.js', file: 'page.js', type: 'text/javascript; charset=utf-8' },
  { url: '/page.css', file: 'page.css', type: 'text/css; charset=utf-8' },
] as const;

/** The page may run its own script and style and talk to its own server, nothing else. */
const PAGE_POLICY =
  "default-src 'self'; img-src 'self' data:; frame-ancestors 'self'; base-uri 'none'";

export async function pageRoutes(app: FastifyInstance): Promise<void> {
  app.get('/version', async (_request, reply) =>
    reply.type('text/html; charset=utf-8').send(`${GRAPHITE_VERSION}\n`),
  );
  for (const { url, file, type } of FILES) {
    const text = await readFile(new URL(file, WEB), 'utf8');
    app.get(url, async (_request, reply) =>
      reply
        .header('content-security-policy', PAGE_POLICY)
        .header('cache-control', 'no-cache')
        .type(type)
        .send(text),
    );
  }
}
