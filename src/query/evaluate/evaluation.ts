/**
 * The evaluation of one request's trees, inside out. A call's answer is cached for the request, so
 * that an expression that stands in several targets, or is evaluated again by a function that
 * widens the window (movingAverage, timeShift …), costs once.
 */
import { badTarget, UserError } from '../../lib/errors.ts';
import type { StoreReader } from '../../storage/roles.ts';
import { type Amount, evaluateLimits, RequestLimit, SERIES_STEPS } from './request-limit.ts';
import { FunctionCall, type Evaluator, type Scope } from './function-call.ts';
import { Fetches, isPattern, keyOf, type Selection } from './fetches.ts';
import { type Argument, bindArguments, paramOf } from '../functions/coerce.ts';
import { functionNamed } from '../functions/registry.ts';
import type { CallContext, FunctionSpec, ParamKind, Value } from '../functions/spec.ts';
import { partsOf } from './parts.ts';
import type { EvaluateRequest } from './request.ts';
import { makeSeries, type Series } from '../series/series.ts';
import { type Placed, SketchFetches } from './sketch-fetches.ts';
import type { CallNode, Node, PathNode, TemplateNode } from '../target/ast.ts';
import { pathText } from '../target/scan.ts';
import { tagsOf } from '../target/tag-expression.ts';
import { substitute, type Variables } from '../target/variables.ts';

/** Most datapoints in the cached answers of calls (8 bytes each); a series costs some on top. */
const CACHED_POINTS_MAX = 2_000_000;

/** Steps that looking for one variable in a path costs. */
const VARIABLE_STEPS = 50;

export class Evaluation implements Evaluator {
  readonly request: EvaluateRequest;
  readonly limit: RequestLimit;
  readonly fetches: Fetches;
  private readonly sketches: SketchFetches;
  readonly stacks: CallContext['stacks'] = new Map();
  effects = 0;
  /** Variables of templates, by those written in the target. */
  private readonly variables = new Map<string, Variables>();
  private readonly variableCounts = new Map<Variables, number>();
  private readonly variableIds = new Map<Variables, number>();
  private readonly cached = new Map<string, Value>();
  /** Series of paths: those that stand in a target many times are made once. */
  private readonly fetched = new Map<string, Series[]>();
  /** Errors that already say where they happened. */
  private readonly placed = new WeakSet<Error>();
  private cachedPoints = 0;

  constructor(store: StoreReader, request: EvaluateRequest) {
    this.request = request;
    this.limit = new RequestLimit(evaluateLimits(request.limits), request.isWanted);
    this.fetches = new Fetches(store, request.now, this.limit);
    this.sketches = new SketchFetches(store, request.now, this.limit);
  }

