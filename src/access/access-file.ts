/**
 * `access.json5`: who may what. An unknown key is an error here, because a right that is misspelled
 * must not pass in silence.
 *
 *     groups     { web: { read: ['servers.web'], … } }                   rights by name
 *     users      { alice: { password: 'scrypt$…', groups: ['web'], … } }  rights of their own beside
 *     tokens     { grafana: { secret: 'sha256$…', groups: ['web'] } }
 *     proxy      { from: ['10.0.0.5'], header: 'x-forwarded-user' }       who has checked them already
 *     anonymous  { read: ['public'] }                                     whoever says no name
 */
import net from 'node:net';
import { type Finding, Findings, FileValues } from '../config/findings.ts';
import { readJson5 } from '../config/json5.ts';
import { networks } from '../config/peers.ts';
import { show } from '../config/values.ts';
import { UserError } from '../lib/errors.ts';
import { asObject } from '../lib/given.ts';
import { type Grant, joinGrants, NO_GRANT, type Rights } from './rights.ts';
import { type PasswordHash, readPasswordHash, readTokenSecret } from './secrets.ts';

interface User {
  /** Undefined for one that only the proxy lets in. */
  password: PasswordHash | undefined;
  rights: Rights;
}

export interface AccessRules {
  users: ReadonlyMap<string, User>;
  /** By the hash of the token. */
  tokens: ReadonlyMap<string, { name: string; rights: Rights }>;
  proxy: { from: net.BlockList; header: string } | undefined;
  anonymous: Rights | undefined;
}

type Members = Record<string, unknown>;

const LISTS = ['read', 'write', 'events', 'dashboards'] as const;
const FLAGS = ['status', 'admin'] as const;
const RIGHTS: readonly string[] = [...LISTS, ...FLAGS];
const HEADER = /^[a-z0-9-]{1,64}$/;
/** Others would be ambiguous in a header. */
const USER = /^[^\s:,\p{C}]{1,200}$/u;

/** Rules only where there is no error among the findings. */
export function parseAccess(
  text: string,
  file: string,
): { rules: AccessRules | undefined; findings: Finding[] } {
  const findings = new Findings();
  const located = readJson5(text);
  if ('problem' in located) {
    findings.error(`${file}:${located.line}:${located.column}`, located.problem);
    return { rules: undefined, findings: findings.list };
  }
  const values = new FileValues(file, located);
  for (const key of located.duplicates)
    findings.error(values.place(`${key}#`), 'the key is there twice');
  if (asObject(located.value) === undefined) {
    findings.error(values.place(''), 'expected an object with users, tokens, groups …');
  }
  const rules = new AccessReader(values, findings).read(values.root);
  return { rules: findings.list.length > 0 ? undefined : rules, findings: findings.list };
}

class AccessReader {
  private readonly values: FileValues;
  private readonly findings: Findings;
  private readonly groups = new Map<string, Grant>();

  constructor(values: FileValues, findings: Findings) {
    this.values = values;
    this.findings = findings;
  }

  read(root: Members): AccessRules {
    this.checkKeys(root, '', ['groups', 'users', 'tokens', 'proxy', 'anonymous']);
    for (const [name, at, group] of this.entries(root, 'groups')) {
      this.checkKeys(group, at, RIGHTS);
      this.groups.set(name, this.grant(group, at));
    }
    const users = new Map<string, User>();
    for (const [name, at, user] of this.entries(root, 'users')) {
      if (!USER.test(name)) this.error(`${at}#`, name, 'a name without blanks, ":" and ","');
      users.set(name, {
        password: this.password(user, at),
        rights: this.rights(user, at, 'password'),
      });
    }
    const tokens = new Map<string, { name: string; rights: Rights }>();
    for (const [name, at, token] of this.entries(root, 'tokens')) {
      const hash = readTokenSecret(String(token['secret']));
      // What is there may be the token itself, which no log is to have.
      if (hash === undefined) this.tell(`${at}/secret`, 'expected what "tallyd access token" says');
      else tokens.set(hash, { name, rights: this.rights(token, at, 'secret') });
    }
    return { users, tokens, proxy: this.proxy(root), anonymous: this.anonymous(root) };
  }

  /** Members of an object of objects, each with its name and path. */
  private entries(root: Members, key: string): [name: string, at: string, value: Members][] {
    const all = this.object(root, key, '') ?? {};
    return Object.keys(all).map((name) => {
      const at = `/${key}/${name}`;
      return [name, at, this.object(all, name, `/${key}`) ?? {}];
    });
  }

