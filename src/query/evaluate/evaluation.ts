/**
 * The evaluation of one request's trees, inside out. A call's answer is cached for the request, so
 * that an expression that stands in several targets, or is evaluated again by a function that
 * widens the window (movingAverage, timeShift …), costs once.
 */
import { badTarget, overLimit, UserError } from '../../lib/errors.ts';
import type { StoreReader } from '../../storage/roles.ts';
import { RequestLimit } from './request-limit.ts';
import { FunctionCall, type Evaluator, type Scope } from './function-call.ts';
import { Fetches, type Selection } from './fetches.ts';
import { type Argument, bindArguments, paramOf } from '../functions/coerce.ts';
import { functionNamed } from '../functions/registry.ts';
import type { CallContext, FunctionSpec, ParamKind, Value } from '../functions/spec.ts';
import { partsOf } from './parts.ts';
import type { EvaluateRequest } from './request.ts';
import { makeSeries, type Series } from '../series/series.ts';
import { type Placed, SketchFetches } from './sketch-fetches.ts';
import type { CallNode, Node, PathNode, TemplateNode } from '../target/ast.ts';
import { tagsOf } from '../target/tag-expression.ts';
import { substitute, type Variables } from '../target/variables.ts';

/** Most datapoints in the cached answers of calls (8 bytes each). */
const CACHED_POINTS_MAX = 2_000_000;
const NAME_LENGTH_MAX = 1_000_000;
export class Evaluation implements Evaluator {
  readonly request: EvaluateRequest;
  readonly limit: RequestLimit;
  readonly fetches: Fetches;
  private readonly sketches: SketchFetches;
  readonly stacks: CallContext['stacks'] = new Map();
  effects = 0;
  private readonly cached = new Map<string, Value>();
  /** Errors that already say where they happened. */
  private readonly placed = new WeakSet<Error>();
  private cachedPoints = 0;

