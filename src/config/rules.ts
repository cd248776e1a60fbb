/**
 * Settings that are made of several options: listeners, backends, and what the management console
 * shows as StatsD's configuration. Called by `load.ts` only.
 */
import path from 'node:path';
import { OPTIONS } from './options.ts';
import { hasTrait, SANITIZED_WHEN_SENT } from './dialects.ts';
import type { SettingsOf, ValuesOf } from './option.ts';
import { clashesOf, leadsBack, portsOf } from './ports.ts';
import { type ServerConfig, type ServerKeys, SOCKET_NEEDS_TCP } from './structures.ts';
import type { Context, RawValue, PortValue } from './values.ts';

type Values = ValuesOf<typeof OPTIONS>;
type Settings = SettingsOf<typeof OPTIONS>;

/** The options as they were read, and where each was given. */
interface OptionsRead {
  values: Values;
  settings: Settings;
  /** The values of those that were given and are right. */
  own: ReadonlyMap<string, unknown>;
  given: ReadonlyMap<string, RawValue>;
  context: Context;
}

/** `file`: the one that was read; `here`: addresses and names of this machine. */
export function applyRules(
  read: OptionsRead,
  { file, here = [] }: { file: string | undefined; here?: readonly string[] },
) {
  const { values, settings, own } = read;
  const listeners = {
    servers: servers(read),
    management: listener(values.mgmt_port, values.mgmt_address),
    carbon: listener(values.carbonPort, values.carbonAddress),
    carbonPickle: listener(values.carbonPicklePort, values.carbonAddress),
    http: listener(values.httpPort, values.httpAddress),
  };
  const ports = portsOf(listeners);
  reportClashes(ports, read);
  reportThresholds(read, listeners.servers);
  const back = { ports, here };
  return {
    ...listeners,
    aggregation: {
      ...settings.aggregation,
      /** Names that were kept as sent lose on their way out what StatsD's backend drops of them. */
      sanitizesSent:
        !values.keyNameSanitize && hasTrait(listeners.servers[0]?.dialect, SANITIZED_WHEN_SENT),
    },
    ...storageFiles(values, file),
    /** Files that were named must exist. */
    storageFilesGiven: {
      storageSchemas: own.has('storageSchemas'),
      storageAggregation: own.has('storageAggregation'),
      sketchSchemas: own.has('sketchSchemas'),
      graphTemplates: own.has('graphTemplates'),
    },
    /** undefined too when it is listed and has no host to send to. */
    graphiteBackend: graphiteBackend(read, back),
    consoleBackend: values.backends.includes('console')
      ? { prettyprint: values['console.prettyprint'] }
      : undefined,
    repeater: repeater(read, back),
    /** As given, for the management console's `config` command. */
    raw: rawValues(read),
  };
}

/** Carbon's files that are not named lie beside the configuration, as carbon has them. */
function storageFiles(values: Values, file: string | undefined) {
  const folder = file === undefined ? 'config' : path.dirname(file);
  const beside = (name: string): string => path.join(folder, name);
  return {
    storageSchemas: values.storageSchemas ?? beside('storage-schemas.conf'),
    storageAggregation: values.storageAggregation ?? beside('storage-aggregation.conf'),
    sketchSchemas: values.sketchSchemas ?? beside('sketch-schemas.conf'),
    graphTemplates: values.graphTemplates ?? beside('graphTemplates.conf'),
  };
}

function listener(port: PortValue, address: string): { address: string; port: number } | undefined {
  return port === 'off' ? undefined : { address, port };
}

function servers({ values, given, context: { findings } }: OptionsRead): ServerConfig[] {
  const { servers: list, dialect } = values;
  if (list !== undefined) {
    const unused = ['port', 'address', 'server', 'socket', 'datagramSocket', 'address_ipv6'];
    for (const key of unused) {
      const one = given.get(key);
      if (one === undefined || !one.spelled) continue;
      findings.warning(one.place, 'no effect on StatsD listeners, the file lists "servers"');
    }
    return list.flatMap((keys) => serverConfig(keys, dialect));
  }
  const socket = given.get('socket');
  if (socket !== undefined && values.server === './servers/udp') {
    findings.warning(socket.place, `${SOCKET_NEEDS_TCP}: ignored`);
  }
  const { server, address, port, address_ipv6, socket_mod } = values;
  const { socket: path = '', datagramSocket = '' } = values;
  const common = { address, address_ipv6, socket_mod, dialect, socket: path };
  const byPort = { ...common, server, port, datagramSocket: '' };
  const byPath = { ...common, server: './servers/udp' as const, port: 0, datagramSocket };
  return [byPort, ...(datagramSocket === '' ? [] : [byPath])].flatMap((keys) =>
    serverConfig(keys, dialect),
  );
}

