/**
 * Lines as real senders write them, for every bench of the receiving side: each shape draws its
 * contexts at random from a pool of `names`, the same ones for every run and every program.
 *
 *     plain30      web3.api.712.hits:4711.5|c                     what bench:hot measured first
 *     plain48      names of 24 to 80 bytes
 *     sampled      the same with |@0.1, but for gauges
 *     tags2, tags8 DogStatsD, lines of some 84 and 198 bytes
 *     dogstatsd    Datadog's published mix of types, 2 to 50 tags of 3 to 150 bytes, a tenth of the
 *                  lines packed: name:1:2:3|d|#…
 *     telegraf     InfluxDB's tags in the name: cpu_usage,host=web12,region=eu:1|g
 *     micrometer   dotted names of 60 to 110 bytes
 *     churn        plain48 from a pool of which 1 % is new with each second (a million lines)
 */

export interface Traffic {
  /** Packets back to back, and some readable bytes behind the last one. */
  bytes: Buffer;
  /** Where each packet ends. */
  ends: Uint32Array;
  lines: number;
  /** More than lines where some are packed. */
  metrics: number;
}

export const SLACK_BYTES = 64;
/** A packet is full at so many bytes (Ethernet), or lines. */
const PACKET_BYTES = 1432;
const PACKET_LINES = 46;
const TAGS_BYTES_MAX = 900;
const CHURN_LINES_A_SECOND = 1_000_000;

/** Evenly distributed whole numbers, the same in every run. */
type Random = (below: number) => number;

interface Shape {
  name(context: number): string;
  /** From the bar behind the value to the line's end. */
  tail(context: number, name: string): string;
  value?(context: number, random: Random): string;
  churns?: true;
}

const WORDS =
  'api auth billing cache cart checkout db disk edge email feed geo http image index jobs kafka login media orders payment queue redis search shop sync users video web worker'.split(
    ' ',
  );
const LEAVES = ['requests.count', 'latency.seconds', 'errors', 'queue.depth', 'bytes.sent'];

