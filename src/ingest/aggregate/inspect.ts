/**
 * What StatsD's management console asks for: the metrics of a kind with their contents, and
 * deleting them by name. Called between flush walks only.
 */
import { KIND_SET, KIND_TIMER } from '../protocol/cursor.ts';
import type { Metrics } from './metrics.ts';
import { RECORD_WORDS, WORD_STATE } from './name-table.ts';
import { NO_CELL } from './timer.ts';

/** A counter's or gauge's value, a timer's values, a set's members. */
export type MetricContents = number | number[] | string[];

/** Name and contents since the last flush, in order of arrival. */
export function inspectMetrics(metrics: Metrics, kind: number): [string, MetricContents][] {
  const { ids, length } = metrics.lists[kind as 0];
  const entries: [string, MetricContents][] = [];
  for (let i = 0; i < length; i++) {
    const id = ids[i]!;
    if (metrics.isAlive(id)) entries.push([nameOf(metrics, id), contentsOf(metrics, id)]);
  }
  return entries;
}

/** Deletes by name; `a.*` takes every name that starts with `a.`, and the name `a.*` itself. */
export function deleteMatching(
  metrics: Metrics,
  kind: number,
  pattern: string,
): { names: string[]; ids: Set<number> } {
  const list = metrics.lists[kind as 0];
  const start = pattern.endsWith('.*') ? pattern.slice(0, -1) : undefined;
  const names: string[] = [];
  const ids = new Set<number>();
  for (let i = 0; i < list.length; i++) {
    const id = list.ids[i]!;
    const name = nameOf(metrics, id);
    const hit = name === pattern || (start !== undefined && name.startsWith(start));
    if (!hit || !metrics.isAlive(id)) continue;
    names.push(name);
    ids.add(id);
  }
  for (const id of ids) metrics.kill(id);
  metrics.forget(kind, ids);
  return { names, ids };
}

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

function nameOf(metrics: Metrics, id: number): string {
  return decoder.decode(metrics.keyOf(id));
}

function contentsOf(metrics: Metrics, id: number): MetricContents {
  const { names, epoch, timers } = metrics;
  const kind = names.kindOf(id);
  if (kind === KIND_SET) return metrics.membersOf(id);
  if (kind === KIND_TIMER) {
    const cell = names.words[id * RECORD_WORDS + WORD_STATE + (epoch & 1)]!;
    return cell === NO_CELL ? [] : timers.valuesOf(cell);
  }
  return names.doubles[metrics.valueIndex(id, epoch)]!;
}
