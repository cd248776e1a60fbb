/**
 * Names of a Graphite's series, for a comparison: all that its index has, the tagged ones too; where it
 * has no index, as many as a walk down its tree finds. Of them a sample at random, the same for a seed.
 */
import { UserError } from '../lib/errors.ts';
import { NameTree } from '../storage/index/name-tree.ts';
import type { GraphiteServer } from './graphite-server.ts';
import { Random } from './random.ts';

interface NameChoice {
  /** Globs of names: `servers.**`. Without one all match. */
  match: readonly string[];
  exclude: readonly string[];
  sample: number;
  seed: number;
}

interface SampledNames {
  names: string[];
  /** As many matched. */
  of: number;
  /** Names that no target can say, such as those with blanks or braces. */
  unsayable: number;
}

/** Finds of one walk. */
const WALK_FINDS_MAX = 2000;
/** The walk ends when it has so many names for each that is taken. */
const WALK_NAMES_EACH = 20;
/** What the grammar of targets takes for something else than a name, or not at all. */
const UNSAYABLE = /[\s()[\]{},'"*?\\]|^[\d.e+-]+$/;

/** A file of a tagged series, which the index of a graphite-web shows beside its true name. */
const HASHED = /^_tagged\./;

export async function sampleNames(
  server: GraphiteServer,
  choice: NameChoice,
): Promise<SampledNames> {
  const random = new Random(choice.seed);
  const all = await listNames(server, choice, random);
  const chosen = chosenOf([...new Set(all)].sort(), choice);
  const sayable = chosen.filter((name) => !UNSAYABLE.test(name));
  const count = Math.min(choice.sample, sayable.length);
  for (let i = 0; i < count; i++) {
    const j = i + random.whole(sayable.length - i);
    [sayable[i], sayable[j]] = [sayable[j]!, sayable[i]!]; // both are within
  }
  return {
    names: sayable.slice(0, count).sort(),
    of: chosen.length,
    unsayable: chosen.length - sayable.length,
  };
}

async function listNames(
  server: GraphiteServer,
  choice: NameChoice,
  random: Random,
): Promise<string[]> {
  const plain =
    (await tryList(server, 'metrics/index.json')) ?? (await walk(server, choice, random));
  // A Graphite without tags has no such list.
  return plain.concat((await tryList(server, 'tags/findSeries?expr=name%3D~.%2B')) ?? []);
}

/** Undefined where the server has no such list; throws when it does not answer at all. */
async function tryList(server: GraphiteServer, path: string): Promise<string[] | undefined> {
  try {
    const list = await server.json(path);
    if (!Array.isArray(list)) return undefined;
    return list.filter(
      (name): name is string => typeof name === 'string' && name !== '' && !HASHED.test(name),
    );
  } catch (error) {
    if (error instanceof UserError && error.code === 'badTarget') return undefined;
    throw error;
  }
}

/** Branches in an order at random, so that each part of a large tree has its chance. */
async function walk(
  server: GraphiteServer,
  { sample }: NameChoice,
  random: Random,
): Promise<string[]> {
  const names: string[] = [];
  const branches = ['*'];
  for (let finds = 0; finds < WALK_FINDS_MAX && branches.length > 0; finds++) {
    if (names.length >= sample * WALK_NAMES_EACH) break;
    const [query] = branches.splice(random.whole(branches.length), 1);
    const path = `metrics/find?format=treejson&query=${encodeURIComponent(query!)}`; // there is one
    for (const { id, leaf } of await server.objects(path)) {
      if (typeof id !== 'string') continue;
      if (leaf) names.push(id);
      else branches.push(`${id}.*`);
    }
  }
  return names;
}

function chosenOf(names: string[], { match, exclude }: NameChoice): string[] {
  if (match.length === 0 && exclude.length === 0) return names;
  const tree = new NameTree();
  const metrics = [...new Set(names.map(metricOf))];
  metrics.forEach((metric, i) => tree.insert(metric, i));
  const found = (globs: readonly string[]): Set<string> =>
    new Set(globs.flatMap((glob) => tree.find(glob, Infinity).map(({ path }) => path)));
  const [taken, left] = [found(match), found(exclude)];
  return names.filter((name) => {
    const metric = metricOf(name);
    return (match.length === 0 || taken.has(metric)) && !left.has(metric);
  });
}

/** A tagged name without its tags. */
function metricOf(name: string): string {
  return name.split(';', 1)[0]!; // there is always a first
}