  constructor(store: StoreReader, request: EvaluateRequest) {
    this.request = request;
    this.limit = new RequestLimit(request.limits, request.isWanted);
    this.fetches = new Fetches(store, request.now, this.limit.limits);
    this.sketches = new SketchFetches(store, request.now, this.limit.limits, () =>
      this.limit.pause(),
    );
  }

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
      const spec = functionNamed(node.name);
      for (const [i, arg] of node.args.entries()) {
        if (spec !== undefined && paramOf(spec, i)?.type === 'timers') continue;
        yield* this.selectionsOf(arg, variables);
      }
    }
  }

  async seriesOf(scope: Scope, node: Node): Promise<Series[]> {
    const value = await this.value(scope, node, 'seriesList');
    if (!Array.isArray(value)) throw badTarget(`target: ${String(value)} read, expected series`);
    const [first] = value;
    if (Array.isArray(first)) {
      throw badTarget('target: lists of series read, reduceSeries makes series');
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
    const wantsSeries =
      expected === undefined || expected === 'timers' || expected.startsWith('series');
    const isVariable = scope.variables !== undefined && node.text.slice(1) in scope.variables;
    if (isVariable && !wantsSeries) return path;
    return this.fetch(scope, { path: String(path) }, String(path));
  }

  async fetch(scope: Scope, selection: Selection, pathExpression: string): Promise<Series[]> {
    if (scope.timers === true) return this.timers(scope, selection, pathExpression);
    if (scope.byKeyword === true && !this.fetches.isGathered(selection, scope.from, scope.until)) {
      return [];
    }
    const found = await this.fetches.seriesOf(selection, scope.from, scope.until);
    const { xFilesFactor } = scope.settings;
    return found.map(({ id, name, fetched }) => {
      const origin = { id, from: scope.from, until: scope.until, start: fetched.start };
      return makeSeries({
        name,
        pathExpression,
        tags: tagsOf(name),
        xFilesFactor,
        origin,
        ...fetched,
      });
    });
  }

  /** Timers and sets; their values are how much was counted. */
  private async timers(
    scope: Scope,
    selection: Selection,
    pathExpression: string,
  ): Promise<Series[]> {
    const found = await this.sketches.seriesOf(selection, scope.from, scope.until);
    const { xFilesFactor } = scope.settings;
    return found.map((series) =>
      makeSeries({ ...series, pathExpression, tags: tagsOf(series.name), xFilesFactor }),
    );
  }

  async sketchesBehind(seriesList: readonly Placed[]): Promise<(Series | undefined)[]> {
    const found = await this.sketches.behind(seriesList);
    return found.map((series) => (series === undefined ? undefined : makeSeries(series)));
  }

  private async call(scope: Scope, node: CallNode): Promise<Value> {
    const spec = functionNamed(node.name);
    if (spec === undefined) {
      throw badTarget(
        `function ${node.name} at column ${node.nameAt + 1} is not known: see /functions`,
      );
    }
    const key = this.keyOf(scope, node);
    const cached = this.cached.get(key);
    if (cached !== undefined) return cached;
    const before = this.effects;
    const args: Argument[] = [];
    for (const [i, arg] of node.args.entries()) {
      const expected = paramOf(spec, i)?.type;
      const inside = expected === 'timers' ? { ...scope, timers: true } : scope;
      args.push({ value: await this.value(inside, arg, expected), at: arg.at });
    }
    const named = [];
    for (const { name, value, at } of node.named) {
      const inside = { ...scope, byKeyword: true };
      named.push({ name, value: await this.value(inside, value, paramOf(spec, name)?.type), at });
    }
    const value = await this.invoke(scope, spec, node, bindArguments(spec, args, named));
    // A call that changes the request is not cached: it must change the request each time.
    if (this.effects === before) this.cache(key, value);
    return value;
  }

  async invoke(
    scope: Scope,
    spec: FunctionSpec,
    node: CallNode | undefined,
    args: Value[],
  ): Promise<Series[] | Series[][]> {
    await this.limit.startCall();
    try {
      const context = new FunctionCall(this, scope, node);
      const series = await this.answer(spec, context, args);
      this.limit.reserve(pointsOf(series));
      checkNames(series);
      return series;
    } catch (error) {
      throw this.place(error, spec.name, node?.nameAt);
    }
  }

  /** In parts where that makes no difference, with pauses between them. */
  private async answer(
    spec: FunctionSpec,
    context: CallContext,
    args: Value[],
  ): Promise<Series[] | Series[][]> {
    const [list, ...rest] = args;
    const { partPoints } = this.limit.limits;
    const isWhole = spec.isPerSeries !== true || pointsOf(list) <= partPoints;
    if (isWhole) return spec.call(context, ...(args as never[]));
    const answer: Series[] = [];
    for (const part of partsOf(list as Series[], partPoints)) {
      answer.push(...((await spec.call(context, ...([part, ...rest] as never[]))) as Series[]));
      await this.limit.pause();
    }
    return answer;
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
    const { from, until, settings, variables, text, byKeyword, timers } = scope;
    const mode = `${byKeyword === true}:${timers === true}`;
    const place = `${from}:${until}:${settings.xFilesFactor}:${mode}`;
    const names = variables === undefined ? '' : JSON.stringify(variables);
    return `${place}:${names}:${text.slice(node.at, node.end)}`;
  }

  private cache(key: string, value: Value): void {
    const points = pointsOf(value);
    if (this.cachedPoints + points > CACHED_POINTS_MAX) return;
    this.cachedPoints += points + key.length;
    this.cached.set(key, value);
  }
}

/** Renaming functions inside each other can double a name each time. */
function checkNames(series: Series[] | Series[][]): void {
  for (const { name } of series.flat()) {
    if (name.length <= NAME_LENGTH_MAX) continue;
    throw overLimit(`name of ${name.length} characters: at most ${NAME_LENGTH_MAX} are computed`);
  }
}

function pointsOf(value: Value): number {
  if (!Array.isArray(value)) return 0;
  let count = 0;
  for (const series of value.flat()) count += series.values.length;
  return count;
}
