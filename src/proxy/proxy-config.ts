/**
 * The proxy's own configuration file: an object literal in StatsD's `proxyConfig.js`, read as JSON5
 * and never evaluated. Keys and defaults are StatsD's.
 *
 *     { nodes: [{ host: '10.0.0.1', port: 8125, adminport: 8126 }, …],
 *       server: './servers/udp', host: '0.0.0.0', port: 8125, mgmt_port: 8126,
 *       checkInterval: 10000, cacheSize: 10000 }
 */
import type { Finding } from '../config/findings.ts';
import { FileValues, Findings, inOrder } from '../config/findings.ts';
import { asObject } from '../lib/given.ts';
import { readJson5 } from '../config/json5.ts';
import { leadsBack } from '../config/ports.ts';
import { readServer } from '../config/statsd-values.ts';
import { type Read, readInteger, readPort, readText, show } from '../config/values.ts';

export interface ProxyNode {
  host: string;
  port: number;
  /** Of its management console, which is asked for its health. */
  adminPort: number;
}

export interface ProxyConfig {
  nodes: ProxyNode[];
  protocol: 'udp' | 'tcp';
  address: string;
  port: number;
  ipv6: boolean;
  management: { address: string; port: number } | undefined;
  checkIntervalMs: number;
  /** Keys whose nodes are remembered. */
  cacheSize: number;
  title: string | undefined;
  debug: boolean;
  /** As given, for the console's `config`. */
  raw: Record<string, unknown>;
}

// prettier-ignore
const KNOWN = [
  'nodes', 'server', 'host', 'port', 'udp_version', 'mgmt_port', 'mgmt_address', 'checkInterval',
  'cacheSize', 'forkCount', 'title', 'debug', 'log',
];
const NODE_KEYS = ['host', 'port', 'adminport'];
const COUNT = { range: [1, 2 ** 31 - 1] } as const;

/**
 * The configuration of a file's text, and everything that is wrong with it; `here`: addresses and names
 * of this machine.
 */
export function readProxyConfig(
  file: string,
  source: string,
  here: readonly string[] = [],
): { config: ProxyConfig; findings: Finding[] } {
  const findings = new Findings();
  const read = readJson5(source);
  const located = 'problem' in read ? undefined : read;
  if ('problem' in read) findings.error(`${file}:${read.line}:${read.column}`, read.problem);
  const places = new FileValues(file, located);
  const config = configOf(new Values(places, findings));
  reportLoops(config, here, (i, sentence) => findings.error(places.place(`/nodes/${i}`), sentence));
  return { config, findings: inOrder(findings.list, file) };
}

function configOf(values: Values): ProxyConfig {
  const raw = values.root;
  values.only('', raw, KNOWN);
  for (const key of ['forkCount', 'log']) {
    if (raw[key] !== undefined) values.ignored(`/${key}`, key);
  }
  const server = values.read(raw, '/server', serverPath, './servers/udp');
  const managementPort = values.read(raw, '/mgmt_port', port, 8126);
  const managementAddress = values.read(raw, '/mgmt_address', text, '127.0.0.1');
  return {
    nodes: nodesOf(values, raw['nodes']),
    protocol: server === './servers/tcp' ? 'tcp' : 'udp',
    address: values.read(raw, '/host', text, '0.0.0.0'),
    port: Number(values.read(raw, '/port', port, 8125)),
    ipv6: values.read(raw, '/udp_version', text, 'udp4') === 'udp6',
    management:
      managementPort === 'off' ? undefined : { address: managementAddress, port: managementPort },
    checkIntervalMs: values.read(raw, '/checkInterval', count, 10_000),
    cacheSize: values.read(raw, '/cacheSize', count, 10_000),
    title: values.read<string | undefined>(raw, '/title', text, undefined),
    debug: values.read(raw, '/debug', flag, false),
    raw,
  };
}

/** What goes to a node that is the proxy itself would come back for ever. */
function reportLoops(
  { nodes, address, port, protocol }: ProxyConfig,
  here: readonly string[],
  report: (node: number, sentence: string) => void,
): void {
  const own = [{ key: 'port', address, port, protocol }];
  for (const [i, { host, port: nodePort }] of nodes.entries()) {
    if (leadsBack(own, { host, port: nodePort }, protocol, here) === undefined) continue;
    report(i, `node ${host}:${nodePort} is this proxy itself, expected a server behind it`);
  }
}

function nodesOf(values: Values, given: unknown): ProxyNode[] {
  if (!Array.isArray(given) || given.length === 0) {
    values.wrong(
      '/nodes',
      `nodes: read ${show(given)}, expected a list of {host, port, adminport}`,
    );
    return [];
  }
  const seen = new Set<string>();
  return given.flatMap((item, i) => {
    const path = `/nodes/${i}`;
    const node = asObject(item);
    if (node === undefined) {
      values.wrong(path, `nodes: read ${show(item)}, expected {host, port, adminport}`);
      return [];
    }
    values.only(path, node, NODE_KEYS);
    const host = values.read(node, `${path}/host`, text, '127.0.0.1');
    const nodePort = values.read(node, `${path}/port`, nodePortOf, 0);
    const adminPort = values.read(node, `${path}/adminport`, nodePortOf, 0);
    for (const key of ['port', 'adminport']) {
      if (node[key] === undefined) values.wrong(path, `${key}: expected one, read none`);
    }
    if (seen.has(`${host}:${nodePort}`))
      values.wrong(path, `node ${host}:${nodePort} is there twice`);
    seen.add(`${host}:${nodePort}`);
    return [{ host, port: nodePort, adminPort }];
  });
}

/** The members of the file's objects, by path; what is wrong is told with its place. */
class Values {
  private readonly file: FileValues;
  private readonly findings: Findings;

  constructor(file: FileValues, findings: Findings) {
    this.file = file;
    this.findings = findings;
  }

  get root(): Record<string, unknown> {
    return this.file.root;
  }

  /** The member that a path ends in, as read; `otherwise` when it is not there or wrong. */
  read<T>(
    object: Record<string, unknown>,
    path: string,
    reader: (value: unknown) => Read<T>,
    otherwise: T,
  ): T {
    const key = path.slice(path.lastIndexOf('/') + 1);
    const value = object[key];
    if (value === undefined || value === null) return otherwise;
    const read = reader(value);
    if ('value' in read) return read.value;
    this.wrong(path, `${key}: ${read.error}`);
    return otherwise;
  }

  wrong(path: string, sentence: string): void {
    this.findings.error(this.file.place(path), sentence);
  }

  ignored(path: string, key: string): void {
    const why = key === 'log' ? 'the log is on standard error' : 'one process takes it all';
    this.findings.warning(this.file.place(path), `${key}: ignored, ${why}`);
  }

  /** Reports members that nobody asks for. */
  only(path: string, object: Record<string, unknown>, known: readonly string[]): void {
    for (const key of Object.keys(object)) {
      if (!known.includes(key)) {
        this.findings.unknown(this.file.place(`${path}/${key}#`), key, known);
      }
    }
  }
}

const text = (value: unknown): Read<string> => readText({ value });
const port = (value: unknown): Read<number | 'off'> => readPort({ value });
const nodePortOf = (value: unknown): Read<number> => readInteger({ value }, { range: [1, 65535] });
const count = (value: unknown): Read<number> => readInteger({ value }, COUNT);
const flag = (value: unknown): Read<boolean> =>
  typeof value === 'boolean' ? { value } : { error: `read ${show(value)}, expected true or false` };
const serverPath = (value: unknown): Read<string> => readServer({ value });
