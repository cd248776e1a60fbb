/**
 * How often somebody may try again after wrong passwords: by address and by user, in two tables of
 * bounded size. The first few tries cost nothing; from then on each wrong one doubles the wait.
 */
import { LRUCache } from 'lru-cache';

const ENTRIES_MAX = 10_000;
/** What is forgotten without a try. */
const FORGOTTEN_MS = 15 * 60_000;

interface Patience {
  /** Wrong tries that cost nothing. */
  free: number;
  /** The longest wait. */
  waitMsMax: number;
}

/** Many may share an address, and anybody may say a user's name: that one is never shut out for long. */
const OF_ADDRESS: Patience = { free: 5, waitMsMax: 5 * 60_000 };
const OF_USER: Patience = { free: 10, waitMsMax: 30_000 };

interface Failures {
  count: number;
  /** Milliseconds of the clock that the owner has. */
  untilMs: number;
}

export class Attempts {
  /** Refused because they came too soon. */
  slowed = 0;
  failed = 0;
  private readonly addresses = table();
  private readonly users = table();

  /** Milliseconds that are to be waited; 0 for whoever may try now. */
  waitMs(address: string, user: string, nowMs: number): number {
    const until = Math.max(
      this.addresses.get(networkOf(address))?.untilMs ?? 0,
      this.users.get(user)?.untilMs ?? 0,
    );
    if (until <= nowMs) return 0;
    this.slowed += 1;
    return until - nowMs;
  }

  fail(address: string, user: string, nowMs: number): void {
    this.failed += 1;
    note(this.addresses, networkOf(address), OF_ADDRESS, nowMs);
    note(this.users, user, OF_USER, nowMs);
  }

  succeed(address: string, user: string): void {
    this.addresses.delete(networkOf(address));
    this.users.delete(user);
  }
}

function table(): LRUCache<string, Failures> {
  return new LRUCache({ max: ENTRIES_MAX, ttl: FORGOTTEN_MS });
}

function note(
  entries: LRUCache<string, Failures>,
  key: string,
  { free, waitMsMax }: Patience,
  nowMs: number,
): void {
  const count = (entries.get(key)?.count ?? 0) + 1;
  const waitMs = count < free ? 0 : Math.min(waitMsMax, 1000 * 2 ** Math.min(count - free, 20));
  entries.set(key, { count, untilMs: nowMs + waitMs });
}

/** Of an IPv6 address the network that one machine has: it may choose among the rest. */
function networkOf(address: string): string {
  if (!address.includes(':')) return address;
  const [head = '', tail] = address.split('::');
  const groups = head.split(':');
  const filled = tail === undefined ? groups : [...groups, ...Array.from({ length: 8 }, () => '0')];
  return filled.slice(0, 4).join(':');
}
