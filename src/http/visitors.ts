/**
 * Who asks and what they see: before any route, each request gets its visitor, and routes look names
 * up in the visitor's store alone, which holds no other names than may be read. So what is answered
 * (finds, renders, counts, limits, errors) is what a store without the others would answer. Where
 * the configuration names no file of rights, everybody is one visitor who may everything.
 *
 *     needs   'nothing'   answered to anybody, with no names in it
 *             'read'      unless said otherwise: whoever is known, or `anonymous`
 *             'write'     routes that change the store: some right to write; which, the route checks
 *             'admin'     /admin/…, DELETE /series
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { AccessRules } from '../access/access-file.ts';
import { identify, unauthorized } from '../access/identify.ts';
import { Logins, TooSoon } from '../access/logins.ts';
import { ALL_RIGHTS, NO_RIGHTS, type Rights } from '../access/rights.ts';
import { UserError } from '../lib/errors.ts';
import { inTurns } from '../lib/in-turns.ts';
import type { StoreReader, StoreView, StoreViews } from '../storage/roles.ts';
import { addVary } from './cors.ts';
import { parseForm } from './params.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    needs?: 'nothing' | 'read' | 'write' | 'admin';
  }
  interface FastifyRequest {
    /** Undefined until the request was looked at. */
    visitor: Visitor | undefined;
  }
}

export interface Visitor {
  /** Whatever it finds may be read. */
  store: StoreReader;
  /** Series in it; undefined where it is the whole store. */
  seriesCount: number | undefined;
  rights: Rights;
}

/** A view that nobody used for so long is given up; a request takes far less. */
const UNUSED_MS = 30 * 60_000;

interface KeptView {
  view: Promise<StoreView>;
  usedMs: number;
}

/** The visitor of a request. */
export function visitorOf(request: FastifyRequest): Visitor {
  const { visitor } = request;
  if (visitor === undefined) throw new Error('a request without a visitor');
  return visitor;
}

/** Whether what tallyd says of itself may be shown whole: examples of what it rejected have names. */
export function seesAll({ rights }: Visitor): boolean {
  return rights.status && rights.read.isAll;
}

/** `access` gives the rules in force, undefined where there are none. Before all routes. */
export function admitVisitors(
  app: FastifyInstance,
  store: StoreReader & StoreViews,
  access: () => AccessRules | undefined,
): Visitors {
  const visitors = new Visitors(store);
  app.decorateRequest('visitor', undefined);
  app.addHook('onRoute', (route) => {
    const isAdmin = route.url.startsWith('/admin/');
    const config = (route.config ??= {});
    config.needs ??= isAdmin ? 'admin' : config.changes === true ? 'write' : 'read';
  });
  app.addHook('onRequest', (request, reply, done) => {
    const rules = access();
    if (rules === undefined) {
      request.visitor = visitors.everybody;
      done();
      return;
    }
    visitors.admit(request, reply, rules).then(() => done(), done);
  });
  return visitors;
}

export class Visitors {
  readonly logins = new Logins(() => performance.now());
  readonly everybody: Visitor;
  private readonly store: StoreReader & StoreViews;
  /** By what may be read: those who may read the same share one. */
  private readonly views = new Map<string, KeptView>();

  constructor(store: StoreReader & StoreViews) {
    this.store = store;
    this.everybody = { store, seriesCount: undefined, rights: ALL_RIGHTS };
  }

  async admit(request: FastifyRequest, reply: FastifyReply, rules: AccessRules): Promise<void> {
    // What one may read is not for another, whoever asks between.
    sayPrivate(reply, rules);
    const { needs = 'read' } = request.routeOptions.config;
    const rights = await this.rightsOf(request, reply, rules);
    if (rights !== rules.anonymous) checkScript(request);
    checkNeeds(rights, needs);
    request.visitor = needs === 'nothing' ? nobody(rights) : await this.visitor(rights);
  }

  private async rightsOf(
    request: FastifyRequest,
    reply: FastifyReply,
    rules: AccessRules,
  ): Promise<Rights> {
    const { headers, socket } = request.raw;
    const asker = { headers, address: socket.remoteAddress ?? '' };
    const { needs } = request.routeOptions.config;
    try {
      const identity = await identify(asker, rules, this.logins);
      if (identity !== undefined) return identity.rights;
      if (rules.anonymous !== undefined) return rules.anonymous;
      if (needs === 'nothing') return NO_RIGHTS;
      throw unauthorized('rights: expected a user and password, or a token');
    } catch (error) {
      if (error instanceof TooSoon) reply.header('retry-after', error.seconds);
      else if (error instanceof UserError && error.code === 'unauthorized') {
        reply.header('www-authenticate', 'Basic realm="tallyd", charset="UTF-8"');
      }
      throw error;
    }
  }

  private async visitor(rights: Rights): Promise<Visitor> {
    if (rights.read.isAll) return { store: this.store, seriesCount: undefined, rights };
    const now = performance.now();
    const key = JSON.stringify(rights.read.texts);
    let kept = this.views.get(key);
    if (kept === undefined) {
      this.closeUnused(now);
      this.views.set(key, (kept = { view: this.makeView(rights), usedMs: now }));
    }
    kept.usedMs = now;
    const view = await kept.view;
    return { store: view, seriesCount: view.size, rights };
  }

  /** Others run in between: a store may have a million names. */
  private async makeView({ read }: Rights): Promise<StoreView> {
    return inTurns(this.store.viewing((name) => read.has(name)));
  }

  private closeUnused(now: number): void {
    for (const [key, { view, usedMs }] of this.views) {
      if (now - usedMs < UNUSED_MS) continue;
      this.views.delete(key);
      void view.then((made) => made.close());
    }
  }
}

/** For routes that look nothing up. */
function nobody(rights: Rights): Visitor {
  return {
    get store(): StoreReader {
      throw new Error('a route that needs nothing looks names up');
    },
    seriesCount: 0,
    rights,
  };
}

function checkNeeds(rights: Rights, needs: 'nothing' | 'read' | 'write' | 'admin'): void {
  if (needs === 'admin' && !rights.admin) throw forbidden('expected admin');
  if (needs === 'write' && rights.write.isEmpty) throw forbidden('expected some right to write');
}

/** Throws `forbidden` unless all these names may be written. */
export function requireWrite({ rights }: Visitor, names: readonly string[]): void {
  if (!names.every((name) => rights.write.has(name))) {
    throw forbidden('these names may not be written, expected some of those in "write"');
  }
}

export function forbidden(sentence: string): UserError {
  return new UserError('forbidden', `rights: ${sentence}`);
}

/**
 * A page of another site can have a browser load a script from here, under the name and password
 * that the browser knows, and read what it says. Nothing else of an answer gets to it.
 */
function checkScript({ url }: FastifyRequest): void {
  const query = url.slice(url.indexOf('?') + 1);
  if (!/jsonp|%/i.test(query) || !parseForm(query).has('jsonp')) return;
  throw forbidden('jsonp is for what anybody may read');
}

function sayPrivate(reply: FastifyReply, { proxy }: AccessRules): void {
  addVary(reply, proxy === undefined ? 'authorization' : `authorization, ${proxy.header}`);
}
