/**
 * One number of tallyd's own under its two names: `store.file_bytes` is the series
 * `tallyd.store.file_bytes` and the metric `tallyd_store_file_bytes`.
 */
import type { SelfMetric } from './prometheus.ts';

export interface OwnMetric extends SelfMetric {
  /** What it is stored as. */
  series: string;
}

export function gauge(name: string, help: string, value: number): OwnMetric {
  return { series: `tallyd.${name}`, name: prometheusName(name), help, type: 'gauge', value };
}

export function counter(name: string, help: string, value: number): OwnMetric {
  const metric = `${prometheusName(name)}_total`;
  return { series: `tallyd.${name}`, name: metric, help, type: 'counter', value };
}

/** `tallyd_timed_refused_total{reason="late"}`, the series `tallyd.timed.refused.late`. */
export function counterOf(name: string, help: string, reason: string, value: number): OwnMetric {
  return { ...counter(name, help, value), series: `tallyd.${name}.${reason}`, labels: { reason } };
}

function prometheusName(name: string): string {
  return `tallyd_${name.replaceAll('.', '_')}`;
}
