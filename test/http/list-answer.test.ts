/** Lists as JSON, in one part and in many. */
import type { FastifyReply } from 'fastify';
import { sendListJson } from '../../src/http/list-answer.ts';
import { Params } from '../../src/http/params.ts';
import { evaluateLimits, RequestLimit } from '../../src/query/evaluate/request-limit.ts';
import { assert, describe } from '../support/suite.ts';

async function sent(value: unknown): Promise<string> {
  let body: unknown;
  const reply = {
    server: { limits: { answerBytes: 100_000 } },
    type: () => reply,
    send: (payload: unknown) => {
      body = payload;
      return reply;
    },
  };
  const limit = new RequestLimit(evaluateLimits());
  await sendListJson(reply as unknown as FastifyReply, new Params(), limit, value);
  return String(body);
}

describe('an answer that is a list', (it) => {
  it('leaves out members without a value, as JSON does, however long it is', async () => {
    const list = Array.from({ length: 600 }, (_, i) => (i === 300 ? undefined : i));
    for (const value of [
      { a: undefined, b: { c: undefined }, d: 1 },
      { a: undefined, b: list, c: {} },
      list,
    ]) {
      assert.is(await sent(value), JSON.stringify(value));
    }
  });
});
