/**
 * Ready-made points on their way from carbon's ports to the store: carbon's own rules first (lists,
 * rewriting, aggregation), aggregated points when their interval is over. For `daemon.ts`.
 */
import { CarbonPipeline, ruleRejections } from './carbon-pipeline.ts';
import { LastMistimed } from './last-mistimed.ts';
import type { CarbonRules } from './carbon-rules.ts';
import type { SampleWriter } from '../storage/roles.ts';
import type { SampleBatch, SampleReport } from '../wire/sample-batch.ts';
import { SeriesNames } from '../wire/series-names.ts';

export class ReadyPoints {
  private readonly store: SampleWriter;
  private readonly count: (report: SampleReport) => void;
  private readonly nowSeconds: () => number;
  private pipeline: CarbonPipeline;
  private readonly names = new SeriesNames();
  /** The store has learned what the names' refs stand for. */
  private isStoreTold = true;
  /** What carbon's own rules reject. */
  readonly rejected = ruleRejections();
  readonly lastMistimed = new LastMistimed();

  constructor(
    store: SampleWriter,
    rules: CarbonRules,
    count: (report: SampleReport) => void,
    nowSeconds: () => number,
  ) {
    this.store = store;
    this.count = count;
    this.nowSeconds = nowSeconds;
    this.pipeline = new CarbonPipeline(rules, this.rejected);
  }

  /** Resolves when the points are durable. */
  async take(batch: SampleBatch): Promise<void> {
    const now = this.nowSeconds();
    const { names, pipeline } = this;
    names.learn(batch.series);
    if (!pipeline.isIdle) {
      this.isStoreTold = false;
      await this.append(pipeline, pipeline.apply(batch, names, now), now);
      return;
    }
    const series = this.isStoreTold ? batch.series : names.all();
    this.isStoreTold = true;
    const nameOf = names.finder();
    const report = await this.store.append({ ...batch, series, senders: undefined }, now);
    this.count(report);
    this.lastMistimed.note(report, batch, nameOf, now);
  }

  /** Other rules from now on; what was gathered under the old ones is stored. */
  async setRules(rules: CarbonRules): Promise<void> {
    const old = this.pipeline;
    this.pipeline = new CarbonPipeline(rules, this.rejected);
    await this.append(old, old.rest(), this.nowSeconds());
  }

  /** Stores what was gathered, intervals that are not over too. */
  async stop(): Promise<void> {
    await this.append(this.pipeline, this.pipeline.rest(), this.nowSeconds());
  }

  /** Stores what was aggregated over intervals that have ended; a job calls it. */
  async storeDue(now: number): Promise<void> {
    await this.append(this.pipeline, this.pipeline.due(now), now);
  }

  private async append(
    pipeline: CarbonPipeline,
    batch: SampleBatch | undefined,
    now: number,
  ): Promise<void> {
    if (batch === undefined || batch.refs.length === 0) return;
    const report = await this.store.append({ ...batch, senders: undefined }, now);
    this.count(report);
    this.lastMistimed.note(report, batch, (ref) => pipeline.nameOf(ref), now);
  }
}
