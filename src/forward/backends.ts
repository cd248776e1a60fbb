/**
 * All that leaves this process at a flush, behind one door: the Graphite backend and the repeater
 * as the config asks for them. Flushes are written one after the other, names learned first.
 */
import type { Config } from '../config/config.ts';
import type { FlushFrame } from '../wire.ts';
import { GraphiteBackend, type GraphiteBackendStats } from './graphite.ts';
import { Repeater, type RepeaterStats } from './repeater.ts';
import { SeriesNames } from './series-names.ts';

export interface BackendOptions {
  /** Epoch seconds of the start. */
  nowSeconds: number;
  onError(backend: string, message: string): void;
}

export class Backends {
  private readonly names = new SeriesNames();
  private readonly graphite: GraphiteBackend | undefined;
  private readonly repeater: Repeater | undefined;
  private flushes: Promise<void> = Promise.resolve();

  constructor(config: Config, options: BackendOptions) {
    if (config.graphiteBackend !== undefined) {
      this.graphite = new GraphiteBackend(
        config.graphiteBackend,
        config.aggregation.namespace,
        this.names,
        {
          nowSeconds: options.nowSeconds,
          onError: (message) => options.onError('graphite', message),
        },
      );
    }
    if (config.repeater !== undefined) {
      this.repeater = new Repeater(config.repeater, (message) =>
        options.onError('repeater', message),
      );
    }
  }

  get wantPackets(): boolean {
    return this.repeater !== undefined;
  }

  /** Queues a flush behind those before it. */
  flush(frame: FlushFrame): void {
    const graphite = this.graphite;
    if (graphite === undefined) return;
    this.flushes = this.flushes.then(async () => {
      this.names.learn(frame);
      await graphite.flush(frame);
      this.names.forget(frame);
    });
  }

  repeat(bytes: Uint8Array, ends: Uint32Array): void {
    this.repeater?.repeat(bytes, ends);
  }

  graphiteStats(): GraphiteBackendStats | undefined {
    return this.graphite?.stats();
  }

  repeaterStats(): RepeaterStats | undefined {
    return this.repeater?.stats();
  }

  async stop(timeoutMs: number): Promise<void> {
    await this.flushes;
    await Promise.all([this.graphite?.stop(timeoutMs), this.repeater?.stop(timeoutMs)]);
  }
}
