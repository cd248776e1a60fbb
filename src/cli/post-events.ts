/**
 * Events into a running server, those that it does not have: an event is known by its time, text, data
 * and tags. Afterwards it is asked what it kept, as it keeps `maxEvents` of them.
 */
import { UserError } from '../lib/errors.ts';
import { areObjects, type GraphiteServer, parse, saidBy } from './graphite-server.ts';
import type { GraphiteWeb } from './graphite-web-rows.ts';

/** Of one kind: what came in, what was there, what was left out. */
export interface Taken {
  taken: number;
  there: number;
  leftOut: { title: string; why: string }[];
}

type PostedEvent = GraphiteWeb['events'][number];

interface PostOptions {
  dryRun: boolean;
  onProgress(done: number): void;
}

/** Events on their way at once; one commit of the store takes them together. */
const AT_ONCE = 50;

export async function postEvents(
  server: GraphiteServer,
  events: readonly PostedEvent[],
  { dryRun, onProgress }: PostOptions,
): Promise<Taken> {
  const result: Taken = { taken: 0, there: 0, leftOut: [] };
  const fresh = missingOf(events, await keptEvents(server, events));
  result.there = events.length - fresh.length;
  result.taken = fresh.length;
  if (dryRun || fresh.length === 0) return result;
  for (let i = 0; i < fresh.length; i += AT_ONCE) {
    const some = fresh.slice(i, i + AT_ONCE);
    const whys = await Promise.all(some.map((event) => postEvent(server, event)));
    whys.forEach((why, at) => {
      if (why === undefined) return;
      result.taken -= 1;
      result.leftOut.push({ title: titleOf(some[at]!), why }); // as many
    });
    onProgress(result.there + i + some.length);
  }
  const lost = missingOf(events, await keptEvents(server, events)).length - result.leftOut.length;
  if (lost > 0) {
    result.taken -= lost;
    const why = `${lost} of ${events.length} are not kept: see maxEvents, maxEventBytes and eventRetention`;
    result.leftOut.push({ title: 'events', why });
  }
  return result;
}

/** What the server rejected, or undefined. */
async function postEvent(server: GraphiteServer, event: PostedEvent): Promise<string | undefined> {
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify(event);
  const { status, bytes } = await server.send('events', { method: 'POST', headers, body });
  return status === 200 ? undefined : saidBy(bytes, status);
}

/** All that the server has of the time of these, page by page from the newest. */
async function keptEvents(
  server: GraphiteServer,
  events: readonly PostedEvent[],
): Promise<PostedEvent[]> {
  const last = events.at(-1);
  if (last === undefined) return [];
  const kept: PostedEvent[] = [];
  const until = Math.max(last.when, Math.ceil(Date.now() / 1000)) + 1;
  let earliest = { when: Infinity, id: Infinity };
  for (let before = ''; ;) {
    const path = `events/get_data?from=0&until=${until}${before}`;
    const { status, headers, bytes } = await server.send(path, {});
    if (status !== 200) throw new UserError('badRequest', `/events: ${saidBy(bytes, status)}`);
    const page = parse(bytes, areObjects) as (PostedEvent & { id: number })[];
    for (const event of page) kept.push(event);
    const [first] = page;
    if (first === undefined || Number(headers.get('x-tallyd-more') ?? 0) === 0) return kept;
    // Else it would be asked for ever.
    if (!(first.when < earliest.when || (first.when === earliest.when && first.id < earliest.id))) {
      throw new UserError('badRequest', '/events: the same page again, expected the one before it');
    }
    earliest = first;
    before = `&before=${first.when}-${first.id}`;
  }
}

/** Two of the same are two. */
function missingOf(events: readonly PostedEvent[], kept: readonly PostedEvent[]): PostedEvent[] {
  const counts = new Map<string, number>();
  for (const event of kept) counts.set(keyOf(event), (counts.get(keyOf(event)) ?? 0) + 1);
  return events.filter((event) => {
    const count = counts.get(keyOf(event)) ?? 0;
    counts.set(keyOf(event), count - 1);
    return count <= 0;
  });
}

function keyOf({ when, what, data, tags }: PostedEvent): string {
  return JSON.stringify([when, what, data, tags]);
}

function titleOf({ when, what }: PostedEvent): string {
  return `event ${when} "${what.slice(0, 60)}"`;
}
