/**
 * Schemas of what crosses between a verb and a running server: a JSON schema that fastify
 * validates, the TypeScript type of the value, and how the value becomes JSON and is read back.
 * Columns of numbers cross as base64 of little-endian doubles, so that every double arrives bit for
 * bit (-0, NaN and subnormals too); undefined crosses as null.
 *
 * The words of an error come from the schema: "title: read …, expected description". Without a
 * title the name of the field stands for it.
 */
import { UserError } from '../../lib/errors.ts';
import { isNestedTooDeeply } from '../../lib/nesting.ts';

export interface Schema<T> {
  readonly json: Readonly<Record<string, unknown>>;
  /** A field of an object that may be absent. */
  readonly isOptional?: boolean;
  encode(value: T): unknown;
  /** Reads what the JSON schema holds for valid; throws `badRequest` for what it cannot tell. */
  decode(wire: unknown): T;
}

export type TypeOf<S> = S extends Schema<infer T> ? T : never;

interface Optional<T> extends Schema<T> {
  readonly isOptional: true;
}

type Fields = Readonly<Record<string, Schema<unknown>>>;
type OptionalKeys<F extends Fields> = {
  [Key in keyof F]: F[Key] extends Optional<unknown> ? Key : never;
}[keyof F];
type ObjectOf<F extends Fields> = {
  [Key in Exclude<keyof F, OptionalKeys<F>>]: TypeOf<F[Key]>;
} & { [Key in OptionalKeys<F>]?: TypeOf<F[Key]> };

function plain<T>(json: Schema<T>['json']): Schema<T> {
  return { json, encode: (value) => value, decode: (wire) => wire as T };
}

export const text = plain<string>({ type: 'string', description: 'a text' });
export const number = plain<number>({ type: 'number', description: 'a number' });
export const flag = plain<boolean>({ type: 'boolean', description: 'true or false' });

/** A whole number above 0. */
export function count(description: string): Schema<number> {
  return plain({ type: 'integer', minimum: 1, description });
}

export function between(minimum: number, maximum: number): Schema<number> {
  return plain({ type: 'number', minimum, maximum, description: `${minimum} to ${maximum}` });
}

export function oneOf<T extends string>(values: readonly T[]): Schema<T> {
  return plain({ enum: values, description: `one of ${values.join(', ')}` });
}

/** A text of 1 to `bytesMax` bytes; `what` names it. */
export function shortText(bytesMax: number, what: string): Schema<string> {
  const description = `${what} of 1 to ${bytesMax} bytes`;
  return checked(plain<string>({ type: 'string', minLength: 1, description }), (value) => {
    if (Buffer.byteLength(value) > bytesMax) throw unexpected(what, value, description);
  });
}

export const column: Schema<Float64Array> = {
  json: { type: 'string', title: 'a column', description: 'base64 of doubles' },
  encode(values) {
    const bytes = Buffer.alloc(values.length * 8);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    for (let i = 0; i < values.length; i++) view.setFloat64(i * 8, values[i]!, true);
    return bytes.toString('base64');
  },
  decode(wire) {
    const bytes = Buffer.from(wire as string, 'base64');
    if (bytes.length % 8 !== 0) {
      throw unexpected('a column', `${bytes.length} bytes`, 'whole doubles');
    }
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const values = new Float64Array(bytes.length / 8);
    for (let i = 0; i < values.length; i++) values[i] = view.getFloat64(i * 8, true);
    return values;
  },
};

export function list<T>(
  item: Schema<T>,
  { itemsMax, description = 'a list' }: { itemsMax?: number; description?: string } = {},
): Schema<T[]> {
  const limit = itemsMax === undefined ? {} : { maxItems: itemsMax };
  return {
    json: { type: 'array', items: item.json, ...limit, description },
    encode: (values) => values.map((value) => item.encode(value)),
    decode: (wire) => (wire as unknown[]).map((value) => item.decode(value)),
  };
}

/** Only the fields that are named here cross. */
export function object<F extends Fields>(
  fields: F,
  words: { title?: string; description?: string } = {},
): Schema<ObjectOf<F>> {
  const all = Object.entries(fields);
  const convert = (
    value: Record<string, unknown>,
    convertField: (field: Schema<unknown>, value: unknown) => unknown,
  ): Record<string, unknown> => {
    const converted: Record<string, unknown> = {};
    for (const [name, field] of all) {
      const found = convertField(field, value[name]);
      if (found !== undefined) converted[name] = found;
    }
    return converted;
  };
  return {
    json: {
      type: 'object',
      properties: Object.fromEntries(all.map(([name, field]) => [name, field.json])),
      required: all.filter(([, field]) => field.isOptional !== true).map(([name]) => name),
      description: 'a JSON object',
      ...words,
    },
    encode: (value) => convert(value, (field, inner) => field.encode(inner)),
    decode: (wire) =>
      convert(wire as Record<string, unknown>, (field, inner) =>
        field.decode(inner),
      ) as ObjectOf<F>,
  };
}

/** A field that may be absent or null. */
export function optional<T>(schema: Schema<T>): Optional<T> {
  return {
    json: { ...schema.json, nullable: true },
    isOptional: true,
    encode: (value) => (value === undefined ? undefined : schema.encode(value)),
    decode: (wire) => (wire === undefined || wire === null ? undefined : schema.decode(wire)) as T,
  };
}

/** A value that may be undefined, which crosses as null. */
export function nullable<T>(schema: Schema<T>): Schema<T | undefined> {
  return {
    json: { ...schema.json, nullable: true },
    encode: (value) => (value === undefined ? null : schema.encode(value)),
    decode: (wire) => (wire === null ? undefined : schema.decode(wire)),
  };
}

/** With a check of what has been read, for what a JSON schema cannot say. */
export function checked<T>(schema: Schema<T>, check: (value: T) => void): Schema<T> {
  return {
    ...schema,
    decode(wire) {
      const value = schema.decode(wire);
      check(value);
      return value;
    },
  };
}

/** The error of a value that is not what its schema says. */
export function unexpected(what: string, value: unknown, expected: string): UserError {
  return new UserError('badRequest', `${what}: read ${shown(value)}, expected ${expected}`);
}

function shown(value: unknown): string {
  if (isNestedTooDeeply(value)) return 'what is nested too deeply';
  return (JSON.stringify(value) ?? 'nothing').slice(0, 80);
}
