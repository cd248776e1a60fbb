/** The table of a fuzz run, for people. */
import type { AttackReport } from './attack.ts';

export function textOf({ lines, rssBeforeMb, rssMostMb }: AttackReport): string {
  const rows = lines.map(({ what, sent, counted, isRight }) => {
    const counts = Object.entries(counted).map(([reason, count]) => `${reason} ${count}`);
    return [
      what.padEnd(42),
      String(sent).padStart(8),
      isRight ? 'right' : 'WRONG',
      counts.join(', '),
    ];
  });
  return [
    ...rows.map((row) => row.join('  ')),
    `memory: ${rssBeforeMb} MB before, ${rssMostMb} MB at most`,
  ].join('\n');
}
