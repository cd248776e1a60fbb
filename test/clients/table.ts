/** The runs for people: what was asked and seen, program by program, then one line for each. */
import type { Check, Result } from './program.ts';

/** Longest list of checks shown in full for a program that passed. */
export function details({
  program,
  version,
  verdict,
  checks,
  counted,
  seconds,
  reason,
}: Result): string {
  const head = `${program.name} ${version} (${program.from}): ${verdict}, ${seconds.toFixed(1)} s`;
  const lines = [head];
  if (reason !== undefined) lines.push(`  ${reason}`);
  if (verdict !== 'skipped') lines.push(`  sent: ${program.sends}`);
  if (counted !== '') lines.push(`  tallyd counted: ${counted}`);
  const width = Math.max(0, ...checks.map(({ asked }) => asked.length));
  for (const check of checks) lines.push(`  ${check.asked.padEnd(width)}  ${answer(check)}`);
  return lines.join('\n');
}

function answer({ expected, seen, holds }: Check): string {
  // What must only be of a kind is said in words.
  if (holds && typeof expected === 'string') return `${show(seen)} (${expected})`;
  return holds ? show(seen) : `${show(seen)}  FAILED, expected ${show(expected)}`;
}

function show(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? 'nothing');
}

export function summary(results: readonly Result[]): string {
  const rows = [['program', 'version', 'from', 'tallyd counted', 'answers right', 'seconds', '']];
  for (const { program, version, counted, checks, seconds, verdict } of results) {
    const right = checks.filter(({ holds }) => holds).length;
    const checked = verdict === 'skipped' ? '-' : `${right} of ${checks.length}`;
    const end = verdict === 'failed' ? 'FAILED' : verdict;
    const time = seconds.toFixed(1);
    rows.push([program.name, version, program.from, counted || '-', checked, time, end]);
  }
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)));
  return rows
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
