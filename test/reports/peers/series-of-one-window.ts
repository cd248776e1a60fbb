/** Render functions as the reports call them: a few columns that start at 0, one window. */
import { evaluateTargets, type EvaluateRequest } from '../../../src/query/evaluate/evaluate.ts';
import type { Series } from '../../../src/query/series/series.ts';
import { columnStore, type Column } from '../../query/support/column-store.ts';

export function evaluated(
  columns: Record<string, Column>,
  target: string,
  request: Partial<EvaluateRequest> = {},
): Promise<Series[]> {
  return evaluateTargets(columnStore(columns), {
    targets: [target],
    from: 0,
    until: 600,
    now: 6000,
    ...request,
  });
}

export async function namesOf(
  columns: Record<string, Column>,
  target: string,
  request: Partial<EvaluateRequest> = {},
): Promise<string[]> {
  return (await evaluated(columns, target, request)).map(({ name }) => name);
}

export function ramp(length: number, step = 60): Column {
  return { step, values: Array.from({ length }, (_, i) => i) };
}
