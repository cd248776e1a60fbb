/**
 * StatsD's key flush log: which names came most often since the last time, most frequent first,
 * appended to a file or printed. Counts lines, good or bad, from raw packets on the main thread, so
 * that receiving pays nothing while it is off. Used by `backends.ts`. A line of the log:
 *
 *     Tue Mar 05 2024 10:00:00 GMT+0000 (Coordinated Universal Time) count=120 key=api.hits;env=eu
 */
import { appendFile } from 'node:fs/promises';
import type { KeyFlushConfig } from '../config/structures.ts';
import { eachText, type PackedStrings } from '../wire/packed-strings.ts';
import { sanitizeName } from './sanitize-name.ts';
import { counted } from '../lib/counted.ts';

interface KeyFlushOptions {
  /** Whether names are counted as sanitised, StatsD's `keyNameSanitize`. */
  sanitize: boolean;
  /** Distinct names between two writes; lines of further ones are only totalled. */
  maxNames: number;
  /** Writes to standard output. */
  print(text: string): void;
  onError(message: string): void;
}

export class KeyFlush {
  private readonly config: KeyFlushConfig;
  private readonly options: KeyFlushOptions;
  private counts = new Map<string, number>();
  /** Lines over the number of names since the start, and since the last write. */
  leftOutTotal = 0;
  private leftOut = 0;
  private timer: NodeJS.Timeout | undefined;
  private writing: Promise<void> = Promise.resolve();

  constructor(config: KeyFlushConfig, options: KeyFlushOptions) {
    this.config = config;
    this.options = options;
  }

  start(): void {
    this.timer = setInterval(() => this.write(new Date()), this.config.intervalMs);
    this.timer.unref();
  }

  count(packets: PackedStrings): void {
    eachText(packets, (text) => {
      for (const line of text.split('\n')) if (line !== '') this.countLine(line);
    });
  }

  /** Writes what was counted since the last time and starts again from nothing. */
  write(now: Date): void {
    const { percent, log } = this.config;
    const { print, onError } = this.options;
    const sorted = [...this.counts].sort((a, b) => b[1] - a[1]);
    // Any part of a name is a whole name: StatsD rounds up.
    const top = sorted.slice(0, Math.ceil(sorted.length * (percent / 100)));
    const text = top.map(([name, count]) => `${String(now)} count=${count} key=${name}\n`).join('');
    if (this.leftOut > 0) {
      onError(
        `${counted(this.leftOut, 'line')} left out: over ${this.options.maxNames} distinct names`,
      );
    }
    this.counts = new Map();
    this.leftOut = 0;
    if (text === '') return;
    if (log === undefined) print(text);
    else {
      this.writing = this.writing
        .then(() => appendFile(log, text))
        .catch((error: unknown) => onError(String(error)));
    }
  }

  /** Writes the rest. */
  async stop(now: Date): Promise<void> {
    clearInterval(this.timer);
    this.write(now);
    await this.writing;
  }

  private countLine(line: string): void {
    const name = this.options.sanitize ? sanitizeName(nameOf(line)) : nameOf(line);
    const before = this.counts.get(name);
    if (before === undefined && this.counts.size >= this.options.maxNames) {
      this.leftOut += 1;
      this.leftOutTotal += 1;
    } else this.counts.set(name, (before ?? 0) + 1);
  }
}

/**
 * The name of a line with its tags as StatsD appends them. What stands behind another `|` is no
 * tag, though StatsD itself glues it to the last one.
 */
function nameOf(line: string): string {
  const [body = '', tagged = ''] = line.split('|#', 2);
  const colon = body.indexOf(':');
  let name = colon < 0 ? body : body.slice(0, colon);
  const bar = tagged.indexOf('|');
  const tags = bar < 0 ? tagged : tagged.slice(0, bar);
  if (tags === '') return name;
  for (const tag of tags.split(',')) name += `;${tag.replace(';', '_').replace(':', '=')}`;
  return name;
}
