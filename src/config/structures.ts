/**
 * The options that are lists of objects, as StatsD has them: `servers`, `histogram`, `repeater` and
 * `keyFlush`. Each reader reports every wrong member with its place and leaves its object out.
 */
import { type Dialect, DIALECT_NAMES } from './dialects.ts';
import { asObject } from '../lib/given.ts';
import { readServer, type ServerPath } from './statsd-values.ts';
import {
  type Context,
  type Limits,
  type Read,
  type Reader,
  readChoice,
  readInteger,
  readMode,
  readPort,
  readText,
  show,
  toNumber,
} from './values.ts';

/** One listener of StatsD lines, as in StatsD's `servers` list. */
export interface ServerConfig {
  transport: 'udp' | 'tcp';
  address: string;
  /** 0 picks a free port. */
  port: number;
  /** UDP: an IPv6 socket (the wildcard one is dual-stack), as StatsD's `address_ipv6`. */
  ipv6: boolean;
  /** TCP on a unix stream socket, UDP on a unix datagram socket: its path, else undefined. */
  socketPath: string | undefined;
  /** Octal permissions of the socket, e.g. 0o777. */
  socketMode: number | undefined;
  dialect: Dialect;
}

/** StatsD's `histogram` entry: bins of the first entry whose `metric` is part of the key. */
interface HistogramConfig {
  metric: string;
  /** Upper bounds, ascending; Infinity stands for 'inf'. `labels` keeps their spelling. */
  bins: number[];
  labels: string[];
}

/** StatsD's `keyFlush`: which names came most often, written down every interval. */
export interface KeyFlushConfig {
  intervalMs: number;
  /** The most frequent names that are written, percent of all. */
  percent: number;
  /** File to append to, undefined: standard output. */
  log: string | undefined;
}

export const SOCKET_NEEDS_TCP =
  'only "./servers/tcp" listens on a unix stream socket ("datagramSocket" is for datagrams)';
const DATAGRAMS_NEED_UDP = 'only "./servers/udp" listens on a unix datagram socket';

/** A member of an object: its reader, and its default or, where it is needed, what is expected. */
interface Member<T> {
  read: (given: { value: unknown }, limits: Limits) => Read<T>;
  limits: Limits;
  otherwise: T | undefined;
  needed: string | undefined;
}

function member<T>(read: Member<T>['read'], otherwise: T, limits: Limits = {}): Member<T> {
  return { read, limits, otherwise, needed: undefined };
}

function needed<T>(read: Member<T>['read'], expected: string): Member<T> {
  return { read, limits: {}, otherwise: undefined, needed: expected };
}

type Members = Record<string, Member<unknown>>;
type ObjectOf<M extends Members> = { [K in keyof M]: M[K] extends Member<infer T> ? T : never };

/** Reports something about one member of an object. */
type Tell = (severity: 'error' | 'warning', key: string, sentence: string) => void;

/** The object at a path, undefined when something in it is wrong; unknown members are reported. */
function readObject<M extends Members>(
  { file, findings }: Context,
  path: string,
  object: Record<string, unknown>,
  members: M,
): { read: ObjectOf<M> | undefined; tell: Tell } {
  const known = Object.keys(members);
  for (const key of Object.keys(object)) {
    if (!known.includes(key)) findings.unknown(file.place(`${path}/${key}#`), key, known);
  }
  let isWhole = true;
  const values: Record<string, unknown> = {};
  const tell: Tell = (severity, key, sentence) => {
    findings[severity](file.place(`${path}/${key}`), `${key}: ${sentence}`);
  };
  for (const [key, { read, limits, otherwise, needed: expected }] of Object.entries(members)) {
    const value = object[key] ?? undefined; // null is how a file says "not set"
    const result =
      value !== undefined
        ? read({ value }, limits)
        : expected === undefined
          ? { value: otherwise }
          : { error: `not given, expected ${expected}` };
    if ('value' in result) values[key] = result.value;
    else {
      isWhole = false;
      tell('error', key, result.error);
    }
  }
  return { read: isWhole ? (values as ObjectOf<M>) : undefined, tell };
}

/** The objects of a list that are right; all else is reported. */
function readObjects<M extends Members>(
  context: Context,
  key: string,
  value: unknown,
  members: M,
  expected: string,
): { read: ObjectOf<M>; tell: Tell }[] {
  const { file, findings } = context;
  if (!Array.isArray(value)) {
    const sentence = `${key}: read ${show(value)}, expected a list of ${expected}`;
    findings.error(file.place(`/${key}`), sentence);
    return [];
  }
  return value.flatMap((item: unknown, i) => {
    const path = `/${key}/${i}`;
    const object = asObject(item);
    if (object === undefined) {
      findings.error(file.place(path), `${key}: read ${show(item)}, expected ${expected}`);
      return [];
    }
    const { read, tell } = readObject(context, path, object, members);
    return read === undefined ? [] : [{ read, tell }];
  });
}