/** A number that belongs to a context and a purpose. */
function mix(context: number, purpose: number): number {
  let hash = Math.imul(context + 1, 0x9e3779b1) ^ Math.imul(purpose + 1, 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  hash = Math.imul(hash ^ (hash >>> 12), 0x297a2d39);
  return (hash ^ (hash >>> 15)) >>> 0;
}

function pick<T>(list: readonly T[], context: number, purpose: number): T {
  return list[mix(context, purpose) % list.length]!;
}

/** Six counters, three timers and a gauge of ten names. */
function plainType(context: number): string {
  const tenth = context % 10;
  return tenth < 6 ? '|c' : tenth < 9 ? '|ms' : '|g';
}

/** 24 to 80 bytes, most of them near 36. */
function longName(context: number): string {
  const share = (mix(context, 1) % 1024) / 1024;
  const bytes = 24 + Math.floor(57 * share ** 3);
  let name = `${pick(WORDS, context, 2)}.${pick(WORDS, context, 3)}.${context}`;
  for (let part = 4; name.length < bytes; part++) name += `.${pick(WORDS, context, part)}`;
  return name.slice(0, bytes).replace(/\.$/, '_');
}

const TYPES_OF_MIX = [
  ...Array<string>(208).fill('c'),
  ...Array<string>(66).fill('g'),
  ...Array<string>(72).fill('d'),
  ...Array<string>(9).fill('s'),
  'h',
];

const KEYS = ['env', 'service', 'host', 'region', 'version', 'pod_name', 'team', 'status_code'];

function tagOf(context: number, index: number, bytes: number): string {
  const key = index < KEYS.length ? KEYS[index]! : `k${index}`;
  let value = `${pick(WORDS, context, 20 + index)}-${mix(context, 60 + index) % 997}`;
  while (key.length + 1 + value.length < bytes) value += `-${pick(WORDS, value.length, index)}`;
  return `${key}:${value}`.slice(0, Math.max(bytes, key.length + 2));
}

/** As many tags as a name may have by default (maxNameBytes). */
function tagsOf(context: number, count: number, bytes: (index: number) => number): string {
  let tags = tagOf(context, 0, bytes(0));
  for (let i = 1; i < count; i++) {
    const tag = tagOf(context, i, bytes(i));
    if (tags.length + tag.length > TAGS_BYTES_MAX) break;
    tags += `,${tag}`;
  }
  return tags;
}

/** As Datadog's clients write it: type, rate where there is one, tags. */
function dogstatsd(count: (context: number) => number, bytes: (seed: number) => number): Shape {
  return {
    name: (context) => `${pick(WORDS, context, 2)}.${context}.${pick(LEAVES, context, 3)}`,
    tail: (context) => {
      const type = pick(TYPES_OF_MIX, context, 4);
      const tags = tagsOf(context, count(context), (i) => bytes(mix(context, 100 + i)));
      return `|${type}|#${tags}`;
    },
  };
}

/** Most tags are short, some are 150 bytes. */
function mixedTagBytes(seed: number): number {
  return 3 + Math.floor(147 * ((seed % 1024) / 1024) ** 6);
}

const mixed = dogstatsd(
  (context) => 2 + Math.floor(49 * ((mix(context, 5) % 1024) / 1024) ** 5),
  mixedTagBytes,
);

const plain48: Shape = { name: longName, tail: plainType };

const SHAPES = {
  plain30: {
    name: (context) => `web${context % 7}.api.${context}.hits`,
    tail: plainType,
  },
  plain48,
  sampled: {
    name: longName,
    tail: (context) => (context % 10 === 9 ? '|g' : `${plainType(context)}|@0.1`),
  },
  tags2: dogstatsd(
    () => 2,
    (seed) => 18 + (seed % 8),
  ),
  tags8: dogstatsd(
    () => 8,
    (seed) => 16 + (seed % 8),
  ),
  dogstatsd: {
    ...mixed,
    value: (context, random) => {
      const one = (): string => String(random(100_000) / 10);
      return random(10) === 0 && !mixed.tail(context, '').startsWith('|s')
        ? `${one()}:${one()}:${one()}`
        : one();
    },
  },
  telegraf: {
    name: (context) => {
      const tags = `host=${pick(WORDS, context, 5)}${context % 1000},region=eu-west-${context % 3}`;
      return `${pick(WORDS, context, 2)}_usage_${context},${tags},role=${pick(WORDS, context, 6)}`;
    },
    tail: (context) => plainType(context),
  },
  micrometer: {
    name: (context) => {
      const uri = `${pick(WORDS, context, 5)}_${pick(WORDS, context, 6)}_${context}`;
      const status = `method.GET.status.${200 + (context % 5)}.uri.api_v1_${uri}`;
      return `http.server.requests.${pick(WORDS, context, 7)}.${status}.statistic.${context % 4}`;
    },
    tail: plainType,
  },
  churn: { ...plain48, churns: true },
} satisfies Record<string, Shape>;

export type ShapeName = keyof typeof SHAPES;
export const SHAPE_NAMES = Object.keys(SHAPES) as ShapeName[];

/** `lines` lines in packets as full as senders make them, or one line each. */
export function makeTraffic(
  shapeName: ShapeName,
  { names, lines, single = false }: { names: number; lines: number; single?: boolean },
): Traffic {
  const shape: Shape = SHAPES[shapeName];
  let state = 12345;
  const random: Random = (below) => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return Math.floor((state / 0x80000000) * below);
  };
  const parts: string[] = [];
  const ends: number[] = [];
  let metrics = 0;
  let size = 0;
  let inPacket = 0;
  let packetFrom = 0;
  for (let i = 0; i < lines; i++) {
    const gone = shape.churns ? Math.floor((i / CHURN_LINES_A_SECOND) * 0.01 * names) : 0;
    const context = gone + random(names);
    const value = shape.value?.(context, random) ?? String(random(100_000) / 10);
    const name = shape.name(context);
    const line = `${name}:${value}${shape.tail(context, name)}\n`;
    const isFull = inPacket === PACKET_LINES || size + line.length - packetFrom > PACKET_BYTES;
    if (inPacket > 0 && (single || isFull)) {
      ends.push(size);
      packetFrom = size;
      inPacket = 0;
    }
    parts.push(line);
    size += line.length;
    inPacket += 1;
    metrics += value.split(':').length;
  }
  ends.push(size);
  const bytes = Buffer.concat([Buffer.from(parts.join('')), Buffer.alloc(SLACK_BYTES)]);
  return { bytes, ends: Uint32Array.from(ends), lines, metrics };
}
