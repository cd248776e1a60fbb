/**
 * Answers of `/render`, cached for requests that ask the same again: other viewers of a dashboard,
 * the same panel twice. An answer holds while the store's revision stays, so it is never older than
 * one write, nor than the request's `cacheTimeout`; sizes are bounded in bytes and entries. Where
 * points come all the time, a request that names a `cacheTimeout` gets what is at most one step
 * old.
 *
 *     key    hash of everything asked but times : grain : from, until and now in whole grains
 *     grain  seconds that change nothing (render-watch.ts), learned from the last evaluation
 */
import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { RenderCacheConfig } from '../config/config.ts';
import type { SeriesReader } from '../storage/roles.ts';
import { counter, gauge } from '../health/own-metric.ts';
import type { SelfMetric } from '../health/prometheus.ts';
import type { RenderRequest } from './render-request.ts';

interface CachedAnswer {
  type: string;
  body: string | Buffer;
}

interface DatedAnswer extends CachedAnswer {
  revision: number;
  /** Epoch seconds. */
  madeAt: number;
}

/** Bytes that an entry costs beside its body, about. */
const ENTRY_BYTES = 512;
/** No answer may take more than this part of the cache. */
const LARGEST_PART = 1 / 8;

export class RenderCache {
  private hits = 0;
  private misses = 0;
  private readonly store: SeriesReader;
  private readonly entries: LRUCache<string, DatedAnswer> | undefined;
  private readonly grains: LRUCache<string, number>;

  constructor(store: SeriesReader, { bytes, entries }: Omit<RenderCacheConfig, 'timeoutSeconds'>) {
    this.store = store;
    this.grains = new LRUCache({ max: Math.max(1, entries) });
    if (bytes === 0 || entries === 0) return;
    this.entries = new LRUCache({
      max: entries,
      maxSize: bytes,
      maxEntrySize: Math.max(1, Math.floor(bytes * LARGEST_PART)),
      sizeCalculation: ({ body }) => Buffer.byteLength(body) + ENTRY_BYTES,
    });
  }

  /** The cached answer of this request, if it still holds; `now`: epoch seconds of the server. */
  find(asked: RenderRequest, now: number): CachedAnswer | undefined {
    if (this.entries === undefined || asked.cacheSeconds <= 0) return undefined;
    const shape = shapeOf(asked);
    const grain = this.grains.get(shape) ?? 1;
    const entry = this.entries.get(keyOf(shape, asked, grain));
    if (entry === undefined) return undefined;
    const age = now - entry.madeAt;
    if (age >= asked.cacheSeconds) return undefined;
    const isLast = entry.revision === this.store.revision();
    if (!isLast && !(asked.mayLag && age < grain)) return undefined;
    this.hits += 1;
    return entry;
  }

  /** Before an evaluation: takes down what the store is at, for `keep`. */
  begin(asked: RenderRequest): number | undefined {
    if (this.entries === undefined || asked.cacheSeconds <= 0) return undefined;
    this.misses += 1;
    return this.store.revision();
  }

  put(
    asked: RenderRequest,
    answer: CachedAnswer,
    found: { revision: number; grain: number; now: number },
  ): void {
    const shape = shapeOf(asked);
    const { revision, grain, now } = found;
    this.grains.set(shape, grain);
    this.entries?.set(keyOf(shape, asked, grain), { ...answer, revision, madeAt: now });
  }

  metrics(): SelfMetric[] {
    const bytes = this.entries?.calculatedSize ?? 0;
    return [
      counter('http.render_cache_hits', 'Renders answered from the cache.', this.hits),
      counter('http.render_cache_misses', 'Renders that the cache had no answer for.', this.misses),
      gauge('http.render_cache_bytes', 'Bytes of the answers in the cache.', bytes),
    ];
  }
}

/** Everything that an answer is made of but the times. */
function shapeOf(asked: RenderRequest): string {
  const {
    from: _from,
    until: _until,
    now: _now,
    cacheSeconds: _age,
    mayLag: _lag,
    ...shape
  } = asked;
  return createHash('sha256').update(JSON.stringify(shape)).digest('base64');
}

/**
 * Times in whole grains. How their remainders compare is part of it: it decides whether a window
 * that is as long as a retention is still covered, and which of two times in one grain is first.
 */
function keyOf(shape: string, { from, until, now }: RenderRequest, grain: number): string {
  const whole = [from, until, now].map((time) => Math.floor(time / grain));
  const rest = (time: number): number => time - Math.floor(time / grain) * grain;
  const order = [
    Math.sign(rest(now) - rest(from)),
    Math.sign(rest(now) - rest(until)),
    Math.sign(rest(until) - rest(from)),
  ];
  return `${shape}:${grain}:${whole.join(':')}:${order.join(':')}`;
}