  private object(of: Members, key: string, at: string): Members | undefined {
    if (of[key] === undefined) return undefined;
    const object = asObject(of[key]);
    if (object === undefined) this.tell(`${at}/${key}`, `${key}: expected an object`);
    return object;
  }

  private password(user: Members, at: string): PasswordHash | undefined {
    const text = user['password'];
    if (text === undefined) return undefined;
    const hash = typeof text === 'string' ? readPasswordHash(text) : undefined;
    if (hash === undefined) {
      this.tell(`${at}/password`, 'expected what "tallyd access password" says');
    }
    return hash;
  }

  private rights(entry: Members, at: string, secret: string): Rights {
    this.checkKeys(entry, at, [secret, 'groups', ...RIGHTS]);
    const grants = [this.grant(entry, at)];
    for (const [i, name] of this.texts(entry, at, 'groups').entries()) {
      const group = this.groups.get(name);
      if (group === undefined) this.error(`${at}/groups/${i}`, name, 'one of groups');
      else grants.push(group);
    }
    return this.join(grants);
  }

  /** What cannot be read was told where it stands. */
  private join(grants: readonly Grant[]): Rights {
    return joinGrants(this.findings.list.length > 0 ? [NO_GRANT] : grants);
  }

  private grant(entry: Members, at: string): Grant {
    const list = (key: (typeof LISTS)[number]): string[] => this.texts(entry, at, key);
    const grant = {
      read: list('read'),
      write: list('write'),
      events: list('events'),
      dashboards: list('dashboards'),
      status: this.flag(entry, at, 'status'),
      admin: this.flag(entry, at, 'admin'),
    };
    for (const key of LISTS) {
      for (const [i, text] of grant[key].entries()) this.checkRule(key, text, `${at}/${key}/${i}`);
    }
    return grant;
  }

  private checkRule(key: (typeof LISTS)[number], text: string, at: string): void {
    try {
      joinGrants([{ ...NO_GRANT, [key]: [text] }]);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      this.tell(at, `${key}: ${error.message}`);
    }
  }

  private texts(entry: Members, at: string, key: string): string[] {
    const list = entry[key] ?? [];
    const isList = Array.isArray(list);
    if (isList && list.every((text) => typeof text === 'string' && text !== ''))
      return list as string[];
    this.error(`${at}/${key}`, list, 'a list of texts');
    return [];
  }

  private flag(entry: Members, at: string, key: string): boolean {
    const value = entry[key] ?? false;
    if (typeof value !== 'boolean') this.error(`${at}/${key}`, value, 'true or false');
    return value === true;
  }

  private proxy(root: Members): AccessRules['proxy'] {
    const proxy = this.object(root, 'proxy', '');
    if (proxy === undefined) return undefined;
    this.checkKeys(proxy, '/proxy', ['from', 'header']);
    const from = this.texts(proxy, '/proxy', 'from');
    if (from.length === 0) this.tell('/proxy', 'from: expected the addresses of the proxy');
    const list = networks(from);
    for (const [i, text] of from.entries()) {
      if (list.wrong.includes(text)) this.error(`/proxy/from/${i}`, text, 'an address or network');
    }
    const header = proxy['header'];
    if (typeof header === 'string' && HEADER.test(header.toLowerCase())) {
      return { from: list.networks, header: header.toLowerCase() };
    }
    this.error('/proxy/header', header, 'the name of a header such as x-forwarded-user');
    return undefined;
  }

  private anonymous(root: Members): Rights | undefined {
    const anonymous = this.object(root, 'anonymous', '');
    if (anonymous === undefined) return undefined;
    this.checkKeys(anonymous, '/anonymous', ['groups', ...RIGHTS]);
    return this.rights(anonymous, '/anonymous', 'groups');
  }

  private checkKeys(entry: Members, at: string, known: readonly string[]): void {
    for (const key of Object.keys(entry)) {
      if (!known.includes(key)) this.error(`${at}/${key}#`, key, `one of ${known.join(', ')}`);
    }
  }

  private error(at: string, read: unknown, expected: string): void {
    this.tell(at, `read ${show(read)}, expected ${expected}`);
  }

  private tell(at: string, sentence: string): void {
    this.findings.error(this.values.place(at), sentence);
  }
}
