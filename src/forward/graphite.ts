/**
 * StatsD's Graphite backend: every flush as `name value timestamp` lines (or a protocol-0 pickle)
 * to a carbon server, followed by the lines in which StatsD reports on itself. Unlike StatsD's it
 * keeps one connection, and flushes wait in a bounded queue on disk while Graphite is away or slow.
 * Source: StatsD's Graphite backend as described in its documentation; names as `NamespaceConfig`.
 */
import type { GraphiteBackendConfig, NamespaceConfig } from '../config/config.ts';
import type { FlushBatch, FlushFacts } from '../wire/sample-batch.ts';
import { OrderedSender, type SenderOptions, type SenderStats } from './ordered-sender.ts';
import type { SeriesNames } from '../wire/series-names.ts';

/** Lines formatted in one turn of the event loop: about 2 ms. */
const LINES_A_TURN = 4000;

export interface GraphiteBackendStats extends SenderStats {
  /** Epoch seconds; StatsD's `last_flush` and `last_exception`. */
  lastFlush: number;
  lastException: number;
  flushTimeMs: number;
  /** Characters of the last payload. */
  flushLength: number;
}

interface GraphiteOptions {
  nowSeconds: number;
  /** Names with blanks go out as they are, though they break their lines: as StatsD's do. */
  keepsBlanks?: boolean;
}

export class GraphiteBackend {
  private readonly keepsBlanks: boolean;
  private readonly sender: OrderedSender;
  private readonly config: GraphiteBackendConfig;
  private readonly namespace: NamespaceConfig;
  private readonly names: SeriesNames;
  private readonly startedSeconds: number;
  private lastFlush: number;
  private flushTimeMs = 0;
  /** The newest flush that was queued, and when. */
  private queued = { time: 0, ms: 0 };
  private flushLength = 0;

  constructor(
    config: GraphiteBackendConfig,
    namespace: NamespaceConfig,
    names: SeriesNames,
    options: GraphiteOptions & Pick<SenderOptions, 'spool' | 'onError' | 'tell' | 'ownPorts'>,
  ) {
    // What the configuration has in its own prefixes goes out as StatsD sends it, too.
    const isAsked = Object.values(namespace).some((part) => /\s/.test(String(part)));
    this.keepsBlanks = options.keepsBlanks === true || isAsked;
    this.config = config;
    this.namespace = namespace;
    this.names = names;
    this.startedSeconds = options.nowSeconds;
    this.lastFlush = options.nowSeconds;
    const { nowSeconds: _, ...rest } = options;
    this.sender = new OrderedSender({
      ...rest,
      host: config.host,
      port: config.port,
      peer: 'Graphite',
      unit: ['flush', 'flushes'],
      isHarmlessTwice: true,
      onSent: ({ time }) => {
        // What waited since before a restart says nothing about how fast Graphite is.
        if (time === this.queued.time) {
          this.flushTimeMs = Math.round(performance.now() - this.queued.ms);
        }
        this.lastFlush = time;
      },
    });
  }

  /** Formats and queues one flush; resolves when it is queued, not when it is sent. */
  async flush(batch: FlushBatch): Promise<void> {
    const startedMs = performance.now();
    const write = this.config.protocol === 'pickle' ? pickleEntry : textLine;
    const parts: string[] = [];
    const { refs, values, times: time } = batch;
    for (let i = 0; i < refs.length; i++) {
      parts.push(write(this.nameOf(refs[i]!), values[i]!, time));
      if (i % LINES_A_TURN === LINES_A_TURN - 1) await new Promise(setImmediate);
    }
    for (const [name, value] of this.ownLines(batch.flush, performance.now() - startedMs)) {
      parts.push(write(name, value, time));
    }
    const body = parts.join('');
    const payload =
      this.config.protocol === 'pickle' ? pickleMessage(body) : Buffer.from(body, 'utf8');
    this.queued = { time, ms: performance.now() };
    this.flushLength = body.length;
    this.sender.push(payload, time);
  }

  /** Carbon's lines end a name at its first blank. */
  private nameOf(ref: number): string {
    const name = this.names.name(ref);
    return this.keepsBlanks || !/\s/.test(name) ? name : name.replace(/\s/g, '_');
  }

  stats(): GraphiteBackendStats {
    const sender = this.sender.health();
    const lastException =
      sender.lastErrorMs === 0 ? this.startedSeconds : Math.round(sender.lastErrorMs / 1000);
    return {
      ...sender,
      lastFlush: this.lastFlush,
      lastException,
      flushTimeMs: this.flushTimeMs,
      flushLength: this.flushLength,
    };
  }

  async stop(timeoutMs: number): Promise<void> {
    await this.sender.stop(timeoutMs);
  }

  /** What StatsD appends about itself; the last four describe the flush before. */
  private *ownLines(flush: FlushFacts, formattingMs: number): Generator<[string, number]> {
    const { legacy, globalPrefix, globalSuffix, prefixStats } = this.namespace;
    const root = legacy === false ? globalPrefix : 'stats';
    const dotted = (...parts: string[]) => parts.filter((part) => part !== '').join('.');
    const suffix = globalSuffix === undefined ? '' : `.${globalSuffix}`;
    const own = dotted(root, prefixStats);
    const stats = this.stats();
    const total = legacy === true ? prefixStats : own;
    yield [`${total}.numStats${suffix}`, flush.metricCount];
    yield [`${own}.graphiteStats.calculationtime${suffix}`, Math.round(formattingMs)];
    yield [`${own}.processing_time${suffix}`, flush.processingMs];
    yield [`${own}.graphiteStats.last_exception${suffix}`, stats.lastException];
    yield [`${own}.graphiteStats.last_flush${suffix}`, stats.lastFlush];
    yield [`${own}.graphiteStats.flush_time${suffix}`, stats.flushTimeMs];
    yield [`${own}.graphiteStats.flush_length${suffix}`, stats.flushLength];
  }
}

function textLine(name: string, value: number, time: number): string {
  return `${name} ${value} ${time}\n`;
}

/** One `(name, (timestamp, value))` of a protocol-0 list; StatsD sends the value as a string. */
function pickleEntry(name: string, value: number, time: number): string {
  const quoted = name.replace(/[\\']/g, '\\$&');
  return `(S'${quoted}'\n(L${time}L\nS'${value}'\ntta`;
}

/** carbon's framing: a big-endian length, then the pickle. */
function pickleMessage(entries: string): Uint8Array {
  const body = Buffer.from(`(l${entries}.`, 'utf8');
  const message = Buffer.alloc(4 + body.length);
  message.writeUInt32BE(body.length, 0);
  body.copy(message, 4);
  return message;
}
