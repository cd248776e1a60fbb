/**
 * Random targets over the grammar and the registry, and mutations of them: the same seed gives the
 * same targets, so that a failure can be repeated.
 */
import { FUNCTIONS } from '../../../src/query/functions/registry.ts';
import type { Param } from '../../../src/query/functions/spec.ts';

const SPECS = ['graphite', 'carbonapi'].flatMap((origin) =>
  [...FUNCTIONS.values()].filter((spec) => spec.origin === origin),
);
const PATHS = [
  'app.ramp',
  'app.*',
  'servers.*.cpu.{user,system}',
  'servers.web0[12].cpu.*',
  'stats.gauges.queue.*',
  'multi.avg',
  'fast.*.rps',
  'slow.temperature',
  'both.node',
  'deep.**',
  'nosuch.x',
  'disk.used;datacenter=dc1;rack=a1;server=web01',
];
const STRINGS = [
  'x',
  '',
  'user',
  'web',
  'max',
  '.*',
  '(a',
  '\\\\1',
  'total %d',
  '2',
  'ff0000',
  'é',
];
const INTERVALS = ['5min', '1h', '-10min', '1d', '90s', '2w', 'bogus', '0min', '1mon'];
const AGGREGATIONS = ['sum', 'avg', 'max', 'median', 'last', 'count', 'nosuch', 'sumSeries'];
const TIMES = ['now', '-1h', 'midnight', '20231114', '1699999000', 'noon yesterday', 'bogus'];
const NUMBERS = ['0', '1', '-1', '2.5', '1e3', '95', '1e-2', '100', 'inf'];
const CHARACTERS = '(){}[],.*|\'"\\$=;:%-+ 019aZ\n\u00e9\u{1f600}'.split('');

export class RandomTargets {
  private state: number;
  private readonly paths: readonly string[];

  constructor(seed: number, paths = PATHS) {
    this.state = seed;
    this.paths = paths;
  }

  below(count: number): number {
    this.state = (Math.imul(this.state, 1_664_525) + 1_013_904_223) | 0;
    return Math.floor(((this.state >>> 8) / 2 ** 24) * count);
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!; // below the length
  }

  target(depth = 3): string {
    if (depth === 0 || this.below(5) === 0) return this.pick(this.paths);
    const spec = this.pick(SPECS);
    const args: string[] = [];
    for (const param of spec.params) {
      const isOptional = param.required !== true && param.type !== 'seriesList';
      if (isOptional && this.below(2) === 0) break;
      const count = param.multiple === true ? 1 + this.below(2) : 1;
      for (let i = 0; i < count; i++) args.push(this.argument(param, depth));
    }
    const call = `${spec.name}(${args.join(', ')})`;
    switch (this.below(12)) {
      case 0:
        return `${call}|alias("piped")`;
      case 1:
        return `template(${call}, host="web01")`;
      default:
        return call;
    }
  }

  private argument(param: Param, depth: number): string {
    if (this.below(40) === 0) return this.pick([...NUMBERS, 'None', 'true', '"odd"', 'a.b']);
    const quoted = (items: readonly string[]): string => `"${this.pick(items)}"`;
    switch (param.type) {
      case 'seriesList':
      case 'any':
        return this.target(depth - 1);
      case 'seriesLists':
        return `mapSeries(${this.target(depth - 1)}, 1)`;
      case 'interval':
        return quoted(INTERVALS);
      case 'intOrInterval':
        return this.below(2) === 0 ? this.pick(NUMBERS) : quoted(INTERVALS);
      case 'aggFunc':
      case 'aggOrSeriesFunc':
        return quoted(AGGREGATIONS);
      case 'date':
        return quoted(TIMES);
      case 'boolean':
        return this.pick(['true', 'false', 'None', '"true"']);
      case 'string':
      case 'tag':
        return this.below(8) === 0 ? quoted(INTERVALS) : quoted(STRINGS);
      case 'nodeOrTag':
        return this.below(3) === 0 ? quoted(['server', 'name']) : this.pick(['0', '1', '-1', '9']);
      default:
        return this.pick(NUMBERS);
    }
  }

  /** A few characters dropped, doubled, exchanged or put in. */
  mutated(target: string): string {
    const characters = Array.from(target);
    for (let i = 0; i <= this.below(4); i++) {
      const at = this.below(characters.length + 1);
      switch (this.below(4)) {
        case 0:
          characters.splice(at, 1 + this.below(3));
          break;
        case 1:
          characters.splice(at, 0, this.pick(CHARACTERS));
          break;
        case 2:
          characters.splice(at, 1, this.pick(CHARACTERS));
          break;
        default:
          characters.splice(at, 0, ...characters.slice(at, at + this.below(10)));
      }
    }
    return characters.join('');
  }
}
