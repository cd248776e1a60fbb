/** The state of all parts at one moment: what every report of tallyd's own is made of. */
import type { ConsoleServer } from '../console/commands.ts';
import type { WrongPort } from '../console/wrong-port.ts';
import type { Backends, BackendStats } from '../forward/backends.ts';
import type { Ingest, IngestHealth } from '../ingest/ingest.ts';
import { BY_AGGREGATION, BY_LISTS } from '../intake/carbon-pipeline.ts';
import type { ReadyPoints } from '../intake/ready-points.ts';
import type { Settings } from '../intake/settings.ts';
import type { TimestampedIntake } from '../intake/timestamped-samples.ts';
import type { IdleSeries } from '../jobs/idle-series.ts';
import type { SchemaMismatch } from '../jobs/schema-mismatch.ts';
import type { PendingWork } from '../lib/pending-work.ts';
import { joinRejections, type Rejection } from '../rejections/rejections.ts';
import type { StoreHealth, StoreLifecycle } from '../storage/roles.ts';
import type { SampleCounts } from '../wire/sample-batch.ts';
import type { IntakeCounts } from './own-metrics.ts';

export interface MeasuredParts {
  store: Pick<StoreLifecycle, 'health'>;
  ingest: Ingest;
  backends: Backends;
  intake: {
    points: ReadyPoints;
    timed: TimestampedIntake;
    pointsNotStored: number;
    rejections(): Rejection[];
  };
  idle: IdleSeries;
  mismatch: SchemaMismatch;
  /** Undefined where there is none. */
  console: Pick<ConsoleServer, 'rejections'> | undefined;
  wrongPort: WrongPort;
  settings(): Settings;
  work: PendingWork;
  /** Undefined where there is none; where it listens, for hints, and what was slow there. */
  http: { port: number; slowLately(): string | undefined } | undefined;
}

export interface Gathered {
  ingest: IngestHealth;
  store: StoreHealth;
  backends: BackendStats;
  intake: IntakeCounts;
  rejections: Rejection[];
  /** A sentence about renders that were slow lately. */
  slowRenders: string | undefined;
}

/** `points`: what became of ready-made points. */
export async function gather(parts: MeasuredParts, points: SampleCounts): Promise<Gathered> {
  const { ingest, store, backends, intake, console, wrongPort } = parts;
  const [ingestHealth, storeHealth] = [await ingest.health(), store.health()];
  const { timed, pointsNotStored } = intake;
  const { rejected, lastMistimed } = intake.points;
  return {
    ingest: ingestHealth,
    store: storeHealth,
    backends: backends.stats(),
    slowRenders: parts.http?.slowLately(),
    intake: {
      points,
      pointsNotStored,
      timed: timed.report,
      lastMistimed: { points: lastMistimed, timed: timed.lastMistimed },
      rejectedByLists: rejected.countOf(BY_LISTS),
      notAggregated: rejected.countOf(BY_AGGREGATION),
    },
    rejections: joinRejections([
      ...ingestHealth.rejections,
      ...intake.rejections(),
      ...(storeHealth.rejections ?? []),
      ...backends.rejections(),
      ...(console?.rejections() ?? []),
      ...wrongPort.rejections(),
    ]),
  };
}
