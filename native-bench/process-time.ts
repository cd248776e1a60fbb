/** What a process took of the CPU, for benches that measure servers from outside. Linux. */
import fs from 'node:fs';

/**
 * User and system time of a process with all its threads, and of its children that ended: fields 14
 * to 17 of proc(5)'s stat. A tick is a hundredth of a second on every Linux in use.
 */
export function cpuSecondsOf(pid: number): number {
  const stat = fs.readFileSync(`/proc/${pid}/stat`, 'latin1');
  // The command, in parentheses, may hold blanks.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / 100;
}
