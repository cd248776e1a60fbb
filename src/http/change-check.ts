/**
 * Who may change the store by Graphite's own routes (`/events`, `/tags/tagSeries` …), which ask for
 * no password: any program, and pages of this server, but no page of another site that somebody's
 * browser shows. A route says `config: { changes: true }`, and its requests are looked at here:
 *
 * - `Host` is an address, a name that no public name server answers for (`localhost`, `tallyd`), or
 *   one of `httpHosts`. A page that has its own name lead to this machine (DNS rebinding) is of the
 *   same origin to its browser, and only that name gives it away.
 * - `Sec-Fetch-Site` and `Origin`, which browsers send and pages cannot change, name no other site.
 *   Programs send neither.
 *
 * Reading is open under every name: the answers are for whoever reaches the port, and Grafana may
 * know it by any.
 */
import net from 'node:net';
import os from 'node:os';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { UserError } from '../lib/errors.ts';
import { clip } from './params.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Requests of this route change the store. */
    changes?: boolean;
  }
}

/** Ends of names that are never a site's: reserved for this machine, a local network, a cluster. */
const LOCAL_ENDS = ['.localhost', '.local', '.internal', '.home.arpa', '.svc'];
/** Of a browser's requests, those that no other site is behind. */
const OWN_SITE = ['same-origin', 'none'];

/** Asked before the body is read. */
export function guardChanges(app: FastifyInstance, hosts: readonly string[]): void {
  const check = changeCheck(hosts);
  app.addHook('onRoute', (route) => {
    if (route.config?.changes !== true) return;
    route.onRequest = [
      route.onRequest ?? [],
      async (request: FastifyRequest) => check(request),
    ].flat();
  });
}

/** A check that throws `forbidden`; `hosts` are names, or `*.example.com` for all below one. */
export function changeCheck(
  hosts: readonly string[],
): (request: Pick<FastifyRequest, 'headers'>) => void {
  const isOurs = ownNames(hosts);
  return ({ headers }) => {
    const { host } = headers;
    // Only HTTP/1.0 comes without, and no browser speaks it.
    if (host !== undefined && !isOurs(nameOf(host))) {
      throw forbidden(
        `as "${clip(host)}", expected an address, a name without a dot or one of httpHosts`,
      );
    }
    const site = headers['sec-fetch-site'];
    if (site !== undefined && !OWN_SITE.includes(site)) throw forbidden('by another site');
    const page = headers.origin ?? headers.referer;
    if (page === undefined) return;
    const from = hostOf(page);
    if (from !== undefined && from === withoutPort(host)) return;
    if (from === undefined || !isListed(hosts, nameOf(from))) {
      throw forbidden(`by a page of another site (${clip(page)}), expected a program`);
    }
  };
}

function ownNames(hosts: readonly string[]): (name: string) => boolean {
  const machine = os.hostname().toLowerCase();
  return (name) =>
    net.isIP(name) !== 0 ||
    /^[^.]+$/.test(name) ||
    name === machine ||
    LOCAL_ENDS.some((end) => name.endsWith(end)) ||
    isListed(hosts, name);
}

function isListed(hosts: readonly string[], name: string): boolean {
  return hosts.some((one) => {
    const listed = one.toLowerCase();
    return listed.startsWith('*.') ? name.endsWith(listed.slice(1)) : name === listed;
  });
}

/** The name of `name:port` or `[address]:port`, in small letters, without a last dot. */
function nameOf(host: string): string {
  const name = host.trim().replace(/:\d*$/, '');
  const plain = name.startsWith('[') && name.endsWith(']') ? name.slice(1, -1) : name;
  return plain.toLowerCase().replace(/\.$/, '');
}

/** The host of a page, undefined where it has none (`null`). */
function hostOf(page: string): string | undefined {
  const host = URL.canParse(page) ? new URL(page).host : '';
  return host === '' ? undefined : withoutPort(host);
}

/** Without the port that goes without saying, which TLS proxies leave out on one side. */
function withoutPort(host: string | undefined): string | undefined {
  return host
    ?.trim()
    .toLowerCase()
    .replace(/:(80|443)$/, '');
}

function forbidden(sentence: string): UserError {
  return new UserError('forbidden', `changes: asked ${sentence}`);
}
