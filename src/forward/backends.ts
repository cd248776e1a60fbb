/**
 * All that leaves this process beside its store, behind one door: the Graphite, console and repeater
 * backends and the key flush log, as the config asks for them. Flushes to Graphite are written one
 * after the other, names learned first.
 */
import path from 'node:path';
import type { Config } from '../config/config.ts';
import type { BackendName } from '../config/statsd-values.ts';
import type { Rejection, Rejections } from '../rejections/rejections.ts';
import type { PackedStrings } from '../wire/packed-strings.ts';
import { SeriesNames } from '../wire/series-names.ts';
import type { FlushBatch } from '../wire/sample-batch.ts';
import type { FlushSnapshot } from '../wire/ingest-messages.ts';
import { ConsoleBackend } from './console.ts';
import { GraphiteBackend, type GraphiteBackendStats } from './graphite.ts';
import { KeyFlush } from './key-flush.ts';
import type { Tell } from './reach.ts';
import { Repeater, type RepeaterStats } from './repeater.ts';
import { Spool, type Spooled } from './spool.ts';

interface BackendOptions {
  /** Epoch seconds of the start. */
  nowSeconds: number;
  /** Every fault; `backend` is graphite, repeater or keyFlush. */
  onError(backend: string, message: string): void;
  /** What the log is to say of a peer, once a change. */
  tell?: Tell;
  /** Writes to standard output. */
  print(text: string): void;
  /** What `print` did not. */
  notPrinted?: Rejections;
}

export interface BackendStats {
  /** A sentence each about what does not arrive at a target of the repeater now. */
  repeaterTroubles: string[];
  graphite: GraphiteBackendStats | undefined;
  repeater: RepeaterStats | undefined;
  /** Lines that the key flush log has no place for. */
  keyFlushLeftOut: number | undefined;
}

/** Of the data folder. */
const QUEUE_FOLDER = 'graphite-queue';

/** What waits for Graphite on disk. */
interface Kept {
  spool: Spool;
  waiting: readonly Spooled[];
  bytesMax: number;
}

export class Backends {
  private readonly names = new SeriesNames();
  private readonly listed: readonly BackendName[];
  private readonly startedSeconds: number;
  private readonly graphite: GraphiteBackend | undefined;
  private readonly console: ConsoleBackend | undefined;
  private readonly repeater: Repeater | undefined;
  private readonly keyFlush: KeyFlush | undefined;
  private readonly notPrinted: Rejections | undefined;
  private flushes: Promise<void> = Promise.resolve();

  /** Rejects with the file system's error when the queue's folder cannot be used. */
  static async open(config: Config, options: BackendOptions): Promise<Backends> {
    const bytesMax = config.graphiteBackend?.queueBytes ?? 0;
    if (bytesMax === 0) return new Backends(config, options);
    const opened = await Spool.open(path.join(config.dataDir, QUEUE_FOLDER), {
      headroomBytes: config.diskHeadroomBytes,
    });
    return new Backends(config, options, { ...opened, bytesMax });
  }

  /** `open` makes one with its queue on disk. */
  constructor(config: Config, options: BackendOptions, kept?: Kept) {
    const { aggregation } = config;
    this.listed = config.backends;
    this.startedSeconds = options.nowSeconds;
    this.notPrinted = options.notPrinted;
    const onErrorOf = (backend: string) => (message: string) => options.onError(backend, message);
    if (config.graphiteBackend !== undefined) {
      const { namespace } = aggregation;
      this.graphite = new GraphiteBackend(config.graphiteBackend, namespace, this.names, {
        nowSeconds: options.nowSeconds,
        keepsBlanks: aggregation.sanitizesSent,
        onError: onErrorOf('graphite'),
        tell: options.tell ?? (() => {}),
        ownPorts: [config.carbon, config.carbonPickle].flatMap((one) => one?.port ?? []),
        ...(kept === undefined ? {} : { spool: kept }),
      });
    }
    if (config.consoleBackend !== undefined) {
      this.console = new ConsoleBackend({
        prettyprint: config.consoleBackend.prettyprint,
        namespace: aggregation.namespace,
        sanitizesSent: aggregation.sanitizesSent,
        percents: aggregation.percentThresholds.map(({ percent }) => percent),
        nowSeconds: options.nowSeconds,
        print: options.print,
      });
    }
    if (config.repeater !== undefined) {
      this.repeater = new Repeater(config.repeater, {
        onError: onErrorOf('repeater'),
        tell: options.tell ?? (() => {}),
      });
    }
    if (config.keyFlush !== undefined) {
      this.keyFlush = new KeyFlush(config.keyFlush, {
        sanitize: aggregation.keyNameSanitize,
        maxNames: aggregation.maxSeries,
        print: options.print,
        onError: onErrorOf('keyFlush'),
      });
      this.keyFlush.start();
    }
  }

  get wantPackets(): boolean {
    return this.repeater !== undefined || this.keyFlush !== undefined;
  }

  get wantSnapshots(): boolean {
    return this.console !== undefined;
  }

  /** Comes before the batch of the same flush; only under `wantSnapshots`. */
  takeSnapshot(snapshot: FlushSnapshot): void {
    this.console?.take(snapshot);
  }

  /** Queues a flush behind those before it; resolves when the batch is not read any more. */
  flush(batch: FlushBatch): Promise<void> {
    this.console?.flush(batch);
    const graphite = this.graphite;
    if (graphite === undefined) return Promise.resolve();
    this.flushes = this.flushes.then(async () => {
      this.names.learn(batch.series);
      await graphite.flush(batch);
      this.names.forget(batch.series);
    });
    return this.flushes;
  }

  /** Only under `wantPackets`. */
  takePackets(packets: PackedStrings): void {
    this.repeater?.repeat(packets);
    this.keyFlush?.count(packets);
  }

  /** What backends add to the management console's `stats`, in the order in which they are listed. */
  statusLines(nowSeconds: number): [string, number][] {
    return this.listed.flatMap((backend): [string, number][] => {
      if (backend === 'graphite') return this.graphiteLines(nowSeconds);
      const stats = backend === 'console' ? this.console?.stats() : undefined;
      if (stats === undefined) return [];
      return [
        ['console.lastFlush', stats.lastFlush],
        ['console.lastException', stats.lastException],
      ];
    });
  }

  /** Of those that are there. */
  stats(): BackendStats {
    return {
      repeaterTroubles: this.repeater?.troubles() ?? [],
      graphite: this.graphite?.stats(),
      repeater: this.repeater?.stats(),
      keyFlushLeftOut: this.keyFlush?.leftOutTotal,
    };
  }

  /** Texts that standard output did not take. */
  rejections(): Rejection[] {
    return this.notPrinted?.list() ?? [];
  }

  async stop(timeoutMs: number): Promise<void> {
    await this.flushes;
    await Promise.all([
      this.graphite?.stop(timeoutMs),
      this.repeater?.stop(timeoutMs),
      this.keyFlush?.stop(new Date()),
    ]);
  }

  /** Without a host the backend is there all the same, as StatsD's is, and never sends. */
  private graphiteLines(nowSeconds: number): [string, number][] {
    const stats = this.graphite?.stats();
    return [
      ['graphite.last_flush', nowSeconds - (stats?.lastFlush ?? this.startedSeconds)],
      ['graphite.last_exception', nowSeconds - (stats?.lastException ?? this.startedSeconds)],
      ['graphite.flush_time', stats?.flushTimeMs ?? 0],
      ['graphite.flush_length', stats?.flushLength ?? 0],
    ];
  }
}
