/**
 * `GET /admin/top`: what is busiest, and who makes names, for `tallyd top`; for the same peers as the
 * admin routes. All of it is counted anyway: names and prefixes at each flush, the rest in the index
 * and in the health report.
 *
 *     { "time": 1700000000,                                    the flush that `names` and `prefixes` are of
 *       "names":    [ { "name": "shop.pay", "kind": "timers", "perSecond": 120 } ],
 *       "prefixes": [ { "prefix": "shop.cart", "perSecond": 800, "names": 31 } ],
 *       "tags":     [ { "tag": "host", "values": 210 } ],
 *       "senders":  [ { "sender": "10.0.0.5", "metrics": 40 } ],          names that each made
 *       "newNames": { "perMinute": 12, "recent": [ { "path", "count", "example", "time" } ] },
 *       "rejections": [ { "what", "reason", "count", "last"?, "hint"? } ] }
 */
import type { FastifyInstance } from 'fastify';
import type { FlushTop } from '../wire/flush-top.ts';
import { peerCheck } from './local-peer.ts';
import type { HttpContext } from './http-deps.ts';
import { visitorOf } from './visitors.ts';

const LIST_MAX = 20;

export interface TopAnswer {
  time: number;
  names: { name: string; kind: string; perSecond: number }[];
  prefixes: { prefix: string; perSecond: number; names: number }[];
  tags: { tag: string; values: number }[];
  senders: { sender: string; metrics: number }[];
  newNames: {
    perMinute: number;
    recent: { path: string; count: number; example: string; time: number }[];
  };
  rejections: {
    what: string;
    reason: string;
    count: number;
    last?: { example: string; time: number; sender?: string };
    hint?: string;
  }[];
}

export function topRoute(app: FastifyInstance, { deps }: HttpContext): void {
  const check = peerCheck(deps.adminPeers ?? []);
  app.route({
    method: 'GET',
    url: '/admin/top',
    config: { jsonErrors: true },
    onRequest: async (request) => check(request),
    handler: async (request, reply) => {
      const { store } = visitorOf(request);
      const [top, report] = [await deps.top?.(), await deps.health()];
      const answer: TopAnswer = {
        ...busiest(top?.flush),
        tags: store.tagCounts(LIST_MAX),
        senders: report.receive.sources ?? [],
        newNames: {
          perMinute: top?.newPerMinute ?? 0,
          recent: store.newNames().slice(0, LIST_MAX),
        },
        rejections: (report['refusals'] ?? []).slice(0, LIST_MAX),
      };
      return reply
        .header('cache-control', 'no-store')
        .type('application/json')
        .send(JSON.stringify(answer));
    },
  });
}

function busiest(flush: FlushTop | undefined): Pick<TopAnswer, 'time' | 'names' | 'prefixes'> {
  if (flush === undefined) return { time: 0, names: [], prefixes: [] };
  const { time, seconds, names, prefixes } = flush;
  return {
    time,
    names: names.map(({ name, kind, count }) => ({ name, kind, perSecond: count / seconds })),
    prefixes: prefixes.map((one) => ({
      prefix: one.prefix,
      perSecond: one.count / seconds,
      names: one.names,
    })),
  };
}
