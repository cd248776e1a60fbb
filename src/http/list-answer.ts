/**
 * Answers that list names, however many: written in parts, between which others run, and ended when
 * they become longer than `httpLimits.answerBytes`.
 */
import type { FastifyReply } from 'fastify';
import { overLimit } from '../lib/errors.ts';
import type { InSteps } from '../lib/in-steps.ts';
import type { RequestLimit } from '../query/evaluate/request-limit.ts';
import { checkCallback, isOn, sendJsonBytes, sendJsonText, toJson } from './answers.ts';
import type { Params } from './params.ts';

/** Members of a list or object from which on it is written in parts, and of one part. */
const MEMBERS_AT_ONCE = 256;
/** Characters from which on an answer is not indented: nobody reads so much. */
const PRETTY_MAX = 1_000_000;

/** Sends a value as JSON. */
export async function sendListJson(
  reply: FastifyReply,
  params: Params,
  limit: RequestLimit,
  value: unknown,
): Promise<FastifyReply> {
  const { answerBytes } = reply.server.limits;
  if (isShort(value)) {
    const text = toJson(value, isOn(params.last('pretty')));
    checkAnswerLength(text.length, answerBytes);
    return sendJsonText(reply, params, text);
  }
  const bytes = await limit.run(jsonInSteps(value, answerBytes));
  return sendListBytes(reply, params, bytes);
}

/** Sends JSON that is bytes already. */
export function sendListBytes(reply: FastifyReply, params: Params, bytes: Buffer): FastifyReply {
  checkAnswerLength(bytes.length, reply.server.limits.answerBytes);
  if (bytes.length <= PRETTY_MAX) return sendJsonBytes(reply, params, bytes);
  const callback = params.last('jsonp');
  if (callback === undefined || callback === '') return reply.type('application/json').send(bytes);
  checkCallback(callback);
  const around = [Buffer.from(`${callback}(`), bytes, Buffer.from(')')];
  return reply.type('text/javascript').send(Buffer.concat(around));
}

/** Throws `overLimit` where an answer of that length is too long. */
export function checkAnswerLength(length: number, answerBytes: number): void {
  if (length <= answerBytes) return;
  throw overLimit(
    `an answer of over ${answerBytes} characters (httpLimits.answerBytes): ask for fewer names`,
  );
}

/** Whether a value is written in one part: neither it nor a list in it is long. */
function isShort(value: unknown): boolean {
  if (Array.isArray(value)) return value.length <= MEMBERS_AT_ONCE;
  if (!isObject(value)) return true;
  let count = 0;
  for (const name in value) {
    const member = value[name];
    if (isObject(member) && !Array.isArray(member)) return false;
    count += Array.isArray(member) ? member.length : 1;
    if (count > MEMBERS_AT_ONCE) return false;
  }
  return true;
}

function* jsonInSteps(value: unknown, answerBytes: number): InSteps<Buffer> {
  const parts: Buffer[] = [];
  let length = 0;
  for (const text of jsonParts(value)) {
    const part = Buffer.from(text);
    parts.push(part);
    length += part.length;
    checkAnswerLength(length, answerBytes);
    yield text.length;
  }
  return Buffer.concat(parts, length);
}

/** JSON in parts: long lists, wherever they are, some members at a time. */
function* jsonParts(value: unknown): Generator<string, void, undefined> {
  if (Array.isArray(value) && value.length > MEMBERS_AT_ONCE) {
    for (let from = 0; from < value.length; from += MEMBERS_AT_ONCE) {
      const part = toJson(value.slice(from, from + MEMBERS_AT_ONCE), false);
      yield (from === 0 ? '[' : ',') + part.slice(1, -1);
    }
    yield ']';
  } else if (isObject(value) && !Array.isArray(value) && Object.values(value).some(isObject)) {
    let before = '{';
    for (const name of Object.keys(value)) {
      if (value[name] === undefined) continue; // as JSON.stringify does
      yield `${before}${JSON.stringify(name)}:`;
      yield* jsonParts(value[name]);
      before = ',';
    }
    yield '}';
  } else yield toJson(value, false);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
