/**
 * The renders that are evaluated now: who asked what, since when; each can be ended. What was slow is
 * noted and told to the log once it has ended.
 */
import type { FastifyRequest } from 'fastify';
import { counter } from '../health/own-metric.ts';
import { Histogram } from '../health/histogram.ts';
import type { SelfMetric } from '../health/prometheus.ts';
import { RECENT_MS } from '../health/reasons.ts';
import { UserError } from '../lib/errors.ts';
import { timesText } from '../lib/counted.ts';
import type { Log } from '../lib/log.ts';
import type { Series } from '../query/series/series.ts';
import { type Asked, shortened, SlowRenders } from './slow-renders.ts';

/** Characters that a proxy may say of whom it asks for. */
const CLIENT_LENGTH_MAX = 100;

interface RendersOptions {
  /** Told from here on, milliseconds; 0: none is. */
  slowMs: number;
  log: Log;
  nowSeconds(): number;
  /** Milliseconds of a clock that nobody sets. */
  monotonicMs?(): number;
}

export class Renders {
  readonly slowest = new SlowRenders();
  private readonly options: RendersOptions;
  private readonly monotonicMs: () => number;
  private readonly running = new Map<number, Render>();
  private readonly durations = new Histogram(
    'tallyd_http_render_duration_seconds',
    'Time that renders took to evaluate, those that failed too.',
  );
  private lastId = 0;
  private slow = 0;
  private ended = 0;
  private lastSlow: { ms: number; sentence: string } | undefined;

  constructor(options: RendersOptions) {
    this.options = options;
    this.monotonicMs = options.monotonicMs ?? (() => performance.now());
  }

  /** Does a render; `work` asks it from time to time whether it is wanted. */
  async run<T>(asked: Asked, asker: Asker, work: (render: Render) => Promise<T>): Promise<T> {
    const render = new Render(++this.lastId, asked, asker, {
      since: this.options.nowSeconds(),
      monotonicMs: this.monotonicMs,
    });
    this.running.set(render.id, render);
    let failure: Error | undefined;
    try {
      const answer = await work(render);
      if (render.isEnded) throw new Error('its answer is not wanted');
      return answer;
    } catch (error) {
      const ended = 'the render was ended by whoever runs this server';
      failure = render.isEnded ? new UserError('busy', ended) : (error as Error);
      throw failure;
    } finally {
      this.running.delete(render.id);
      this.take(render, failure);
    }
  }

  /** The longest first. */
  list(): object[] {
    return [...this.running.values()].map((render) => render.shown());
  }

  /** Whether there is one of this number, which then ends at its next pause. */
  end(id: number): boolean {
    const render = this.running.get(id);
    if (render === undefined) return false;
    if (!render.isEnded) this.ended += 1;
    render.isEnded = true;
    return true;
  }

  /** A sentence about slow ones of the last ten minutes. */
  slowLately(): string | undefined {
    const { lastSlow: last, slow } = this;
    if (last === undefined || this.monotonicMs() - last.ms > RECENT_MS) return undefined;
    return `renders were slow (${timesText(slow)}, the last: ${last.sentence})`;
  }

  metrics(): SelfMetric[] {
    const slow = 'Renders that took slowRenderMs and longer.';
    return [
      ...this.durations.metrics(),
      counter('http.renders_slow', slow, this.slow),
      counter('http.renders_ended', 'Renders ended by DELETE /admin/renders.', this.ended),
    ];
  }

  private take(render: Render, failure: Error | undefined): void {
    const { asked, ms } = render;
    const { slowMs, log, nowSeconds } = this.options;
    this.durations.observe(ms);
    const isRefused = failure instanceof UserError && failure.code === 'overLimit';
    const refused = isRefused ? failure.message : undefined;
    if (failure === undefined || refused !== undefined) {
      this.slowest.note(asked, ms, nowSeconds(), refused);
    }
    if (slowMs === 0 || ms < slowMs) return;
    this.slow += 1;
    const sentence = render.sentence();
    this.lastSlow = { ms: this.monotonicMs(), sentence };
    const failed = failure === undefined ? {} : { failed: failure.message };
    log('warn', `slow render: ${sentence}`, { ...render.shown(), ...failed });
  }
}

interface Asker {
  client: string;
  /** Whether it still waits for its answer. */
  isWaiting(): boolean;
}

interface Clock {
  /** When it began, epoch seconds. */
  since: number;
  monotonicMs(): number;
}

export class Render {
  readonly id: number;
  readonly asked: Asked;
  isEnded = false;
  private readonly asker: Asker;
  private readonly clock: Clock;
  private readonly started: number;
  private series = 0;
  private points = 0;

  constructor(id: number, asked: Asked, asker: Asker, clock: Clock) {
    this.id = id;
    this.asked = asked;
    this.asker = asker;
    this.clock = clock;
    this.started = clock.monotonicMs();
  }

  readonly isWanted = (): boolean => !this.isEnded && this.asker.isWaiting();

  get ms(): number {
    return this.clock.monotonicMs() - this.started;
  }

  /** What it answers. */
  answers(seriesList: readonly Series[]): void {
    this.series = seriesList.length;
    this.points = seriesList.reduce((sum, { values }) => sum + values.length, 0);
  }

  shown(): object {
    const { id, asker, clock, series, points } = this;
    const { from, until } = this.asked;
    const targets = shortened(this.asked);
    return {
      id,
      ...targets,
      from,
      until,
      client: asker.client,
      since: clock.since,
      ms: Math.round(this.ms),
      series,
      points,
    };
  }

  sentence(): string {
    const { series, points, asked, asker } = this;
    const [first = ''] = shortened(asked).targets;
    const more = asked.targets.length > 1 ? ` and ${asked.targets.length - 1} more` : '';
    return (
      `${first}${more}, ${(this.ms / 1000).toFixed(1)} s for ${series} series and ${points} points, ` +
      `asked by ${asker.client}`
    );
  }
}

/** The address that asks, and for whom where a proxy says so. */
export function clientOf(request: FastifyRequest): string {
  const address = request.socket.remoteAddress ?? 'nobody any more';
  const forwarded = request.headers['x-forwarded-for'];
  if (forwarded === undefined) return address;
  return `${address} for ${String(forwarded).slice(0, CLIENT_LENGTH_MAX)}`;
}
