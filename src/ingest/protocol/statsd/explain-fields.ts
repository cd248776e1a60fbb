/**
 * The fields of DogStatsD's lines as text: what explain.ts adds to a metric, and events and checks
 * in full. Unknown fields and wrong metadata are passed over, as the Datadog agent does.
 */
import type { Cursor } from '../cursor.ts';

export type TagPair = [string, string | null];

export interface MetricFields {
  container?: string;
  external?: string;
  cardinality?: string;
}

/** Splits `a:b,c`; a tag without a colon has no value. */
function tagsOf(text: string): TagPair[] {
  if (text === '') return [];
  return text.split(',').map((tag) => {
    const colon = tag.indexOf(':');
    return colon < 0 ? [tag, null] : [tag.slice(0, colon), tag.slice(colon + 1)];
  });
}

/** Without what Datadog's clients tell the agent alone: `dd.internal.entity_id` and its kin. */
function publicTags(tags: TagPair[]): TagPair[] {
  return tags.filter(([key]) => !key.startsWith('dd.internal.'));
}

/**
 * The tags of a metric, each `key:value`, `key=value` or `key`, without what would end a tag in
 * Graphite's names: what tags.ts does on bytes.
 */
export function keptTags(tags: string[]): TagPair[] {
  const pairs = tags.map((tag): TagPair => {
    const [, key = '', mark, value = ''] = /^#?\s*([^:=]*)([:=]?)(.*)$/s.exec(tag) ?? [];
    const keptKey = key.trim().replace(/[;!^\p{Cc}\u2028\u2029]/gu, '_');
    const keptValue = value.replace(/^~+/, '').replace(/[;\p{Cc}\u2028\u2029]/gu, '_');
    return [keptKey, mark === '' ? null : keptValue];
  });
  return publicTags(pairs).filter(([key]) => key !== 'name');
}

/** Fields of a metric: `|T1700000000|c:ci-7`; of equal ones the last counts. */
export function fieldsOf(text: string): MetricFields {
  const fields: MetricFields = {};
  for (const field of text.split('|')) {
    if (field.startsWith('c:')) fields.container = field.slice(2);
    else if (field.startsWith('e:')) fields.external = field.slice(2);
    else if (field.startsWith('card:')) fields.cardinality = field.slice(5);
  }
  return fields;
}

interface Common {
  tags: TagPair[];
  timestamp?: number;
  hostname?: string;
  aggregation_key?: string;
  source_type?: string;
}

export function explainEvent(cursor: Cursor): Common & {
  kind: 'event';
  title: string;
  text: string;
  priority: string;
  alert_type: string;
} {
  let priority = 'normal';
  let alertType = 'info';
  const fields: Common = { tags: [] };
  for (const field of textOf(cursor, cursor.fieldsFrom, cursor.fieldsTo).split('|')) {
    const value = field.slice(2);
    if (field.startsWith('p:') && /^(normal|low)$/.test(value)) priority = value;
    else if (field.startsWith('t:') && /^(error|warning|info|success)$/.test(value)) {
      alertType = value;
    } else if (field.startsWith('k:')) fields.aggregation_key = value;
    else if (field.startsWith('s:')) fields.source_type = value;
    else readCommon(field, fields);
  }
  return {
    kind: 'event',
    title: unescaped(textOf(cursor, cursor.valueFrom, cursor.valueTo)),
    text: unescaped(textOf(cursor, cursor.typeFrom, cursor.typeTo)),
    priority,
    alert_type: alertType,
    ...fields,
  };
}

export function explainCheck(cursor: Cursor): Common & {
  kind: 'check';
  name: string;
  status: number;
  message?: string;
} {
  const fields: Common & { message?: string } = { tags: [] };
  for (const field of textOf(cursor, cursor.fieldsFrom, cursor.fieldsTo).split('|')) {
    // Clients write `m\:` lest an `m:` in a message be taken for its start.
    if (field.startsWith('m:')) fields.message = unescaped(field.slice(2)).replaceAll('m\\:', 'm:');
    else readCommon(field, fields);
  }
  return {
    kind: 'check',
    name: textOf(cursor, cursor.nameFrom, cursor.nameTo),
    status: Number(textOf(cursor, cursor.valueFrom, cursor.valueTo)),
    ...fields,
  };
}

function readCommon(field: string, fields: Common): void {
  if (/^d:\d+$/.test(field)) fields.timestamp = Number(field.slice(2));
  else if (field.startsWith('h:')) fields.hostname = field.slice(2);
  else if (field.startsWith('#')) fields.tags = publicTags(tagsOf(field.slice(1)));
}

/** A line feed would end the line, so clients write a backslash and an n. */
function unescaped(text: string): string {
  return text.replaceAll('\\n', '\n');
}

function textOf(cursor: Cursor, from: number, to: number): string {
  return new TextDecoder().decode(cursor.bytes.subarray(from, to));
}
