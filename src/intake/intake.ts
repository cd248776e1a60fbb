/**
 * What the ingest worker hands to the main thread, each kind on its way: flushes to the store and
 * the backends, ready-made points through carbon's rules, values with times of their own, events and
 * service checks. The worker gets its acknowledgement of a flush as soon as the store has taken the
 * batch into its bounded queue. Made by `daemon.ts`.
 */
import type { Backends } from '../forward/backends.ts';
import type { SelfMetrics } from '../health/self-metrics.ts';
import { type Ingest, type IngestEvents, startIngest } from '../ingest/ingest.ts';
import type { Log } from '../lib/log.ts';
import type { PendingWork } from '../lib/pending-work.ts';
import type { Service, Services } from '../lib/services.ts';
import type { RecordStore, SampleWriter } from '../storage/roles.ts';
import type { FlushBatch, SampleBatch, SampleReport } from '../wire/sample-batch.ts';
import type { Rejection } from '../rejections/rejections.ts';
import { eventLogOf } from './event-log.ts';
import { EventsAndChecks } from './events-and-checks.ts';
import { ReadyPoints } from './ready-points.ts';
import { type Settings, wantSketches } from './settings.ts';
import { TimestampedIntake } from './timestamped-samples.ts';

interface IntakeDeps {
  store: SampleWriter & RecordStore;
  backends: Backends;
  selfMetrics: SelfMetrics;
  /** Appends under way. */
  work: PendingWork;
  /** Whether they are being stopped. */
  services: Services;
  /** Epoch seconds. */
  nowSeconds(): number;
}

export class Intake {
  readonly points: ReadyPoints;
  readonly timed: TimestampedIntake;
  /** Ready-made points lost because writing failed: the queue was full, or the disk refused. */
  pointsNotStored = 0;
  private readonly checks: EventsAndChecks;
  private readonly deps: IntakeDeps;
  /** To acknowledge to. */
  private ingest: Ingest | undefined;

  constructor(settings: Settings, deps: IntakeDeps) {
    const { store, selfMetrics, nowSeconds } = deps;
    this.deps = deps;
    const count = (report: SampleReport): void => selfMetrics.countPoints(report);
    this.points = new ReadyPoints(store, settings.carbonRules, count, nowSeconds);
    this.timed = new TimestampedIntake(store, nowSeconds);
    const events = eventLogOf(store);
    events.keeping = settings.config.events;
    this.checks = new EventsAndChecks(store, events, settings.config.aggregation.namespace);
  }

  /** What carbon's own rules reject, and events that were not stored. */
  rejections(): Rejection[] {
    return [...this.points.rejected.list(), ...this.checks.rejections()];
  }

  async setRules({ config, carbonRules }: Settings): Promise<void> {
    await this.points.setRules(carbonRules);
    eventLogOf(this.deps.store).keeping = config.events;
  }

  /** Ingest, which gives what comes to this intake; its gauges go on from those of the store. */
  ingestService(settings: Settings, log: Log): Service<Ingest> {
    const { store, backends } = this.deps;
    const wants = {
      wantSketches: wantSketches(settings),
      wantPackets: backends.wantPackets,
      wantSnapshots: backends.wantSnapshots,
    };
    return {
      name: 'ingest',
      start: async () => {
        const gauges = await store.lastGauges();
        const ingest = await startIngest(settings.config, wants, this.events(log));
        this.ingest = ingest;
        await ingest.restoreGauges(gauges.names, gauges.values);
        return ingest;
      },
      stop: (ingest) => ingest.stop(),
    };
  }

  /** What a worker calls. */
  events(log: Log): IngestEvents {
    const { backends, work, nowSeconds } = this.deps;
    return {
      onFlush: (batch) => this.takeFlush(batch),
      onPoints: (batch) => this.takePoints(batch),
      onTimed: (batch) => work.track(this.timed.take(batch), 'values with times not stored'),
      onEvents: (events) => work.track(this.checks.take(events, nowSeconds()), 'events not stored'),
      onSnapshot: (snapshot) => backends.takeSnapshot(snapshot),
      onPackets: (packets) => backends.takePackets(packets),
      onLog: log,
      onError: (error) => {
        throw error; // the worker is gone: nothing is received any more, so crash aloud
      },
    };
  }

  private takeFlush(batch: FlushBatch): void {
    const { store, backends, selfMetrics, work, services } = this.deps;
    const stored = store.append(batch);
    work.track(stored, 'flush not stored');
    this.ingest?.acknowledge(batch.sequence);
    const sent = backends.flush(batch);
    void Promise.allSettled([stored, sent]).then(() => {
      if (batch.slot !== undefined) this.ingest?.giveMemory(batch.slot);
    });
    selfMetrics.flushed(batch, stored);
    // During a stop the ingest worker no longer answers questions about its health.
    if (!services.isStopping)
      work.track(this.storeSelfMetrics(batch.times), 'own metrics not stored');
  }

  private async storeSelfMetrics(time: number): Promise<void> {
    const batch = await this.deps.selfMetrics.batch(time);
    if (batch.refs.length > 0) await this.deps.store.append(batch, time);
  }

  private takePoints(batch: SampleBatch): void {
    const count = batch.refs.length;
    this.deps.selfMetrics.pointsCame(batch);
    const stored = this.points.take(batch).catch((error: unknown) => {
      this.pointsNotStored += count;
      throw error;
    });
    this.deps.work.track(
      // Given up on or not: whoever sends the next ones must not wait for ever.
      stored.finally(() => this.ingest?.acknowledgePoints(batch.slot!)),
      'points not stored',
    );
  }
}
