/**
 * A line of progress on standard error: rewritten in place on a terminal, once in a while
 * elsewhere, never on standard output, which is data.
 */
const TERMINAL_EVERY_MS = 100;
const LOG_EVERY_MS = 5000;

export class Progress {
  private readonly what: string;
  private readonly everyMs = process.stderr.isTTY ? TERMINAL_EVERY_MS : LOG_EVERY_MS;
  private readonly startedMs = performance.now();
  private shownMs = performance.now();
  private shown = false;

  constructor(what: string) {
    this.what = what;
  }

  show(done: number, total: number): void {
    if (!this.isDue()) return;
    const perSecond = Math.round(done / ((this.shownMs - this.startedMs) / 1000));
    const percent = Math.floor((100 * done) / total);
    this.write(`${this.what}: ${done} of ${total}, ${percent} %, ${perSecond} a second`);
  }

  /** Shows a count without a total. */
  count(done: number): void {
    if (this.isDue()) this.write(`${this.what}: ${done}`);
  }

  /** A line of its own between two of progress. */
  note(line: string): void {
    this.clear();
    process.stderr.write(`${line}\n`);
  }

  /** Leaves the terminal clean. */
  clear(): void {
    if (this.shown && process.stderr.isTTY) process.stderr.write('\r\u001b[K');
    this.shown = false;
  }

  private isDue(): boolean {
    const nowMs = performance.now();
    if (nowMs - this.shownMs < this.everyMs) return false;
    this.shownMs = nowMs;
    return true;
  }

  private write(text: string): void {
    process.stderr.write(process.stderr.isTTY ? `\r\u001b[K${text}` : `${text}\n`);
    this.shown = true;
  }
}
