/**
 * The names under which a metric's statistics are stored and sent, as StatsD's Graphite backend
 * builds them (test/conformance/statsd/FACTS.md §2.2). Statistic and suffix stand before the tags:
 *
 *     stats.timers. | api.get | .upper_90 | .suffix | ;env=prod
 *       prefix        body      statistic   global    tags
 */
import type { NamespaceConfig } from '../../config/config.ts';
import { KIND_COUNTER, KIND_GAUGE, KIND_SET, KIND_TIMER } from '../protocol/cursor.ts';
import { NameWriter, putSanitized } from '../protocol/statsd/sanitize.ts';

const SEMICOLON = 0x3b;
const NAME_LIMIT = 1 << 17;

/** Counters have two series: 0 is the rate, 1 the count. */
export const COUNTER_RATE = 0;
export const COUNTER_COUNT = 1;

interface Affixes {
  prefix: Uint8Array;
  /** Between the name's body and the global suffix, with its dot. */
  middle: Uint8Array;
}

export class Namespace {
  private readonly kinds: Affixes[];
  private readonly counterCount: Affixes;
  private readonly suffix: Uint8Array;
  /** StatsD's keys that were not sanitised on the way in are on the way out, but for their tags. */
  private readonly sanitizeBody: boolean;
  private readonly encoder = new TextEncoder();
  readonly out = new NameWriter();

  constructor(config: NamespaceConfig, sanitizesSent: boolean) {
    const legacy = config.legacy !== false;
    const global = config.globalPrefix;
    const rate = config.legacy === true ? '' : '.rate';
    const count = config.legacy === true ? '' : '.count';
    const of = (old: string, part: string, middle: string): Affixes => ({
      prefix: this.encoder.encode(legacy ? old : joined(global, part)),
      middle: this.encoder.encode(middle),
    });
    this.kinds = [];
    this.kinds[KIND_COUNTER] = of('stats.', config.prefixCounter, rate);
    this.kinds[KIND_TIMER] = of('stats.timers.', config.prefixTimer, '');
    this.kinds[KIND_GAUGE] = of('stats.gauges.', config.prefixGauge, '');
    this.kinds[KIND_SET] = of('stats.sets.', config.prefixSet, '.count');
    // In StatsD's third state the count lies beside the rate.
    const counts = config.legacy === true ? 'stats_counts.' : 'stats.';
    this.counterCount = of(counts, config.prefixCounter, count);
    const suffix = config.globalSuffix;
    this.suffix = this.encoder.encode(suffix === undefined ? '' : `.${suffix}`);
    this.sanitizeBody = sanitizesSent;
  }

  /** Writes a series' name into `out`. `part` tells rate from count, `label` is a timer's. */
  write(key: Uint8Array, kind: number, part: number, label: string | undefined): void {
    const affixes =
      kind === KIND_COUNTER && part === COUNTER_COUNT ? this.counterCount : this.kinds[kind]!;
    const { out } = this;
    const bodyTo = this.start(key, affixes.prefix);
    this.putRaw(affixes.middle);
    if (label !== undefined) {
      out.put(0x2e);
      this.putRaw(this.encoder.encode(label));
    }
    this.putRaw(this.suffix);
    out.putAll(key, bodyTo, key.length);
  }

  /** Writes the name that a timer's statistics, or a set's count, have in common. */
  writeBase(key: Uint8Array, kind: number): void {
    const { out } = this;
    const bodyTo = this.start(key, this.kinds[kind]!.prefix);
    this.putRaw(this.suffix);
    out.putAll(key, bodyTo, key.length);
  }

  /** The gauge's key behind an emitted name, or undefined when it is not a gauge's. */
  gaugeKey(name: string): string | undefined {
    const decoder = new TextDecoder();
    const prefix = decoder.decode(this.kinds[KIND_GAUGE]!.prefix);
    const suffix = decoder.decode(this.suffix);
    if (!name.startsWith(prefix)) return undefined;
    const tags = name.indexOf(';');
    const bodyTo = tags < 0 ? name.length : tags;
    const body = name.slice(prefix.length, bodyTo);
    if (!body.endsWith(suffix) || bodyTo < prefix.length) return undefined;
    return body.slice(0, body.length - suffix.length) + name.slice(bodyTo);
  }

  /** Prefix and body; returns where the key's tags start. */
  private start(key: Uint8Array, prefix: Uint8Array): number {
    const { out } = this;
    out.start(NAME_LIMIT);
    const tags = key.indexOf(SEMICOLON);
    const bodyTo = tags < 0 ? key.length : tags;
    this.putRaw(prefix);
    if (this.sanitizeBody) putSanitized(out, key, 0, bodyTo);
    else out.putAll(key, 0, bodyTo);
    return bodyTo;
  }

  private putRaw(bytes: Uint8Array): void {
    this.out.putAll(bytes, 0, bytes.length);
  }
}

/** `global.part.`, empty parts left out. */
function joined(global: string, part: string): string {
  return (global === '' ? '' : `${global}.`) + (part === '' ? '' : `${part}.`);
}
