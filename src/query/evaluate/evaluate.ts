/**
 * Evaluates the targets of a request: parse, read all that they need at once, call the functions.
 * Called by /render and by whatever else needs series from a target.
 *
 *     targets -> trees -> paths of all trees -> one fetch -> calls, inside out -> series
 */
import { overLimit } from '../../lib/errors.ts';
import type { StoreReader } from '../../storage/roles.ts';
import { amountOf, Evaluation } from './evaluation.ts';
import type { Selection } from './fetches.ts';
import { foldAnswer } from './fold-answer.ts';
import type { Scope } from './function-call.ts';
import type { EvaluateRequest } from './request.ts';
import type { Series } from '../series/series.ts';
import type { Node } from '../target/ast.ts';
import { parseTarget } from '../target/parse.ts';

export type { EvaluateRequest, EventProvider } from './request.ts';

/**
 * The series of all targets, in their order. Throws UserErrors: `badTarget`, `badRequest` and
 * `badPattern` for what is wrong in a target, `overLimit` for what would cost too much.
 */
export async function evaluateTargets(
  store: StoreReader,
  request: EvaluateRequest,
): Promise<Series[]> {
  const evaluation = new Evaluation(store, request);
  const scope: Scope = {
    from: request.from,
    until: request.until,
    settings: { xFilesFactor: request.xFilesFactor ?? 0 },
    variables: undefined,
    text: '',
  };
  const targets = request.targets.filter((target) => target.trim() !== '');
  const { limit } = evaluation;
  const { depthMax, seriesMax } = limit.limits;
  const trees: { text: string; node: Node }[] = [];
  for (const text of targets) {
    await limit.pause();
    trees.push({ text, node: parseTarget(text, depthMax) });
  }
  await evaluation.fetches.gather(selectionsOf(evaluation, trees), request.from, request.until);
  const seriesList: Series[] = [];
  for (const { text, node } of trees) {
    await limit.pause();
    const found = await evaluation.seriesOf({ ...scope, text }, node);
    const count = seriesList.length + found.length;
    // The same series can be in many targets, so the answer has a limit of its own.
    if (count > seriesMax) {
      throw overLimit(
        `${count} series to answer, at most ${seriesMax} are allowed in one request ` +
          '(httpLimits.series)',
      );
    }
    limit.hold(amountOf(found));
    for (const series of found) seriesList.push(series);
  }
  // Averages are folded last, by the format: the average of scaled values is not the scaled average
  // to the last bit. Before it stand only functions that need every datapoint, or none of them.
  const { maxDataPoints } = request;
  return maxDataPoints === undefined
    ? seriesList
    : foldAnswer(evaluation, seriesList, maxDataPoints);
}

/** What all trees read, found as it is asked for: looking for variables takes its time too. */
function* selectionsOf(
  evaluation: Evaluation,
  trees: readonly { node: Node }[],
): Generator<Selection> {
  for (const { node } of trees) yield* evaluation.selectionsOf(node, undefined);
}
