/**
 * Checks passwords. A check costs tens of milliseconds and megabytes on purpose, so a good one is
 * remembered for a while under a keyed hash, and few run at once: guesses cannot take the machine.
 */
import { createHmac, randomBytes } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { counter } from '../health/own-metric.ts';
import type { SelfMetric } from '../health/prometheus.ts';
import { UserError } from '../lib/errors.ts';
import { Attempts } from './attempts.ts';
import { isPassword, NOBODYS_HASH, type PasswordHash } from './secrets.ts';

const KNOWN_MAX = 10_000;
const KNOWN_MS = 10 * 60_000;
/** Of the four threads of Node's pool that files and names need as well. */
const CHECKS_AT_ONCE = 2;
const CHECKS_WAITING = 20;
/** Of one address, so that none takes all places. */
const CHECKS_OF_ADDRESS = 4;

export class Logins {
  readonly attempts = new Attempts();
  /** Passwords that were checked in earnest. */
  checks = 0;
  private readonly nowMs: () => number;
  private readonly key = randomBytes(32);
  /** The hash in the file by that of user and password. */
  private readonly known = new LRUCache<string, PasswordHash>({ max: KNOWN_MAX, ttl: KNOWN_MS });
  /** The same asked at the same time is one check. */
  private readonly checking = new Map<string, Promise<boolean>>();
  private readonly byAddress = new Map<string, number>();
  private running = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(nowMs: () => number) {
    this.nowMs = nowMs;
  }

  /**
   * Whether a password is that of the hash; `expected` is undefined for a user who has none. Rejects
   * with `tooManyRequests` for who comes again too soon.
   */
  async check(
    given: { user: string; password: string; address: string },
    expected: PasswordHash | undefined,
  ): Promise<boolean> {
    const { user, password, address } = given;
    const key = createHmac('sha256', this.key)
      .update(JSON.stringify([user, password]))
      .digest('base64');
    // One from the file before is another object.
    if (expected !== undefined && this.known.get(key) === expected) return true;
    const wait = this.attempts.waitMs(address, user, this.nowMs());
    if (wait > 0) throw new TooSoon(Math.ceil(wait / 1000));
    const checking = this.checking.get(key) ?? this.start(key, given, expected);
    if (!(await checking)) return false;
    if (expected !== undefined) this.known.set(key, expected);
    this.attempts.succeed(address, user);
    return true;
  }

  metrics(): SelfMetric[] {
    const { failed, slowed } = this.attempts;
    return [
      counter('http.logins_failed', 'Passwords that were wrong.', failed),
      counter('http.logins_slowed', 'Passwords not looked at because they came too soon.', slowed),
      counter(
        'http.logins_checked',
        'Passwords checked, those remembered not counted.',
        this.checks,
      ),
    ];
  }

  private start(
    key: string,
    { user, password, address }: { user: string; password: string; address: string },
    expected: PasswordHash | undefined,
  ): Promise<boolean> {
    const ofAddress = this.byAddress.get(address) ?? 0;
    if (ofAddress >= CHECKS_OF_ADDRESS || this.waiting.length >= CHECKS_WAITING) {
      this.attempts.slowed += 1;
      throw new TooSoon(1);
    }
    this.checks += 1;
    this.byAddress.set(address, ofAddress + 1);
    const check = this.inTurn(async () => {
      const isRight = await isPassword(password, expected ?? NOBODYS_HASH);
      return isRight && expected !== undefined;
    });
    const told = check
      .then((isRight) => {
        if (!isRight) this.attempts.fail(address, user, this.nowMs());
        return isRight;
      })
      .finally(() => {
        this.checking.delete(key);
        const left = (this.byAddress.get(address) ?? 1) - 1;
        if (left === 0) this.byAddress.delete(address);
        else this.byAddress.set(address, left);
      });
    this.checking.set(key, told);
    return told;
  }

  private async inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.running >= CHECKS_AT_ONCE) {
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    } else this.running += 1;
    try {
      return await work();
    } finally {
      const next = this.waiting.shift();
      // The place is handed on, so `running` stays as it is.
      if (next !== undefined) next();
      else this.running -= 1;
    }
  }
}

/** `seconds`: when to try again. */
export class TooSoon extends UserError {
  readonly seconds: number;

  constructor(seconds: number) {
    super('tooManyRequests', `too many wrong passwords: try again in ${seconds} s`);
    this.seconds = seconds;
  }
}
