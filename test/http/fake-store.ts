/**
 * A store with names and no datapoints, for tests of routes that only list: globs know `*` as a
 * whole part and as a trailing star. Everything a test does not use throws.
 */
import type {
  FoundNode,
  SeriesInfo,
  Store,
  StoreHealth,
  TagExpression,
} from '../../src/storage/roles.ts';

export const HEALTHY: StoreHealth = {
  state: 'ok',
  seriesCount: 3,
  lastDurableFlush: 1_700_000_000,
  pendingFlushes: 0,
  droppedFlushes: 0,
  refusedSeries: 0,
  fileBytes: 4096,
  lastCommitMs: 1,
  pointsStored: 10,
  lateMerged: 0,
  corruptRecords: 0,
};

const INFO: Omit<SeriesInfo, 'name'> = {
  archives: [{ step: 60, points: 1440 }],
  aggregationMethod: 'sum',
  xFilesFactor: 0,
};

export function fakeStore(given: string[]): Store {
  const names = new Set(given);
  const records = new Map<string, string>();
  const sorted = (): string[] => [...names].sort();
  const id = (name: string): number => sorted().indexOf(name);
  const tagsOf = (name: string): Map<string, string> => {
    const [base, ...parts] = name.split(';');
    const pairs = parts.map((part) => part.split('=') as [string, string]);
    return new Map([...pairs, ['name', base!]]);
  };
  const tagged = (expressions: TagExpression[]): string[] =>
    sorted()
      .filter((name) => name.includes(';'))
      .filter((name) =>
        expressions.every(({ tag, operator, value }) => {
          if (operator !== '=') throw new Error(`fake store: no ${operator}`);
          return (tagsOf(name).get(tag) ?? '') === value;
        }),
      );
  const unused = (): never => {
    throw new Error('fake store: not part of this test');
  };
  return {
    append: unused,
    appendPoints: unused,
    appendNumbered: unused,
    importSeries: unused,
    lastGauges: unused,
    fetch: unused,
    findSketched: () => [],
    findSketchedByTags: () => [],
    fetchSketches: unused,
    find: (pattern) => findNodes(sorted(), pattern),
    lookup: (name) => (names.has(name) ? { id: id(name), name } : undefined),
    allNames: sorted,
    info: (series) => ({ name: sorted()[series]!, ...INFO }),
    findTagged: (expressions) => tagged(expressions).map((name) => ({ id: id(name), name })),
    tagNames: ({ expressions, prefix = '' }) => {
      const found = new Set(tagged(expressions).flatMap((name) => [...tagsOf(name).keys()]));
      return [...found].filter((tag) => tag.startsWith(prefix)).sort();
    },
    tagValues: (tag, { expressions, prefix = '' }) => {
      const counts = new Map<string, number>();
      for (const name of tagged(expressions)) {
        const value = tagsOf(name).get(tag);
        if (value?.startsWith(prefix)) counts.set(value, (counts.get(value) ?? 0) + 1);
      }
      return [...counts].sort(byKey).map(([value, count]) => ({ value, count }));
    },
    tagSeries: async (name) => {
      const isNew = !names.has(name);
      names.add(name);
      return isNew;
    },
    untag: async (gone) => gone.filter((name) => names.delete(name)).length,
    delete: async (gone) => gone.filter((name) => names.delete(name)).length,
    retain: unused,
    rename: unused,
    lastSeen: () => 0,
    putRecord: async (key, text) => {
      if (text === undefined) records.delete(key);
      else records.set(key, text);
    },
    listRecords: (prefix) =>
      [...records]
        .filter(([key]) => key.startsWith(prefix))
        .sort(byKey)
        .map(([key, text]) => ({ key, text })),
    health: () => HEALTHY,
    close: async () => {},
  };
}

function findNodes(names: string[], pattern: string): FoundNode[] {
  const wanted = pattern.split('.');
  const found = new Map<string, FoundNode>();
  for (const [id, name] of names.entries()) {
    const parts = name.split('.');
    if (name.includes(';') || parts.length < wanted.length) continue;
    if (!wanted.every((part, i) => partMatches(part, parts[i]!))) continue;
    const path = parts.slice(0, wanted.length).join('.');
    const node = found.get(path) ?? {
      path,
      text: parts[wanted.length - 1]!,
      leaf: false,
      branch: false,
      id: -1,
    };
    if (parts.length === wanted.length) Object.assign(node, { leaf: true, id });
    else node.branch = true;
    found.set(path, node);
  }
  return [...found.values()];
}

function partMatches(pattern: string, part: string): boolean {
  return pattern.endsWith('*') ? part.startsWith(pattern.slice(0, -1)) : pattern === part;
}

function byKey([a]: [string, unknown], [b]: [string, unknown]): number {
  return a < b ? -1 : 1;
}