  *selectionsOf(node: Node, variables: Variables | undefined): Generator<Selection> {
    if (node.kind === 'path') {
      const path = this.filled(node.text, variables);
      if (typeof path === 'string') yield { path: pathText(path) };
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
    const path = this.filled(node.text, scope.variables);
    const wantsSeries =
      expected === undefined || expected === 'timers' || expected.startsWith('series');
    const isVariable =
      scope.variables !== undefined && Object.hasOwn(scope.variables, node.text.slice(1));
    if (isVariable && !wantsSeries) return path;
    const text = pathText(String(path));
    return this.fetch(scope, { path: text }, text);
  }

  async fetch(scope: Scope, selection: Selection, pathExpression: string): Promise<Series[]> {
    if (scope.timers === true) return this.timers(scope, selection, pathExpression);
    const isUnread = scope.unreadByKeyword === true && 'path' in selection;
    if (isUnread && !isPattern(selection.path)) {
      if (!this.fetches.isGathered(selection, scope.from, scope.until)) return [];
    }
    const { from, until } = scope;
    const { xFilesFactor } = scope.settings;
    const key = `${from}:${until}:${xFilesFactor}:${keyOf(selection)}:${pathExpression}`;
    const known = this.fetched.get(key);
    if (known !== undefined) return known;
    const found = await this.fetches.seriesOf(selection, from, until);
    this.limit.spend(found.length * SERIES_STEPS);
    const made = found.map(({ id, name, fetched }) => {
      const origin = { id, from, until, start: fetched.start };
      return makeSeries({
        name,
        pathExpression,
        tags: tagsOf(name),
        xFilesFactor,
        origin,
        ...fetched,
      });
    });
    // Other windows are read for one call, whose answer is cached.
    if (from === this.request.from && until === this.request.until) this.fetched.set(key, made);
    return made;
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
    const key = this.callKey(scope, node);
    const cached = this.cached.get(key);
    if (cached !== undefined) return cached;
    const before = this.effects;
    const held = { series: 0, points: 0 };
    try {
      const args = await this.argumentsOf(scope, spec, node, held);
      const value = await this.invoke(scope, spec, node, args);
      // A call that changes the request is not cached: it must change the request each time.
      if (this.effects === before) this.cache(key, value);
      return value;
    } finally {
      this.limit.release(held);
    }
  }

  /** The arguments of a call; adds what they hold to `held`. */
  private async argumentsOf(
    scope: Scope,
    spec: FunctionSpec,
    node: CallNode,
    held: Amount,
  ): Promise<Value[]> {
    const take = async (inside: Scope, arg: Node, expected?: ParamKind): Promise<Value> => {
      await this.limit.pause();
      const value = await this.value(inside, arg, expected);
      const amount = amountOf(value);
      held.series += amount.series;
      held.points += amount.points;
      this.limit.hold(amount);
      return value;
    };
    const args: Argument[] = [];
    for (const [i, arg] of node.args.entries()) {
      const expected = paramOf(spec, i)?.type;
      const inside = expected === 'timers' ? { ...scope, timers: true } : scope;
      args.push({ value: await take(inside, arg, expected), at: arg.at });
    }
    const named: (Argument & { name: string })[] = [];
    for (const { name, value, at } of node.named) {
      const param = paramOf(spec, name);
      const inside = param?.unreadByKeyword === true ? { ...scope, unreadByKeyword: true } : scope;
      named.push({ name, value: await take(inside, value, param?.type), at });
    }
    return bindArguments(spec, args, named);
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
      for (const value of args) this.limit.spend(stepsOf(value));
      const series = await this.answer(spec, context, args);
      this.limit.reserve(amountOf(series).points);
      this.admitNames(series);
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
    const isWhole = spec.isPerSeries !== true || stepsOf(list) <= partPoints;
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

  /** A path with its variables; each is looked for in it. */
  private filled(path: string, variables: Variables | undefined): string | number {
    if (variables !== undefined && path.includes('$')) {
      this.limit.spend(path.length + VARIABLE_STEPS * (this.variableCounts.get(variables) ?? 0));
    }
    return substitute(path, variables);
  }

  /** The same object for templates with the same variables. */
  private variablesOf(node: TemplateNode): Variables {
    const key = JSON.stringify(node.variables);
    let variables = this.variables.get(key);
    if (variables === undefined) {
      variables = { ...node.variables, ...this.request.templates };
      this.variables.set(key, variables);
      this.variableCounts.set(variables, Object.keys(variables).length);
      this.variableIds.set(variables, this.variables.size);
    }
    return variables;
  }

  private callKey(scope: Scope, node: Node): string {
    const { from, until, settings, variables, text, unreadByKeyword, timers } = scope;
    const mode = `${unreadByKeyword === true}:${timers === true}`;
    const place = `${from}:${until}:${settings.xFilesFactor}:${mode}`;
    const names = variables === undefined ? '' : String(this.variableIds.get(variables));
    return `${place}:${names}:${text.slice(node.at, node.end)}`;
  }

  private cache(key: string, value: Value): void {
    const points = stepsOf(value) + key.length;
    if (this.cachedPoints + points > CACHED_POINTS_MAX) return;
    this.cachedPoints += points;
    this.cached.set(key, value);
  }

  /** Renaming functions inside each other can double a name each time. */
  private admitNames(series: Series[] | Series[][]): void {
    let length = 0;
    for (const item of series) {
      if (Array.isArray(item)) for (const { name } of item) length += name.length;
      else length += item.name.length;
    }
    this.limit.admitNames(length);
  }
}

/** How much stands in a value, lists in lists counted. */
export function amountOf(value: Value): Amount {
  if (!Array.isArray(value)) return { series: 0, points: 0 };
  let series = 0;
  let points = 0;
  for (const item of value) {
    if (Array.isArray(item)) {
      series += item.length;
      for (const { values } of item) points += values.length;
    } else {
      series += 1;
      points += item.values.length;
    }
  }
  return { series, points };
}

/** What it costs to go through a value once. */
function stepsOf(value: Value): number {
  const { series, points } = amountOf(value);
  return points + SERIES_STEPS * series;
}
