/**
 * Bodies that are JSON, checked against the `schema` of their route. What is wrong becomes one
 * plain sentence in the words of the schema itself: its `title` (or the field's name) and
 * `description`, or its `sentence` where that is Graphite's own.
 *
 * A schema is compiled when its first body comes, once a process: fastify's own compiler does all
 * of them at every start, which takes as long as the rest of it.
 */
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import type { FastifyRequest, FastifySchemaCompiler } from 'fastify';
import { badRequest, UserError } from '../lib/errors.ts';
import { unexpected } from '../storage/admin/schema.ts';
import { parseJsonBody } from './params.ts';
import { bodyText } from './http-deps.ts';

/** Tells the value and the schema of an error; converts nothing and fills in nothing. */
const ajv = new Ajv({ verbose: true, allowUnionTypes: true, keywords: ['sentence'] });
const compiled = new WeakMap<object, ValidateFunction>();

/** Options that a route adds to its `schema: { body }`. */
export const JSON_BODY = {
  preValidation: async (request: FastifyRequest): Promise<void> => {
    request.body = parseJsonBody(bodyText(request));
  },
  validatorCompiler: (({ schema }) =>
    (body: unknown) => {
      let validate = compiled.get(schema);
      if (validate === undefined) compiled.set(schema, (validate = ajv.compile(schema)));
      return validate(body) ? { value: body } : { error: sentenceOf(validate.errors!) };
    }) satisfies FastifySchemaCompiler<object>,
};

interface Words {
  title?: string;
  description?: string;
  sentence?: string;
  properties?: Record<string, Words>;
}

function sentenceOf(errors: ErrorObject[]): UserError {
  // When none of several schemas fits, the last error describes them together.
  const { keyword, instancePath, params, data, parentSchema = {} } = errors.at(-1)!;
  const words = parentSchema as Words;
  const field = instancePath.split('/').findLast((name) => !/^\d*$/.test(name)) ?? 'the body';
  if (keyword === 'maxItems') {
    const { length } = data as unknown[];
    const { limit } = params as { limit: number };
    return new UserError('tooLarge', `${field}: ${length} in one call, expected up to ${limit}`);
  }
  if (keyword === 'required') {
    const { missingProperty } = params as { missingProperty: string };
    return errorOf(words.properties?.[missingProperty] ?? {}, missingProperty, undefined);
  }
  return errorOf(words, field, data);
}

function errorOf(words: Words, field: string, value: unknown): UserError {
  const { title = field, description = 'another value', sentence } = words;
  if (sentence !== undefined) return badRequest(sentence);
  return unexpected(title, value, description);
}
