/**
 * The options that are lists of objects, as StatsD has them: `servers`, `histogram`, `repeater` and
 * `keyFlush`. Each reader reports every wrong member with its place and leaves it out.
 */
import { DIALECTS } from './config.ts';
import type {
  Dialect,
  HistogramConfig,
  KeyFlushConfig,
  RepeaterConfig,
  ServerConfig,
} from './config.ts';
import { asObject, type FileValues, type Findings } from './findings.ts';
import {
  oneOf,
  readInteger,
  readMode,
  readPort,
  readText,
  serverOf,
  show,
  toNumber,
  type Read,
} from './values.ts';

/** Where a structure is read from, and where its mistakes go. */
export interface StructureContext {
  file: FileValues;
  findings: Findings;
}

export const SOCKET_NEEDS_TCP =
  'only "./servers/tcp" listens on a unix stream socket ("datagramSocket" is for datagrams)';
export const DATAGRAMS_NEED_UDP = 'only "./servers/udp" listens on a unix datagram socket';

const PORT = { min: 1, max: 65535, unit: undefined };

/** Members of one object inside a structure, read by name, with their places. */
class Members {
  private readonly object: Record<string, unknown>;
  private readonly path: string;
  private readonly context: StructureContext;

  constructor(context: StructureContext, path: string, object: Record<string, unknown>) {
    this.context = context;
    this.path = path;
    this.object = object;
  }

  /** Reports members that nobody asks for. */
  only(known: readonly string[]): void {
    for (const key of Object.keys(this.object)) {
      if (known.includes(key)) continue;
      this.context.findings.unknown(this.context.file.place(`${this.path}/${key}#`), key, known);
    }
  }

  /** The member as read, `otherwise` when it is not there, undefined when it is wrong. */
  read<T, D>(key: string, reader: (value: unknown) => Read<T>, otherwise: D): T | D | undefined {
    const value = this.object[key];
    if (value === undefined || value === null) return otherwise;
    const read = reader(value);
    if ('value' in read) return read.value;
    this.wrong(key, read.wrong);
    return undefined;
  }

  wrong(key: string, sentence: string): void {
    const { file, findings } = this.context;
    findings.error(file.place(`${this.path}/${key}`), `${key}: ${sentence}`);
  }

  odd(key: string, sentence: string): void {
    const { file, findings } = this.context;
    findings.warning(file.place(`${this.path}/${key}`), `${key}: ${sentence}`);
  }
}

/** The objects of a list, by index; whatever is none is reported. */
function objectsOf(
  context: StructureContext,
  key: string,
  value: unknown,
  expected: string,
): Members[] {
  if (!Array.isArray(value)) {
    const sentence = `${key}: read ${show(value)}, expected a list of ${expected}`;
    context.findings.error(context.file.place(`/${key}`), sentence);
    return [];
  }
  const members: Members[] = [];
  for (const [i, item] of value.entries()) {
    const path = `/${key}/${i}`;
    const object = asObject(item);
    if (object === undefined) {
      const sentence = `${key}: read ${show(item)}, expected ${expected}`;
      context.findings.error(context.file.place(path), sentence);
    } else {
      members.push(new Members(context, path, object));
    }
  }
  return members;
}

const text = (value: unknown): Read<string> => readText({ value });
const flag = (value: unknown): Read<boolean> =>
  typeof value === 'boolean' ? { value } : { wrong: `read ${show(value)}, expected true or false` };

const SERVER_KEYS = [
  'server',
  'address',
  'port',
  'address_ipv6',
  'socket',
  'datagramSocket',
  'socket_mod',
  'dialect',
] as const;

/** StatsD's `servers`: what is not given is StatsD's default, not the key at the top. */
export function readServers(
  context: StructureContext,
  value: unknown,
  dialect: Dialect,
): ServerConfig[] {
  const servers: ServerConfig[] = [];
  for (const item of objectsOf(context, 'servers', value, '{server, address, port}')) {
    item.only(SERVER_KEYS);
    const server = item.read('server', serverPath, './servers/udp');
    const port = item.read('port', (given) => readPort({ value: given }), 8125);
    const ipv6 = item.read('address_ipv6', flag, false);
    const address = item.read('address', text, '');
    const socketPath = item.read('socket', text, '');
    const datagramSocket = item.read('datagramSocket', text, '');
    const socketMode = item.read('socket_mod', (given) => readMode({ value: given }), -1);
    const own = item.read('dialect', dialectName, dialect);
    if (server === undefined || port === undefined || ipv6 === undefined) continue;
    if (address === undefined || socketPath === undefined || socketMode === undefined) continue;
    if (own === undefined || datagramSocket === undefined || port === 'off') continue;
    if (server === './servers/udp' && socketPath !== '') {
      item.odd('socket', `${SOCKET_NEEDS_TCP}: ignored`);
    }
    if (server === './servers/tcp' && datagramSocket !== '') {
      item.odd('datagramSocket', `${DATAGRAMS_NEED_UDP}: ignored`);
    }
    const paths = { socketPath, datagramSocket, socketMode };
    servers.push(serverConfig({ server, address, port, ipv6, ...paths, own }));
  }
  return servers;
}