const readFlag = ({ value }: { value: unknown }): Read<boolean> =>
  typeof value === 'boolean' ? { value } : { error: `read ${show(value)}, expected true or false` };

const readDialect = ({ value }: { value: unknown }): Read<Dialect> =>
  readChoice({ value }, { choices: DIALECT_NAMES }) as Read<Dialect>;

const SERVER = {
  server: member<ServerPath>(readServer, './servers/udp'),
  address: member(readText, ''),
  port: member(readPort, 8125),
  address_ipv6: member(readFlag, false),
  socket: member(readText, ''),
  datagramSocket: member(readText, ''),
  socket_mod: member<number | undefined>(readMode, undefined),
  dialect: member<Dialect | undefined>(readDialect, undefined),
};

/** An entry of `servers`, or the keys at the top that stand for one; '' is no socket. */
export type ServerKeys = ObjectOf<typeof SERVER>;

/** StatsD's `servers`: what is not given is StatsD's default, not the key at the top. */
export const readServers: Reader<ServerKeys[]> = ({ value }, _, context) => {
  const list = readObjects(context, 'servers', value, SERVER, '{server, address, port}');
  for (const { read, tell } of list) {
    if (read.port === 'off') continue;
    if (read.server === './servers/udp' && read.socket !== '') {
      tell('warning', 'socket', `${SOCKET_NEEDS_TCP}: ignored`);
    }
    if (read.server === './servers/tcp' && read.datagramSocket !== '') {
      tell('warning', 'datagramSocket', `${DATAGRAMS_NEED_UDP}: ignored`);
    }
  }
  const { file } = context;
  const servers = list.map(({ read }) => {
    const { socket, datagramSocket } = read;
    return { ...read, socket: file.beside(socket), datagramSocket: file.beside(datagramSocket) };
  });
  return { value: servers };
};

const HISTOGRAM = {
  metric: needed(readText, 'a part of a name, "" for all'),
  bins: needed(readBins, 'a list of numbers'),
};

/** StatsD's `histogram`: bins keep their order, the first entry that matches a name counts. */
export const readHistograms: Reader<HistogramConfig[]> = ({ value }, _, context) => {
  const list = readObjects(context, 'histogram', value, HISTOGRAM, '{metric, bins}');
  for (const { read, tell } of list) {
    const { bins } = read.bins;
    if (bins.some((bin, i) => i > 0 && bin <= bins[i - 1]!)) {
      tell('warning', 'bins', 'expected ascending numbers: a bin below the one before it stays 0');
    }
  }
  return { value: list.map(({ read }) => ({ metric: read.metric, ...read.bins })) };
};

function readBins({ value }: { value: unknown }): Read<{ bins: number[]; labels: string[] }> {
  if (!Array.isArray(value)) {
    return { error: `read ${show(value)}, expected a list of numbers, "inf" for the last` };
  }
  const bins: number[] = [];
  for (const item of value as unknown[]) {
    const bin = item === 'inf' ? Infinity : toNumber(item);
    if (bin === undefined || Number.isNaN(bin)) {
      return { error: `read ${show(item)}, expected a number or "inf"` };
    }
    bins.push(bin);
  }
  return { value: { bins, labels: value.map((item) => String(item).replace('.', '_')) } };
}

const TARGET = {
  host: member(readText, '127.0.0.1'),
  port: member(readInteger, 8125, { range: [1, 65535] }),
};

/** StatsD's `repeater`: a list of hosts and ports. */
export const readRepeater: Reader<{ host: string; port: number }[]> = ({ value }, _, context) => {
  const list = readObjects(context, 'repeater', value, TARGET, '{host, port}');
  return { value: list.map(({ read }) => read) };
};

const KEY_FLUSH = {
  interval: member(readInteger, 0, { range: [0, 24 * 3600 * 1000], unit: 'milliseconds' }),
  percent: member(readPercentage, 100),
  log: member(readText, ''),
};

/** StatsD's `keyFlush`: the log of frequent names; interval 0 turns it off. */
export const readKeyFlush: Reader<KeyFlushConfig | undefined> = ({ value }, _, context) => {
  const object = asObject(value);
  if (object === undefined) {
    return { error: `read ${show(value)}, expected {interval, percent, log}` };
  }
  const { read } = readObject(context, '/keyFlush', object, KEY_FLUSH);
  if (read === undefined || read.interval === 0) return { value: undefined };
  const { interval, percent, log } = read;
  return { value: { intervalMs: interval, percent, log: context.file.beside(log) || undefined } };
};

function readPercentage({ value }: { value: unknown }): Read<number> {
  const percent = toNumber(value);
  return percent !== undefined && percent > 0 && percent <= 100
    ? { value: percent }
    : { error: `read ${show(value)}, expected a percentage above 0, at most 100` };
}
