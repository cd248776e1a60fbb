/**
 * The `/tags` family: registering, deleting, listing and completing tags, in the shapes of
 * graphite-web 1.1.10's `tags/views.py` (read for its facts). All answers are JSON, errors too.
 */
import type { FastifyContextConfig, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { badRequest, overLimit } from '../lib/errors.ts';
import { type InSteps, STEPS_AT_ONCE } from '../lib/in-steps.ts';
import { compilePattern } from '../lib/pattern.ts';
import type {
  SearchInSteps,
  SeriesAdmin,
  SeriesReader,
  TagExpression,
  TagQuery,
} from '../storage/roles.ts';
import type { RequestLimit } from '../query/evaluate/request-limit.ts';
import { sendListJson } from './list-answer.ts';
import { clip, type Params } from './params.ts';
import { requestLimit, requestParams, type HttpContext } from './http-deps.ts';
import { canonicalTagged, parseTagSearch } from './tag-names.ts';
import { requireWrite, type Visitor, visitorOf } from './visitors.ts';

/** Names or values that a completion lists when no limit is given, as in Graphite. */
const COMPLETIONS_MAX = 100;
/** Names of refused series that an answer lists. */
const REFUSED_SHOWN = 100;

/** Texts that a pattern is asked about before others run. */
const FILTERED_AT_ONCE = 100;

interface Asked {
  params: Params;
  limit: RequestLimit;
  visitor: Visitor;
  request: FastifyRequest;
}

type Answer = (asked: Asked) => unknown;

export function tagRoutes(app: FastifyInstance, context: HttpContext): void {
  const { whole } = context;
  const route = (
    url: string,
    methods: string[],
    answer: Answer,
    config: FastifyContextConfig = { jsonErrors: true },
  ): void => {
    app.route({
      method: methods,
      url,
      config,
      handler: async (request, reply) => {
        const params = requestParams(request);
        // /tags answers JSON whatever `jsonp` says, as Graphite does.
        const limit = requestLimit(request);
        const visitor = visitorOf(request);
        return sendPlain(reply, params, limit, await answer({ params, limit, visitor, request }));
      },
    });
  };
  const read = (url: string, answer: Answer): void => route(url, ['GET', 'POST'], answer);
  const write = (url: string, answer: Answer): void => {
    route(url, ['POST'], answer, { jsonErrors: true, changes: true });
  };

  write('/tags/tagSeries', async ({ params, visitor }) => {
    const [name] = await tag(whole, visitor, needPaths(params).slice(-1));
    return name;
  });
  write('/tags/tagMultiSeries', ({ params, visitor }) => tag(whole, visitor, needPaths(params)));
  write('/tags/delSeries', async ({ params, visitor }) => {
    // Out of the index only; DELETE /series deletes points too. Plain names are not in the index.
    const names = needPaths(params).map(canonicalTagged);
    requireWrite(visitor, names);
    const tagged = names.filter((name) => name.includes(';'));
    await whole.untag(tagged, context.deps.nowSeconds());
    return true;
  });
  read('/tags/findSeries', async ({ params, limit, visitor: { store } }) => {
    const expressions = parseTagSearch(params.list('expr'));
    if (expressions.length === 0) throw badRequest('expr: expected tag=value');
    const found = await limit.run(store.findingTagged(expressions));
    return found.slice(0, params.limit()).map((series) => series.name);
  });
  read('/tags/autoComplete/tags', ({ params, limit, visitor }) =>
    completeTags(visitor.store, params, limit),
  );
  read('/tags/autoComplete/values', ({ params, limit, visitor }) =>
    completeValues(visitor.store, params, limit),
  );
  route('/tags', ['GET'], async ({ params, limit, visitor: { store } }) => {
    const tags = (await limit.run(store.namingTags({ expressions: [] }))).map((name, index) => ({
      id: index + 1,
      tag: name,
    }));
    return limit.run(filtered(tags, ({ tag }) => tag, params));
  });
  route('/tags/:tag', ['GET'], async ({ params, limit, visitor: { store }, request }) => {
    const { tag } = request.params as { tag: string };
    const values = await limit.run(store.listingValues(tag, { expressions: [] }));
    if (values.length === 0) return null;
    const listed = values.map(({ value, count }, index) => ({ id: index + 1, value, count }));
    const tags = await limit.run(store.namingTags({ expressions: [] }));
    const id = tags.indexOf(tag) + 1;
    return { id, tag, values: await limit.run(filtered(listed, ({ value }) => value, params)) };
  });
}

function sendPlain(
  reply: FastifyReply,
  params: Params,
  limit: RequestLimit,
  value: unknown,
): Promise<FastifyReply> {
  params.remove('jsonp');
  return sendListJson(reply, params, limit, value);
}

function needPaths(params: Params): readonly string[] {
  const paths = params.list('path').filter((path) => path !== '');
  if (paths.length === 0) throw badRequest('path: expected a series name');
  return paths;
}

/** Throws `overLimit` with the names that a limit of the store refused; the others are tagged. */
async function tag(
  store: SeriesAdmin & SeriesReader,
  visitor: Visitor,
  paths: readonly string[],
): Promise<string[]> {
  const names = paths.map(canonicalTagged);
  requireWrite(visitor, names);
  // Together, so that one commit takes them all.
  await Promise.all(names.map((name) => store.tagSeries(name)));
  const refused = names.filter((name) => store.lookup(name) === undefined);
  if (refused.length === 0) return names;
  const shown = refused.slice(0, REFUSED_SHOWN).map((name) => clip(name));
  const more = refused.length > shown.length ? ` and ${refused.length - shown.length} more` : '';
  throw overLimit(
    `${refused.length} of ${names.length} series refused by maxStoredSeries, ` +
      `maxStoredSeriesPerPrefix or a disk that is nearly full: ${shown.join(', ')}${more}`,
  );
}

async function completeTags(
  store: SearchInSteps,
  params: Params,
  limit: RequestLimit,
): Promise<string[]> {
  const expressions = parseTagSearch(params.list('expr'));
  // A tag that is already part of the search is not offered again.
  const searched = new Set(expressions.map((expression) => expression.tag));
  const query = tagQuery(expressions, params.last('tagPrefix'));
  const names = await limit.run(store.namingTags(query));
  return names.filter((name) => !searched.has(name)).slice(0, completions(params));
}

async function completeValues(
  store: SearchInSteps,
  params: Params,
  limit: RequestLimit,
): Promise<string[]> {
  const tag = params.last('tag');
  if (tag === undefined || tag === '') throw badRequest('tag: expected its name');
  const exprs = params.list('expr');
  // Values are asked of series that have the tag: that is the one positive condition needed.
  const expressions = parseTagSearch(exprs.length === 0 ? [] : [...exprs, `${tag}!=`]);
  const query = tagQuery(expressions, params.last('valuePrefix'));
  const values = await limit.run(store.listingValues(tag, query));
  return values.map(({ value }) => value).slice(0, completions(params));
}

function tagQuery(expressions: TagExpression[], prefix: string | undefined): TagQuery {
  return prefix === undefined || prefix === '' ? { expressions } : { expressions, prefix };
}

function completions(params: Params): number {
  return params.has('limit') ? params.limit() : COMPLETIONS_MAX;
}

/** `filter` is a pattern anchored at the start; `limit` cuts the list. */
function* filtered<T>(items: T[], textOf: (item: T) => string, params: Params): InSteps<T[]> {
  const filter = params.last('filter');
  if (filter === undefined || filter === '') return items.slice(0, params.limit());
  const pattern = compilePattern(filter, true);
  const matching: T[] = [];
  for (const [i, item] of items.entries()) {
    if (pattern.matchStart(textOf(item))) matching.push(item);
    if (i % FILTERED_AT_ONCE === FILTERED_AT_ONCE - 1) yield STEPS_AT_ONCE;
  }
  return matching.slice(0, params.limit());
}
