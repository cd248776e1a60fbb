/**
 * What somebody may do, as `access.json5` says it: names to read and to write, events by their tags,
 * dashboards by their ids; `status` shows what tallyd says of itself and its senders, `admin` may
 * everything. What several say together is what each of them allows.
 */
import { globMatcher } from '../storage/index/glob.ts';
import { NameSet } from './name-set.ts';

/** As one entry of the file has them. */
export interface Grant {
  read: readonly string[];
  write: readonly string[];
  events: readonly string[];
  dashboards: readonly string[];
  status: boolean;
  admin: boolean;
}

export interface Rights {
  read: NameSet;
  write: NameSet;
  /** Tags, of which a visible event has one; undefined: all events. */
  events: readonly string[] | undefined;
  hasDashboard(id: string): boolean;
  status: boolean;
  admin: boolean;
  /** The same for whoever can read the same; '' for whoever can read everything. */
  key: string;
}

const ALL = '*';

export const NO_GRANT: Grant = {
  read: [],
  write: [],
  events: [],
  dashboards: [],
  status: false,
  admin: false,
};

/** Throws a sentence for a rule that cannot be read. */
export function joinGrants(grants: readonly Grant[]): Rights {
  const admin = grants.some((grant) => grant.admin);
  const of = (list: (grant: Grant) => readonly string[], all: string): string[] =>
    admin ? [all] : grants.flatMap(list);
  const read = new NameSet(of((grant) => grant.read, '**'));
  const tags = [...new Set(of((grant) => grant.events, ALL))].sort();
  const events = tags.includes(ALL) ? undefined : tags;
  const dashboards = of((grant) => grant.dashboards, ALL).map(globMatcher);
  return {
    read,
    write: new NameSet(of((grant) => grant.write, '**')),
    events,
    hasDashboard: (id) => dashboards.some((matches) => matches(id)),
    status: admin || grants.some((grant) => grant.status),
    admin,
    key: read.isAll && events === undefined ? '' : JSON.stringify([read.texts, events]),
  };
}

export const NO_RIGHTS = joinGrants([NO_GRANT]);
/** Where no file of rights is named. */
export const ALL_RIGHTS = joinGrants([{ ...NO_GRANT, admin: true }]);
