/**
 * The evaluation of one request's trees, inside out. A call's answer is kept for the request, so
 * that an expression that stands in several targets, or is evaluated again by a function that widens
 * the window (movingAverage, timeShift …), costs once.
 */
import { UserError } from '../lib/errors.ts';
import type { Store } from '../storage/store.ts';
import { checkTime, parseAtTime } from './attime.ts';
import { Budget } from './budget.ts';
import { Fetches, type Selection } from './fetches.ts';
import { type Argument, bindArguments, paramOf } from './functions/coerce.ts';
import { functionNamed } from './functions/index.ts';
import type { CallContext, Event, FunctionSpec, ParamKind, Value } from './functions/spec.ts';
import type { EvaluateRequest } from './request.ts';
import { makeSeries, type Series } from './series/series.ts';
import type { CallNode, Node, PathNode, TemplateNode } from './target/ast.ts';
import { parseTarget } from './target/parse.ts';
import { tagsOf } from './target/tag-expression.ts';
import { substitute, type Variables } from './target/variables.ts';

/** Answers of calls are kept up to so many datapoints (8 bytes each). */
const KEPT_POINTS_MAX = 2_000_000;
/** Where an expression is evaluated. */
export interface Scope {
  from: number;
  until: number;
  /** Shared by all that is evaluated in one window, so setXFilesFactor reaches later targets. */
  settings: { xFilesFactor: number };
  variables: Variables | undefined;
  /** The target that nodes are offsets into. */
  text: string;
  /**
   * Inside a keyword argument. graphite-web reads only the paths of positional ones before it
   * evaluates, and later knows no others: a path given by keyword alone is no series.
   */
  byKeyword?: boolean;
}

export class Evaluation {
  readonly request: EvaluateRequest;
  readonly budget: Budget;
  readonly fetches: Fetches;
  readonly stacks: CallContext['stacks'] = new Map();
  /** Times that a call changed what later ones answer. */
  effects = 0;
  private readonly kept = new Map<string, Value>();
  /** Errors that already say where they happened. */
  private readonly placed = new WeakSet<Error>();
  private keptPoints = 0;

  constructor(store: Store, request: EvaluateRequest) {
    this.request = request;
    this.budget = new Budget(request.limits);
    this.fetches = new Fetches(store, request.now, this.budget.limits);
  }

  /** Everything that a tree reads from the store over its own window; see `Scope.byKeyword`. */
  *selectionsOf(node: Node, variables: Variables | undefined): Generator<Selection> {
    if (node.kind === 'path') {
      const path = substitute(node.text, variables);
      if (typeof path === 'string') yield { path };
    } else if (node.kind === 'template') {
      yield* this.selectionsOf(node.body, this.variablesOf(node));
    } else if (node.kind === 'call') {
      if (node.name === 'seriesByTag') {
        const tags = node.args.flatMap((arg) => (arg.kind === 'string' ? [arg.value] : []));
        if (tags.length > 0 && tags.length === node.args.length) yield { tags };
        return;
      }
      for (const arg of node.args) yield* this.selectionsOf(arg, variables);
    }
  }

  async seriesOf(scope: Scope, node: Node): Promise<Series[]> {
    const value = await this.value(scope, node, 'seriesList');
    if (!Array.isArray(value)) {
      throw new UserError('badTarget', `target: ${String(value)} read, expected series`);
    }
    const [first] = value;
    if (Array.isArray(first)) {
      throw new UserError('badTarget', 'target: lists of series read, reduceSeries makes series');
    }
    return value as Series[];
  }

  private async value(scope: Scope, node: Node, expected: ParamKind | undefined): Promise<Value> {
    switch (node.kind) {
      case 'path':
        return this.path(scope, node, expected);
      case 'template':
        return this.value({ ...scope, variables: this.variablesOf(node) }, node.body, expected);
      case 'call':
        return this.call(scope, node);
      case 'none':
        return undefined;
      default:
        return node.value;
    }
  }

  private async path(scope: Scope, node: PathNode, expected?: ParamKind): Promise<Value> {
    const path = substitute(node.text, scope.variables);
    const wantsSeries = expected === undefined || expected.startsWith('series');
    const isVariable = scope.variables !== undefined && node.text.slice(1) in scope.variables;
    if (isVariable && !wantsSeries) return path;
    return this.fetch(scope, { path: String(path) }, String(path));
  }

  /** Reads series; `pathExpression` is what aggregates of them are named after. */
  async fetch(scope: Scope, selection: Selection, pathExpression: string): Promise<Series[]> {
    if (scope.byKeyword === true && !this.fetches.isGathered(selection, scope.from, scope.until)) {
      return [];
    }
    const found = await this.fetches.seriesOf(selection, scope.from, scope.until);
    const { xFilesFactor } = scope.settings;
    return found.map(({ name, fetched }) =>
      makeSeries({ name, pathExpression, tags: tagsOf(name), xFilesFactor, ...fetched }),
    );
  }

  private async call(scope: Scope, node: CallNode): Promise<Value> {
    const spec = functionNamed(node.name);
    if (spec === undefined) {
      throw new UserError(
        'badTarget',
        `function ${node.name} at column ${node.nameAt + 1} is not known: see /functions`,
      );
    }
    const key = this.keyOf(scope, node);
    const kept = this.kept.get(key);
    if (kept !== undefined) return kept;
    const before = this.effects;
    const args: Argument[] = [];
    for (const [i, arg] of node.args.entries()) {
      args.push({ value: await this.value(scope, arg, paramOf(spec, i)?.type), at: arg.at });
    }
    const named = [];
    for (const { name, value, at } of node.named) {
      const inside = { ...scope, byKeyword: true };
      named.push({ name, value: await this.value(inside, value, paramOf(spec, name)?.type), at });
    }
    const value = await this.invoke(scope, spec, node, bindArguments(spec, args, named));
    // What changes the request has to be called again to change it again.
    if (this.effects === before) this.keep(key, value);
    return value;
  }

