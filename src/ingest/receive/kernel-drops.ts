/**
 * Datagrams that the kernel threw away because a socket's receive buffer was full. The addon asks the
 * socket; without it the number is in the last column of Linux's /proc/net/udp and udp6, whose row is
 * found by the socket's inode (several sockets may share a port). Elsewhere it is unknown and stays
 * `undefined`.
 *
 *       sl  local_address rem_address ... uid timeout inode ref pointer          drops
 *     1234: 0100007F:1FBD 00000000:0000 ...  0       0  9756   2 0000000091fd8e25    17
 */
import { readlinkSync } from 'node:fs';
import { readFile } from 'node:fs/promises';

const INODE_COLUMN = 9;
const DROPS_COLUMN = 12;
/** The kernel's counter has 32 bits. */
const WRAP = 2 ** 32;

export class KernelDrops {
  private readonly now: () => Promise<number | undefined> | number | undefined;
  private total = 0;
  private previous = 0;
  private known = false;

  /** `now`: the kernel's own count; undefined, or less than 0, where it cannot be had. */
  constructor(now: () => Promise<number | undefined> | number | undefined) {
    this.now = now;
  }

  /** Drops since the socket was bound; the last known number once the socket is closed. */
  async read(): Promise<number | undefined> {
    const now = await this.now();
    if (now === undefined || now < 0) return this.known ? this.total : undefined;
    this.total += (now - this.previous + WRAP) % WRAP;
    this.previous = now;
    this.known = true;
    return this.total;
  }
}

/** The count of the socket behind a descriptor, as the kernel's table has it. */
export function dropsByTable(
  fd: number | undefined,
  family: 'udp4' | 'udp6',
): () => Promise<number | undefined> {
  const inode = fd === undefined ? undefined : socketInode(fd);
  const file = family === 'udp4' ? '/proc/net/udp' : '/proc/net/udp6';
  return async () => {
    if (inode === undefined) return undefined;
    try {
      return parseDrops(await readFile(file, 'latin1'), inode);
    } catch {
      return undefined;
    }
  };
}

/** The drops column of the row with this inode; undefined when there is no such row. */
export function parseDrops(table: string, inode: string): number | undefined {
  for (const row of table.split('\n')) {
    const columns = row.trim().split(/\s+/);
    if (columns[INODE_COLUMN] !== inode) continue;
    const drops = Number(columns[DROPS_COLUMN]);
    return Number.isInteger(drops) ? (drops + WRAP) % WRAP : undefined;
  }
  return undefined;
}

function socketInode(fd: number): string | undefined {
  try {
    return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/self/fd/${fd}`))?.[1];
  } catch {
    return undefined;
  }
}
