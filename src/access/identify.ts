/**
 * Who asks: by the header of a proxy that has checked them, by a bearer token, or by name and
 * password (basic, RFC 7617). What is given and wrong is never taken for nobody.
 */
import { UserError } from '../lib/errors.ts';
import { isIn, plainAddress } from '../config/peers.ts';
import type { AccessRules } from './access-file.ts';
import type { Logins } from './logins.ts';
import type { Rights } from './rights.ts';
import { tokenHash } from './secrets.ts';

interface Identity {
  /** `user alice`, `token grafana`, for messages. */
  name: string;
  rights: Rights;
}

interface Asker {
  headers: Record<string, string | string[] | undefined>;
  /** Of the other end of the connection. */
  address: string;
}

/** Undefined for whoever says nothing; rejects with `unauthorized` for what is not right. */
export async function identify(
  { headers, address }: Asker,
  rules: AccessRules,
  logins: Logins,
): Promise<Identity | undefined> {
  const proxied = throughProxy({ headers, address }, rules);
  if (proxied !== undefined) return proxied;
  const { authorization } = headers;
  if (authorization === undefined) return undefined;
  const [, scheme = '', credentials = ''] =
    /^([a-z]+) +([^ ]+)$/i.exec(String(authorization).trim()) ?? [];
  if (scheme.toLowerCase() === 'bearer') {
    const token = rules.tokens.get(tokenHash(credentials));
    if (token !== undefined) return { name: `token ${token.name}`, rights: token.rights };
    throw unauthorized('the token is not known');
  }
  if (scheme.toLowerCase() === 'basic') {
    const given = basic(credentials);
    if (given === undefined) throw unauthorized('authorization: expected name:password in base64');
    const user = rules.users.get(given.user);
    const asked = { ...given, address: plainAddress(address) };
    if ((await logins.check(asked, user?.password)) && user !== undefined) {
      return { name: `user ${given.user}`, rights: user.rights };
    }
    throw unauthorized('the user or the password is not right');
  }
  throw unauthorized('authorization: expected Basic or Bearer');
}

function throughProxy(
  { headers, address }: Asker,
  { proxy, users }: AccessRules,
): Identity | undefined {
  if (proxy === undefined || !isIn(proxy.from, address)) return undefined;
  const said = headers[proxy.header];
  if (said === undefined) return undefined;
  const user = typeof said === 'string' ? users.get(said) : undefined;
  if (user === undefined) throw unauthorized(`the user of ${proxy.header} is not known`);
  return { name: `user ${String(said)}`, rights: user.rights };
}

function basic(credentials: string): { user: string; password: string } | undefined {
  const text = Buffer.from(credentials, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 0 ? undefined : { user: text.slice(0, colon), password: text.slice(colon + 1) };
}

export function unauthorized(sentence: string): UserError {
  return new UserError('unauthorized', sentence);
}
