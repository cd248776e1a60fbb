/**
 * Evaluates the targets of a request: parse, read all that they need at once, call the functions.
 * Called by /render and by whatever else needs series from a target.
 *
 *     targets -> trees -> paths of all trees -> one fetch -> calls, inside out -> series
 */
import type { StoreReader } from '../../storage/roles.ts';
import { Evaluation } from './evaluation.ts';
import { foldAnswer } from './fold-answer.ts';
import type { Scope } from './function-call.ts';
import type { EvaluateRequest } from './request.ts';
import type { Series } from '../series/series.ts';
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
  const { depthMax } = evaluation.limit.limits;
  const trees = targets.map((text) => ({ text, node: parseTarget(text, depthMax) }));
  const selections = trees.flatMap(({ node }) => [...evaluation.selectionsOf(node, undefined)]);
  await evaluation.fetches.gather(selections, request.from, request.until);
  const seriesList: Series[] = [];
  for (const { text, node } of trees) {
    for (const series of await evaluation.seriesOf({ ...scope, text }, node))
      seriesList.push(series);
  }
  // Averages are folded last, by the format: the average of scaled values is not the scaled average
  // to the last bit. Before it stand only functions that need every datapoint, or none of them.
  const { maxDataPoints } = request;
  return maxDataPoints === undefined
    ? seriesList
    : foldAnswer(evaluation, seriesList, maxDataPoints);
}
