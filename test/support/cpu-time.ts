/** The CPU that this process has taken, and the processes that it started and that have ended. */
import fs from 'node:fs';

/** Of Linux' kernel, for programs: in `/proc/self/stat` times count hundredths of a second. */
const TICKS_PER_SECOND = 100;

/** User and system time in seconds; without `/proc`, of this process alone. */
export function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6 + endedChildrenSeconds();
}

function endedChildrenSeconds(): number {
  let stat: string;
  try {
    stat = fs.readFileSync('/proc/self/stat', 'latin1');
  } catch {
    return 0;
  }
  // `pid (name) state …`: the name may hold blanks and parentheses. Fields 16 and 17 are the
  // children's user and system time (proc_pid_stat(5)); `state` is field 3.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[13]) + Number(fields[14])) / TICKS_PER_SECOND;
}
