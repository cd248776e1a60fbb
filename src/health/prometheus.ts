/**
 * tallyd's own numbers as Prometheus text (exposition format 0.0.4), written by hand: the format is
 * three lines. `http/self.ts` serves it on `/metrics`.
 */
import { groupBy } from '../lib/group-by.ts';

export interface SelfMetric {
  /** Prometheus' own style: `tallyd_datagrams_received_total`. */
  name: string;
  help: string;
  type: 'counter' | 'gauge' | 'histogram';
  value: number;
  labels?: Record<string, string>;
  /** What follows the name in the line of one number of a histogram: `_bucket`. */
  suffix?: string;
}

export const PROMETHEUS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** Writes metrics as text: one HELP and TYPE a name, all samples of a name together. */
export function exposition(metrics: readonly SelfMetric[]): string {
  let out = '';
  for (const [name, family] of groupBy(metrics, (metric) => metric.name)) {
    const { help, type } = family[0]!; // a family has a member
    out += `# HELP ${name} ${escapeHelp(help)}\n# TYPE ${name} ${type}\n`;
    for (const { suffix = '', labels, value } of family) {
      out += `${name}${suffix}${labelText(labels)} ${sampleText(value)}\n`;
    }
  }
  return out;
}

function labelText(labels: Record<string, string> | undefined): string {
  const pairs = Object.entries(labels ?? {}).map(
    ([name, value]) => `${name}="${escapeHelp(value).replaceAll('"', '\\"')}"`,
  );
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function escapeHelp(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}

function sampleText(value: number): string {
  if (value === Infinity) return '+Inf';
  if (value === -Infinity) return '-Inf';
  return String(value);
}
