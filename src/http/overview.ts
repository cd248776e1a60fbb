/**
 * `/overview`: what whoever opens the page wants to know first, each figure with the target that draws it
 * or the pattern that finds it:
 *
 *     { "time": 1700000000,
 *       "well": { "status": "ok", "version", "uptimeSeconds", "lastFlush", "reason"? },
 *       "incoming": [ { "what": "StatsD samples counted.", "total": 9, "perSecond": 0.9,
 *                       "target": "perSecond(tallyd.metrics.received)" } ],
 *       "kinds": [ { "what": "counters", "value": 12, "target": "tallyd.metrics.by_kind.counters" } ],
 *       "listeners": [ { "what": "statsd udp", "address": "0.0.0.0:8125", "total", "perSecond", "target" } ],
 *       "rejected": [ { "what": "lines.bad", "reason": "noType", "total", "perSecond", "target",
 *                       "last"?: { "example", "time", "sender"? }, "hint"? } ],
 *       "noticed": [ … the same: taken, or counted above, and worth a look ],
 *       "senders": { "connections": [{…}], "known": [ { "sender": "10.0.0.1", "metrics": 120 } ] },
 *       "names": { "series": 1000, "target", "prefixes": [ { "prefix": "stats.timers", "series": 800,
 *                  "find": "stats.timers.*" } ] },
 *       "recent": [ { "path": "stats.timers.shop.pay", "count": 12, "example", "time" } ],
 *       "disk": { "fileBytes", "freeBytes"?, "target" },
 *       "slowRenders": [ { "targets": ["…"], "moreTargets": 0, "from", "until", "time", "ms", "refused"? } ] }
 *
 * Rates are of the last five minutes, from tallyd's own series; absent where these have no two points yet.
 * `rejected` are those turned away, each counted once; `noticed` repeats some of them by what they look like.
 */
import type { FastifyInstance } from 'fastify';
import type { Rights } from '../access/rights.ts';
import type { HealthReport } from '../health/health.ts';
import type { OwnMetric } from '../health/own-metric.ts';
import { isLost } from '../rejections/catalogue.ts';
import type { Rejection } from '../rejections/rejections.ts';
import type { SeriesReader } from '../storage/roles.ts';
import { jsonRoute, type HttpContext } from './http-deps.ts';
import { seesAll } from './visitors.ts';

const RATE_SECONDS = 300;
const PREFIXES_MAX = 20;
/** What comes in, by its series. */
const INCOMING = [
  'tallyd.datagrams.received',
  'tallyd.metrics.received',
  'tallyd.carbon.points',
  'tallyd.points.stored',
  'tallyd.timed.stored',
  'tallyd.events.received',
  'tallyd.checks.received',
];

/** A number of tallyd's own, with what draws it. */
interface Figure {
  what: string;
  /** Of a counter, since the start. */
  total?: number;
  perSecond?: number;
  /** Of a gauge. */
  value?: number;
  target: string;
}

export function overviewRoute(app: FastifyInstance, context: HttpContext): void {
  jsonRoute(
    app,
    '/overview',
    async (_params, limit, visitor) => {
      const { store, rights, seriesCount } = visitor;
      const now = context.deps.nowSeconds();
      const [report, metrics] = [await context.deps.health(), await context.deps.selfMetrics()];
      const prefixes = await limit.run(store.listingPrefixes(PREFIXES_MAX));
      const figures = new Figures(store, metrics, now);
      return {
        time: now,
        ...(await parts(figures, seesAll(visitor) ? report : withoutExamples(report), rights)),
        names: {
          series: seriesCount ?? report.store.seriesCount,
          target: 'tallyd.store.series',
          prefixes: prefixes.map((one) => ({ ...one, find: `${one.prefix}.*` })),
        },
        recent: store.newNames(),
        slowRenders: context.renders.slowest.list(now, rights.key),
      };
    },
    { jsonErrors: true },
  );
}

/** As whoever may see the state sees it, but not all names: examples have some. */
function withoutExamples({ reason: _one, reasons: _all, ...report }: HealthReport): HealthReport {
  const rejections = report['refusals']?.map(({ what, reason, count }) => ({
    what,
    reason,
    count,
  }));
  return rejections === undefined ? report : { ...report, ['refusals']: rejections };
}

