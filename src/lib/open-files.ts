/** How many files and sockets this process may have open, and has. */
import { readdirSync, readFileSync } from 'node:fs';

/** What nearly every system allows, where it cannot be asked. */
const USUAL = 1024;

/** The hard limit: Node raises its own to that. */
export function openFilesMax(): number {
  try {
    const limits = readFileSync('/proc/self/limits', 'utf8');
    const [, , hard] = /^Max open files +(\S+) +(\S+)/m.exec(limits) ?? [];
    return hard === 'unlimited' ? Infinity : Number(hard) || USUAL;
  } catch {
    return USUAL;
  }
}

/** 0 where it cannot be asked. */
export function openFiles(): number {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return 0;
  }
}
