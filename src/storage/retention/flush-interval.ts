/**
 * Compares the flush interval with the finest steps. Equal is best: a longer step merges several
 * flushes into one slot, a shorter one leaves slots empty. Called by `check` and `start`.
 */
import type { Finding } from '../../config/findings.ts';
import type { RetentionRules, SchemaRule } from './rules.ts';

/** Warns of every section whose finest step is not the flush interval. */
export function checkFlushInterval(rules: RetentionRules, flushIntervalMs: number): Finding[] {
  return rules.schemas.flatMap((schema): Finding[] => {
    const stepMs = finestStepMs(schema);
    if (stepMs === flushIntervalMs) return [];
    const { file, line, section } = schema.source;
    const place = file === undefined ? 'built-in rules' : `${file}:${line}:1`;
    const what = `section [${section}]: the finest step is ${stepMs / 1000} s`;
    const flush = `the flush interval ${flushIntervalMs / 1000} s`;
    const effect =
      stepMs > flushIntervalMs
        ? `${flush}: about ${round(stepMs / flushIntervalMs)} flushes are merged into one point`
        : `${flush}: about ${round(1 - stepMs / flushIntervalMs)} of the points stay null`;
    return [{ severity: 'warning', text: `${place}: ${what}, ${effect}` }];
  });
}

function finestStepMs({ archives }: SchemaRule): number {
  return archives[0]!.step * 1000; // a schema has an archive
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
