/**
 * `POST /admin/<call>`: the store for the command line's verbs while the server runs, one route a
 * method of StoreAdmin (storage/admin/calls.ts has the shapes). Only for peers on this machine, and
 * only with the header that a web page cannot send.
 */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { UserError } from '../lib/errors.ts';
import { ADMIN_POINTS } from '../storage/admin/store-admin.ts';
import {
  ADMIN_BODY_BYTES,
  ADMIN_ERROR_HEADER,
  ADMIN_HEADER,
  type AdminCall,
  type Answer,
  AskReader,
  encodeArchive,
  encodeFetched,
} from '../storage/admin/calls.ts';
import type { LocalAdmin } from '../storage/admin/local-admin.ts';
import { peerCheck } from './local-peer.ts';
import { parseJsonBody } from './params.ts';
import { bodyText, type HttpContext } from './http-deps.ts';

/** Most bytes of a note, and of its key. */
const NOTE_BYTES_MAX = 4096;
const NOTE_KEY_BYTES_MAX = 256;

type Answers = { [Call in AdminCall]: (ask: AskReader) => Promise<Answer<Call>> };

export function adminRoutes(app: FastifyInstance, context: HttpContext): void {
  const checkPeer = peerCheck(context.sources.adminPeers ?? []);
  const checkOwn = peerCheck([]);
  const checks = async (call: string, request: FastifyRequest): Promise<void> => {
    // A backup writes a file here: that is for those who are here.
    if (call === 'backup') checkOwn(request);
    else checkPeer(request);
    if (request.headers[ADMIN_HEADER] === undefined) {
      throw new UserError('forbidden', `admin: no header ${ADMIN_HEADER}, expected it from a verb`);
    }
  };
  for (const [call, answer] of Object.entries(answers(context))) {
    app.route({
      method: 'POST',
      url: `/admin/${call}`,
      config: { jsonErrors: true },
      bodyLimit: ADMIN_BODY_BYTES,
      onRequest: async (request) => checks(call, request),
      handler: async (request, reply) => {
        const ask = new AskReader(parseJsonBody(bodyText(request)));
        try {
          const text = JSON.stringify(await answer(ask));
          return await reply
            .header('cache-control', 'no-store')
            .type('application/json')
            .send(text);
        } catch (error) {
          if (error instanceof UserError) reply.header(ADMIN_ERROR_HEADER, error.code);
          throw error;
        }
      },
    });
  }
}

function answers({ admin, limits }: HttpContext): Answers {
  return {
    names: async (ask) => {
      return { names: await admin.names(ask.text('query'), ask.optionalText('after')) };
    },
    info: async (ask) => {
      const series = await admin.info(ask.names('names'));
      return { series: series.map((detail) => detail ?? null) };
    },
    kept: async (ask) => {
      const series = await admin.kept(ask.names('names'));
      return { series: series.map((info) => info ?? null) };
    },
    fetch: async (ask) => answerFetch(admin, ask, limits.points),
    points: async (ask) => {
      const [name, archive] = [ask.text('name'), ask.number('archive')];
      const page = await admin.points(name, archive, ask.number('after'));
      if (page === undefined) return { page: null };
      return { page: { ...encodeArchive(page), next: page.next ?? null } };
    },
    put: async (ask) => {
      return { kept: (await admin.put(ask.series('info'), ask.archives('archives'))) ?? null };
    },
    delete: async (ask) => ({ count: await admin.delete(ask.names('names')) }),
    rename: async (ask) => ({ count: await admin.rename(ask.pairs('pairs')) }),
    retain: async (ask) => {
      const changes = ask.seriesList('changes');
      return { count: await admin.retain(changes, { rewrite: ask.flag('rewrite') }) };
    },
    backup: async (ask) => admin.backup(ask.text('file')),
    verify: async (ask) => admin.verifyPart(ask.optionalText('after')),
    note: async (ask) => ({ text: (await admin.note(noteKey(ask))) ?? null }),
    putNote: async (ask) => {
      const text = ask.optionalText('text');
      if (Buffer.byteLength(text ?? '') > NOTE_BYTES_MAX) {
        throw new UserError('tooLarge', `a note of over ${NOTE_BYTES_MAX} bytes`);
      }
      await admin.putNote(noteKey(ask), text);
      return {};
    },
  };
}

/** As many of the names as fit, the first one always. */
async function answerFetch(
  admin: LocalAdmin,
  ask: AskReader,
  pointsMax: number,
): Promise<Answer<'fetch'>> {
  const names = ask.names('names');
  const [from, until, now] = [ask.number('from'), ask.number('until'), ask.number('now')];
  const series: Answer<'fetch'>['series'] = [];
  let points = 0;
  for (const name of names) {
    const count = admin.valueCount(name, from, until, now);
    if (count > pointsMax) {
      throw new UserError('overLimit', `"${name}": ${count} values, expected up to ${pointsMax}`);
    }
    const [fetched] = await admin.fetch([name], from, until, now);
    points += fetched?.values.length ?? 0;
    if (points > ADMIN_POINTS && series.length > 0) break;
    series.push(fetched === undefined ? null : encodeFetched(fetched));
  }
  return { series };
}

function noteKey(ask: AskReader): string {
  const key = ask.text('key');
  if (key !== '' && Buffer.byteLength(key) <= NOTE_KEY_BYTES_MAX) return key;
  throw new UserError('badRequest', `key: expected 1 to ${NOTE_KEY_BYTES_MAX} bytes`);
}