  async invoke(
    scope: Scope,
    spec: FunctionSpec,
    node: CallNode | undefined,
    args: Value[],
  ): Promise<Series[] | Series[][]> {
    await this.budget.startCall();
    try {
      const context = new Call(this, scope, node);
      const series = await spec.call(context, ...(args as never[]));
      this.budget.reserve(pointsOf(series));
      return series;
    } catch (error) {
      throw this.place(error, spec.name, node?.nameAt);
    }
  }

  /** Adds function and column to a sentence that lacks them. */
  private place(error: unknown, name: string, at: number | undefined): unknown {
    if (!(error instanceof UserError) || this.placed.has(error)) return error;
    const where = at === undefined ? '' : ` (column ${at + 1})`;
    const prefix = error.message.startsWith(`${name}: `) ? '' : `${name}: `;
    const located = new UserError(error.code, `${prefix}${error.message}${where}`);
    this.placed.add(located);
    return located;
  }

  private variablesOf(node: TemplateNode): Variables {
    return { ...node.variables, ...this.request.templates };
  }

  private keyOf(scope: Scope, node: Node): string {
    const { from, until, settings, variables, text, byKeyword } = scope;
    const place = `${from}:${until}:${settings.xFilesFactor}:${byKeyword === true}`;
    const names = variables === undefined ? '' : JSON.stringify(variables);
    return `${place}:${names}:${text.slice(node.at, node.end)}`;
  }

  private keep(key: string, value: Value): void {
    const points = pointsOf(value);
    if (this.keptPoints + points > KEPT_POINTS_MAX) return;
    this.keptPoints += points + key.length;
    this.kept.set(key, value);
  }
}

/** What one call of a function sees of its request. */
class Call implements CallContext {
  private readonly evaluation: Evaluation;
  private readonly scope: Scope;
  private readonly node: CallNode | undefined;

  constructor(evaluation: Evaluation, scope: Scope, node: CallNode | undefined) {
    this.evaluation = evaluation;
    this.scope = scope;
    this.node = node;
  }

  get from(): number {
    return this.scope.from;
  }

  get until(): number {
    return this.scope.until;
  }

  get now(): number {
    return this.evaluation.request.now;
  }

  get tz(): string {
    return this.evaluation.request.tz ?? 'UTC';
  }

  get maxDataPoints(): number | undefined {
    return this.evaluation.request.maxDataPoints;
  }

  get xFilesFactor(): number {
    return this.scope.settings.xFilesFactor;
  }

  set xFilesFactor(value: number) {
    this.evaluation.effects += 1;
    this.scope.settings.xFilesFactor = value;
  }

  get stacks(): CallContext['stacks'] {
    this.evaluation.effects += 1;
    return this.evaluation.stacks;
  }

  async refetch(index: number, window: { from?: number; until?: number }): Promise<Series[]> {
    const argument = this.node?.args[index];
    if (argument === undefined) {
      throw new UserError('badTarget', 'this function reads other times, and cannot be a callback');
    }
    const { from, until, settings } = this.scope;
    for (const time of [window.from ?? from, window.until ?? until]) checkTime(time);
    const wider: Scope = {
      ...this.scope,
      from: Math.trunc(window.from ?? from),
      until: Math.trunc(window.until ?? until),
      settings: { ...settings },
    };
    const selections = this.evaluation.selectionsOf(argument, wider.variables);
    await this.evaluation.fetches.gather(selections, wider.from, wider.until);
    return this.evaluation.seriesOf(wider, argument);
  }

  async evaluate(target: string): Promise<Series[]> {
    const node = parseTarget(target);
    const { from, until } = this.scope;
    await this.evaluation.fetches.gather(
      this.evaluation.selectionsOf(node, undefined),
      from,
      until,
    );
    return this.evaluation.seriesOf({ ...this.scope, variables: undefined, text: target }, node);
  }

  async apply(name: string, ...args: Value[]): Promise<Series[]> {
    const spec = functionNamed(name);
    if (spec === undefined) {
      throw new UserError('badTarget', `function "${name}" read, expected one of /functions`);
    }
    const values = bindArguments(
      spec,
      args.map((value) => ({ value })),
    );
    const made = await this.evaluation.invoke(this.scope, spec, undefined, values);
    return made.flat();
  }

  async seriesByTag(expressions: string[]): Promise<Series[]> {
    const { node, scope } = this;
    const written = node === undefined ? '' : scope.text.slice(node.nameAt, node.end);
    return this.evaluation.fetch(scope, { tags: expressions }, written);
  }

  async events(tags: readonly string[]): Promise<Event[]> {
    const { events } = this.evaluation.request;
    return (await events?.(tags, this.from, this.until)) ?? [];
  }

  parseTime(text: string | number): number {
    return parseAtTime(String(text), this.now, this.tz);
  }

  pause(): Promise<void> {
    return this.evaluation.budget.pause();
  }

  reserve(pointCount: number): void {
    this.evaluation.budget.reserve(pointCount);
  }
}

function pointsOf(value: Value): number {
  if (!Array.isArray(value)) return 0;
  let count = 0;
  for (const one of value.flat()) count += one.values.length;
  return count;
}
