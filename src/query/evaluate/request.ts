/** A request to the query core: targets and the window, and what they may use and cost. */
import type { EvaluateLimits } from './request-limit.ts';
import type { Event } from '../functions/spec.ts';

export type EventProvider = (
  tags: readonly string[],
  from: number,
  until: number,
) => Event[] | Promise<Event[]>;

export interface EvaluateRequest {
  targets: readonly string[];
  /** Epoch seconds, from < until. */
  from: number;
  until: number;
  now: number;
  /** IANA zone; UTC when absent. */
  tz?: string;
  maxDataPoints?: number;
  /** With maxDataPoints, whether datapoints before the first whole bucket are shown. */
  partialFirstBucket?: boolean;
  /** Values of `template[x]` parameters: they win over those inside `template()`. */
  templates?: Readonly<Record<string, string>>;
  xFilesFactor?: number;
  limits?: Partial<EvaluateLimits>;
  events?: EventProvider;
  /** Asked between calls and slices of long ones: false ends the evaluation with `abandoned`. */
  isWanted?: () => boolean;
  /**
   * Called when a function looks at the window or the clock itself: the answer then holds for these
   * very seconds. Without a call it depends on times only through what was fetched.
   */
  onClock?: () => void;
}