/** One listener, none where the port is off. */
function serverConfig(keys: ServerKeys, dialect: ServerConfig['dialect']): ServerConfig[] {
  const { server, address, port } = keys;
  if (port === 'off') return [];
  const ipv6 = keys.address_ipv6 || address.includes(':');
  const path = server === './servers/tcp' ? keys.socket : keys.datagramSocket;
  return [
    {
      transport: server === './servers/tcp' ? 'tcp' : 'udp',
      address: address !== '' ? address : ipv6 ? '::' : '0.0.0.0',
      port,
      ipv6,
      socketPath: path === '' ? undefined : path,
      socketMode: keys.socket_mod,
      dialect: keys.dialect ?? dialect,
    },
  ];
}

function reportClashes(ports: ReturnType<typeof portsOf>, { given, context }: OptionsRead): void {
  for (const [first, second] of clashesOf(ports)) {
    const place = (given.get(second.key) ?? given.get(first.key) ?? given.get('servers'))?.place;
    const { protocol, port } = second;
    const sentence =
      first.key === second.key
        ? `read two listeners on ${protocol.toUpperCase()} port ${port}, expected one`
        : `${second.key}: read ${port}, which is ${first.key} too (${protocol.toUpperCase()}), ` +
          'expected a port of its own';
    context.findings.error(place ?? context.file.place(''), sentence);
  }
}

/** Of more values than there are StatsD makes NaN, which nobody can store. */
function reportThresholds(
  { values, given, context: { findings } }: OptionsRead,
  servers: readonly ServerConfig[],
): void {
  const beyond = values.percentThreshold?.find(({ percent }) => percent > 100 || percent <= -100);
  if (beyond === undefined) return;
  const { place = '' } = given.get('percentThreshold') ?? {};
  const read = `percentThreshold: read ${beyond.percent}`;
  if (servers.every(({ dialect }) => dialect === 'statsd')) {
    findings.warning(
      place,
      `${read}: StatsD's statistics beyond 100 percent are NaN, none is stored`,
    );
  } else {
    findings.error(
      place,
      `${read}, expected up to 100, or more than -100 for the top ones ` +
        `(dialect "statsd" takes it, and stores nothing of it)`,
    );
  }
}

interface Back {
  ports: ReturnType<typeof portsOf>;
  here: readonly string[];
}

function graphiteBackend({ values, given, context }: OptionsRead, { ports, here }: Back) {
  const { graphiteHost: host, graphiteProtocol: protocol } = values;
  if (!values.backends.includes('graphite') || host === undefined || host === '') return undefined;
  const port = protocol === 'text' ? values.graphitePort : values.graphitePicklePort;
  const back = leadsBack(ports, { host, port }, 'tcp', here);
  if (back !== undefined) {
    const sentence =
      `graphiteHost: ${host} port ${port} is ${back.key} of this tallyd, which would send each ` +
      'flush to itself; it stores them anyway: leave graphiteHost out, or name another server';
    context.findings.error(given.get('graphiteHost')?.place ?? '', sentence);
    return undefined;
  }
  return { host, port, protocol, queueBytes: values.graphiteQueueBytes };
}

function repeater({ values, given, context }: OptionsRead, { ports, here }: Back) {
  if (!values.backends.includes('repeater')) return undefined;
  if (values.repeater.length === 0) {
    const place = given.get('backends')?.place ?? '';
    const sentence = 'backend repeater has nothing to send to: "repeater" is empty';
    context.findings.warning(place, sentence);
    return undefined;
  }
  const protocol = values.repeaterProtocol === 'tcp' ? 'tcp' : 'udp';
  const targets = values.repeater.filter((target) => {
    const back = leadsBack(ports, target, protocol, here);
    if (back === undefined) return true;
    const { host, port } = target;
    const sentence =
      `repeater: ${host} port ${port} is ${back.key} of this tallyd, to which each packet would ` +
      'come back for ever: it is left out';
    context.findings.warning(given.get('repeater')?.place ?? '', sentence);
    return false;
  });
  if (targets.length === 0) return undefined;
  return { targets, protocol: values.repeaterProtocol };
}

/**
 * What the console's `config` command shows: the file as given, with StatsD's own keys from flags
 * and variables laid over it and what StatsD fills in, in the order in which it does.
 */
function rawValues({ values, given, context }: OptionsRead): Record<string, unknown> {
  const raw = structuredClone(context.file.root);
  for (const [key, one] of given) {
    if (!one.spelled || !OPTIONS[key as keyof typeof OPTIONS].statsd) continue;
    const [outer, inner] = key.split('.') as [string, string | undefined];
    if (inner === undefined) raw[outer] = one.value;
    else raw[outer] = { ...(raw[outer] as object | undefined), [inner]: one.value };
  }
  raw['gaugesMaxTTL'] = values.gaugesMaxTTL;
  raw['deleteIdleStats'] ??= false;
  if (values.deleteIdleStats) {
    for (const key of ['deleteCounters', 'deleteTimers', 'deleteSets', 'deleteGauges']) {
      raw[key] ??= true;
    }
  }
  return raw;
}
