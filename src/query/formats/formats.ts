/** The formats of /render that hold numbers, by name. Images are query/chart's. */
import { csv } from './csv.ts';
import { dygraph } from './dygraph.ts';
import type { Format } from './format.ts';
import { json } from './json.ts';
import { msgpack } from './msgpack.ts';
import { pickle } from './pickle.ts';
import { raw } from './raw.ts';
import { rickshaw } from './rickshaw.ts';

const FORMATS: Readonly<Record<string, Format>> = {
  csv,
  dygraph,
  json,
  msgpack,
  pickle,
  raw,
  rickshaw,
};

/** undefined when the name is not one of them. */
export function formatNamed(name: string): Format | undefined {
  return Object.hasOwn(FORMATS, name) ? FORMATS[name] : undefined;
}
