/** What lines become, from the packet to the names and values of the flush. */
import { type Dialect, dialectCode } from '../../../src/config/dialects.ts';
import type { AggregationConfig } from '../../../src/config/config.ts';
import type { Aggregator } from '../../../src/ingest/aggregate/aggregator.ts';
import { flushOf } from '../../ingest/aggregate/flushing.ts';
import { makeAggregator, send } from '../../ingest/aggregate/make.ts';

export interface Counted {
  /** `name value`, of counters their counts, of timers their sums; sorted. */
  series: string[];
  /** `what reason count` of what was refused or changed. */
  told: string[];
  aggregator: Aggregator;
}

export function countedOf(
  lines: string,
  dialect: Dialect = 'extended',
  config: Partial<AggregationConfig> = {},
): Counted {
  const aggregator = makeAggregator(config);
  send(aggregator, lines, dialectCode(dialect));
  const telling = /^stats(_counts\.|\.gauges\.|\.sets\.|\.timers\..*\.sum(;|$))(?!statsd\.)/;
  const { values } = flushOf(aggregator, 1_700_000_000, new Map());
  return {
    series: [...values]
      .filter(([name]) => telling.test(name))
      .map(([name, [value]]) => `${name.replace(/^stats(_counts)?\./, '')} ${value}`)
      .sort(),
    told: aggregator
      .rejections()
      .filter(({ count }) => count > 0)
      .map(({ what, reason, count }) => `${what} ${reason} ${count}`),
    aggregator,
  };
}