/** One listener from StatsD's keys; '' and -1 stand for keys that were not given. */
export function serverConfig(from: {
  server: string;
  address: string;
  port: number;
  ipv6: boolean;
  socketPath: string;
  datagramSocket: string;
  socketMode: number;
  own: Dialect;
}): ServerConfig {
  const transport = from.server === './servers/tcp' ? 'tcp' : 'udp';
  const ipv6 = from.ipv6 || from.address.includes(':');
  const path = transport === 'tcp' ? from.socketPath : from.datagramSocket;
  return {
    transport,
    address: from.address !== '' ? from.address : ipv6 ? '::' : '0.0.0.0',
    port: from.port,
    ipv6,
    socketPath: path === '' ? undefined : path,
    socketMode: from.socketMode < 0 ? undefined : from.socketMode,
    dialect: from.own,
  };
}

function serverPath(value: unknown): Read<string> {
  const server = typeof value === 'string' ? serverOf(value) : undefined;
  return server === undefined
    ? { wrong: `read ${show(value)}, expected "./servers/udp" or "./servers/tcp"` }
    : { value: server };
}

function dialectName(value: unknown): Read<Dialect> {
  const dialect = DIALECTS.find((name) => name === value);
  return dialect === undefined
    ? { wrong: `read ${show(value)}, expected ${oneOf(DIALECTS)}` }
    : { value: dialect };
}

/** StatsD's `histogram`: bins keep their order, the first entry that matches a name counts. */
export function readHistograms(context: StructureContext, value: unknown): HistogramConfig[] {
  const histograms: HistogramConfig[] = [];
  for (const item of objectsOf(context, 'histogram', value, '{metric, bins}')) {
    item.only(['metric', 'bins']);
    const metric = item.read('metric', text, null);
    const read = item.read('bins', readBins, null);
    if (metric === null) item.wrong('metric', 'not given, expected a part of a name, "" for all');
    if (read === null) item.wrong('bins', 'not given, expected a list of numbers');
    if (typeof metric !== 'string' || !read) continue;
    const { bins, labels } = read;
    if (bins.some((bin, i) => i > 0 && bin <= bins[i - 1]!)) {
      item.odd('bins', 'expected ascending numbers: a bin below the one before it stays 0');
    }
    histograms.push({ metric, bins, labels });
  }
  return histograms;
}

function readBins(value: unknown): Read<{ bins: number[]; labels: string[] }> {
  if (!Array.isArray(value)) {
    return { wrong: `read ${show(value)}, expected a list of numbers, "inf" for the last` };
  }
  const bins: number[] = [];
  for (const item of value as unknown[]) {
    const bin = item === 'inf' ? Infinity : toNumber(item);
    if (bin === undefined) return { wrong: `read ${show(item)}, expected a number or "inf"` };
    bins.push(bin);
  }
  return { value: { bins, labels: value.map((item) => String(item).replace('.', '_')) } };
}

/** StatsD's `repeater`: a list of hosts and ports. */
export function readRepeater(context: StructureContext, value: unknown): RepeaterConfig['targets'] {
  const targets: RepeaterConfig['targets'] = [];
  for (const item of objectsOf(context, 'repeater', value, '{host, port}')) {
    item.only(['host', 'port']);
    const host = item.read('host', text, '127.0.0.1');
    const port = item.read('port', (given) => readInteger(PORT, { value: given }), 8125);
    if (host !== undefined && port !== undefined) targets.push({ host, port });
  }
  return targets;
}

/** StatsD's `keyFlush`: the log of frequent names; interval 0 turns it off. */
export function readKeyFlush(
  context: StructureContext,
  value: unknown,
): KeyFlushConfig | undefined {
  const object = asObject(value);
  if (object === undefined) {
    const sentence = `keyFlush: read ${show(value)}, expected {interval, percent, log}`;
    context.findings.error(context.file.place('/keyFlush'), sentence);
    return undefined;
  }
  const item = new Members(context, '/keyFlush', object);
  item.only(['interval', 'percent', 'log']);
  const limits = { min: 0, max: 24 * 3600 * 1000, unit: 'milliseconds' };
  const intervalMs = item.read('interval', (given) => readInteger(limits, { value: given }), 0);
  const percent = item.read('percent', percentage, 100);
  const log = item.read('log', text, '');
  if (intervalMs === undefined || percent === undefined || log === undefined) return undefined;
  return intervalMs === 0 ? undefined : { intervalMs, percent, log: log || undefined };
}

function percentage(value: unknown): Read<number> {
  const percent = toNumber(value);
  return percent !== undefined && percent > 0 && percent <= 100
    ? { value: percent }
    : { wrong: `read ${show(value)}, expected a percentage above 0, at most 100` };
}
