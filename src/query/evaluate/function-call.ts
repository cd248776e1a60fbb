/**
 * What a function may ask of the request it is called in: its window and settings, its arguments
 * over another window, other targets and functions. The evaluation does the work.
 */
import { badTarget } from '../../lib/errors.ts';
import { checkTime, parseAtTime } from '../attime/attime.ts';
import type { RequestLimit } from './request-limit.ts';
import type { Fetches, Selection } from './fetches.ts';
import { bindArguments } from '../functions/coerce.ts';
import { functionNamed } from '../functions/registry.ts';
import type { CallContext, Event, FunctionSpec, Value } from '../functions/spec.ts';
import type { EvaluateRequest } from './request.ts';
import type { Series } from '../series/series.ts';
import type { Placed } from './sketch-fetches.ts';
import type { CallNode, Node } from '../target/ast.ts';
import { parseTarget } from '../target/parse.ts';
import type { Variables } from '../target/variables.ts';

/** Scope in which an expression is evaluated. */
export interface Scope {
  from: number;
  until: number;
  /** Shared by all that is evaluated in one window, so setXFilesFactor reaches later targets. */
  settings: { xFilesFactor: number };
  variables: Variables | undefined;
  /** The target that nodes are offsets into. */
  text: string;
  /** Inside a keyword argument whose parameter is `unreadByKeyword`. */
  unreadByKeyword?: boolean;
  /** Inside what a timer function works on: paths and tags name timers and sets there. */
  timers?: boolean;
}

/** The evaluation as its calls see it. */
export interface Evaluator {
  readonly request: EvaluateRequest;
  readonly limit: RequestLimit;
  readonly fetches: Fetches;
  readonly stacks: CallContext['stacks'];
  /** Times that a call changed what later ones answer. */
  effects: number;
  /** Everything that a tree reads from the store over its own window; those of keyword arguments are read when they are asked for. */
  selectionsOf(node: Node, variables: Variables | undefined): Iterable<Selection>;
  seriesOf(scope: Scope, node: Node): Promise<Series[]>;
  /** Reads series; `pathExpression` is what aggregates of them are named after. */
  fetch(scope: Scope, selection: Selection, pathExpression: string): Promise<Series[]>;
  /** See CallContext. */
  sketchesBehind(seriesList: readonly Placed[]): Promise<(Series | undefined)[]>;
  /** Calls a function with arguments that are bound; `node` says where it stands. */
  invoke(
    scope: Scope,
    spec: FunctionSpec,
    node: CallNode | undefined,
    args: Value[],
  ): Promise<Series[] | Series[][]>;
}

/** The request as one call of a function sees it. */
export class FunctionCall implements CallContext {
  private readonly evaluation: Evaluator;
  private readonly scope: Scope;
  private readonly node: CallNode | undefined;
  private reserved = 0;

  constructor(evaluation: Evaluator, scope: Scope, node: CallNode | undefined) {
    this.evaluation = evaluation;
    this.scope = scope;
    this.node = node;
  }

  get from(): number {
    this.evaluation.request.onClock?.();
    return this.scope.from;
  }

  get until(): number {
    this.evaluation.request.onClock?.();
    return this.scope.until;
  }

  get now(): number {
    this.evaluation.request.onClock?.();
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
      throw badTarget('this function reads other times, and cannot be a callback');
    }
    this.evaluation.request.onClock?.();
    const { from, until, settings } = this.scope;
    const [first, last] = [window.from ?? from, window.until ?? until];
    for (const time of [first, last]) checkTime(time);
    if (first > last) {
      throw badTarget(`times from ${first} to ${last} read, expected the first before the second`);
    }
    await this.evaluation.limit.startCall();
    const wider: Scope = {
      ...this.scope,
      from: Math.trunc(first),
      until: Math.trunc(last),
      settings: { ...settings },
    };
    const selections = this.evaluation.selectionsOf(argument, wider.variables);
    await this.evaluation.fetches.gather(selections, wider.from, wider.until);
    return this.evaluation.seriesOf(wider, argument);
  }

  async evaluate(target: string): Promise<Series[]> {
    await this.evaluation.limit.startCall();
    const node = parseTarget(target, this.evaluation.limit.limits.depthMax);
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
    if (spec === undefined) throw badTarget(`function "${name}" read, expected one of /functions`);
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

  sketchesBehind(seriesList: readonly Placed[]): Promise<(Series | undefined)[]> {
    return this.evaluation.sketchesBehind(seriesList);
  }

  async seriesNamed(name: string): Promise<Series | undefined> {
    const scope = { ...this.scope, timers: false };
    const [found] = await this.evaluation.fetch(scope, { path: name }, name);
    return found;
  }

  async events(tags: readonly string[]): Promise<Event[]> {
    const { events } = this.evaluation.request;
    return (await events?.(tags, this.from, this.until)) ?? [];
  }

  parseTime(text: string | number): number {
    return parseAtTime(String(text), this.now, this.tz);
  }

  readonly pause = (): Promise<void> => this.evaluation.limit.pause();

  reserve(pointCount: number): void {
    this.reserved += pointCount;
    this.evaluation.limit.reserve(this.reserved);
  }

  spend(steps: number): void {
    this.evaluation.limit.spend(steps);
  }

  admitNames(length: number): void {
    this.evaluation.limit.admitNames(length);
  }
}
