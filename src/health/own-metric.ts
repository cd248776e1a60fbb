/**
 * One number of tallyd's own under its two names: `store.file_bytes` is the series
 * `tallyd.store.file_bytes` and the metric `tallyd_store_file_bytes`.
 */
import type { SelfMetric } from './prometheus.ts';

export interface OwnMetric extends SelfMetric {
  /** What it is stored as. */
  series: string;
  /** What is stored, where the unit of the series is another. */
  stored?: number;
}

export function gauge(name: string, help: string, value: number): OwnMetric {
  return { series: `tallyd.${name}`, name: prometheusName(name), help, type: 'gauge', value };
}

/** Prometheus has seconds: `store.commit` is `tallyd_store_commit_seconds`, `tallyd.store.commit_ms`. */
export function duration(name: string, help: string, ms: number): OwnMetric {
  const metric = gauge(`${name}_seconds`, help, ms / 1000);
  return { ...metric, series: `tallyd.${name}_ms`, stored: ms };
}

/** A moment, epoch seconds: `tallyd_flush_last_timestamp_seconds`, the series `tallyd.flush.last`. */
export function moment(name: string, help: string, seconds: number): OwnMetric {
  return { ...gauge(`${name}_timestamp_seconds`, help, seconds), series: `tallyd.${name}` };
}

export function counter(name: string, help: string, value: number): OwnMetric {
  const metric = `${prometheusName(name)}_total`;
  return { series: `tallyd.${name}`, name: metric, help, type: 'counter', value };
}

/** `tallyd_timed_refused_total{reason="late"}`, the series `tallyd.timed.refused.late`. */
export function counterOf(name: string, help: string, reason: string, value: number): OwnMetric {
  return labelled(counter(name, help, value), 'reason', reason);
}

/** One of several by a label, whose value ends the name of its series. */
export function labelled(metric: OwnMetric, label: string, value: string): OwnMetric {
  return { ...metric, series: `${metric.series}.${value}`, labels: { [label]: value } };
}

function prometheusName(name: string): string {
  return `tallyd_${name.replaceAll('.', '_')}`;
}