/** Whoever may not see the state learns whether it is well. */
async function parts(
  figures: Figures,
  report: HealthReport,
  rights: Rights,
): Promise<Record<string, unknown>> {
  if (!rights.status) {
    const { status, version, uptimeSeconds } = report;
    return { well: { status, version, uptimeSeconds } };
  }
  const { status, reason, version, uptimeSeconds, lastFlush, listeners, receive, store } = report;
  const rejections = report['refusals'] ?? [];
  const { kernelDrops } = receive;
  const dropped: Rejection[] =
    kernelDrops === null || kernelDrops === 0
      ? []
      : [{ what: 'datagrams', reason: 'dropped', count: kernelDrops, hint: DROPPED_HINT }];
  return {
    well: {
      status,
      version,
      uptimeSeconds,
      lastFlush,
      ...(reason === undefined ? {} : { reason }),
    },
    incoming: await figures.of(({ series }) => INCOMING.includes(series)),
    kinds: await figures.of(({ series }) => series.startsWith('tallyd.metrics.by_kind.')),
    listeners: await Promise.all(
      listeners.map(async ({ name, address, series }) => {
        const [figure] = await figures.of((one) => one.series === series);
        return { ...figure, what: name, address };
      }),
    ),
    rejected: await figures.ofRejections([
      ...dropped,
      ...rejections.filter(({ what }) => isLost(what)),
    ]),
    noticed: await figures.ofRejections(rejections.filter(({ what }) => !isLost(what))),
    senders: {
      connections: await figures.of(({ series }) => series === 'tallyd.connections.open'),
      known: receive.sources ?? [],
    },
    disk: {
      fileBytes: store.fileBytes,
      ...(store.diskFreeBytes === undefined ? {} : { freeBytes: store.diskFreeBytes }),
      target: 'tallyd.store.file_bytes',
    },
  };
}

const DROPPED_HINT =
  'the kernel dropped them before they were read: raise receiveBufferBytes (and net.core.rmem_max)';

/** tallyd's own numbers as figures. */
class Figures {
  private readonly store: SeriesReader;
  private readonly metrics: readonly OwnMetric[];
  private readonly now: number;

  constructor(store: SeriesReader, metrics: readonly OwnMetric[], now: number) {
    this.store = store;
    this.metrics = metrics;
    this.now = now;
  }

  of(isWanted: (metric: OwnMetric) => boolean): Promise<Figure[]> {
    const wanted = this.metrics.filter(isWanted);
    return Promise.all(
      wanted.map(async ({ help, labels, series, type, value }) => {
        const what = labels?.['kind'] ?? help;
        if (type === 'gauge') return { what, value, target: series };
        return { what, ...(await this.counted(series, value)) };
      }),
    );
  }

  ofRejections(rejections: readonly Rejection[]): Promise<object[]> {
    return Promise.all(
      rejections.map(async ({ what, reason, count, last, hint }) => ({
        what,
        reason,
        ...(await this.counted(`tallyd.${what}.${reason}`, count)),
        ...(last === undefined ? {} : { last }),
        ...(hint === undefined ? {} : { hint }),
      })),
    );
  }

  private async counted(series: string, total: number): Promise<Omit<Figure, 'what'>> {
    const perSecond = await this.rateOf(series);
    const rate = perSecond === undefined ? {} : { perSecond };
    return { total, ...rate, target: `perSecond(${series})` };
  }

  /** A second, over the last five minutes; a counter that began anew counts from there. */
  private async rateOf(series: string): Promise<number | undefined> {
    const { store, now } = this;
    const found = store.lookup(series);
    if (found === undefined) return undefined;
    const [fetched] = await store.fetch([found.id], now - RATE_SECONDS, now, now);
    if (fetched === undefined) return undefined;
    const { values, step } = fetched;
    let [first, last, sum] = [-1, -1, 0];
    for (let i = 0; i < values.length; i++) {
      if (Number.isNaN(values[i]!)) continue;
      if (first < 0) first = i;
      else sum += values[i]! >= values[last]! ? values[i]! - values[last]! : values[i]!;
      last = i;
    }
    return first === last ? undefined : sum / ((last - first) * step);
  }
}
