/**
 * StatsD's management console: commands over TCP, command for command and text for text as
 * statsd/statsd's `stats.js` and `lib/mgmt_console.js` answer (read for their facts). One read of
 * the socket is one command, however many lines it holds; there is no prompt. `daemon.ts` starts it.
 */
import { once } from 'node:events';
import net from 'node:net';
import { inspect } from 'node:util';
import { UserError } from '../lib/errors.ts';
import { configText } from './config-text.ts';

export type ConsoleKind = 'counters' | 'timers' | 'gauges';

/** What the console shows and changes; the aggregator is behind it. */
export interface ConsoleSources {
  /** Names and values in the order they were first seen; a timer's value is its list of samples. */
  inspect(kind: ConsoleKind): Promise<[string, unknown][]>;
  /** Deletes one name, or with `a.*` all that start with `a.`; resolves to the names deleted. */
  deleteMetrics(kind: ConsoleKind, pattern: string): Promise<string[]>;
  /** Lines of `stats` in order: name and number. */
  stats(): Promise<[string, number][]>;
  /** The configuration as given, with the values that defaults filled in. */
  config(): Record<string, unknown>;
  /** Whether deleting answers as StatsD for names of JavaScript's own, see `isStatsdName`. */
  statsdNames?: boolean;
  /** What `health` says at first: `up`. */
  health: string;
  /** Commands that come before this wait for it. */
  ready?: Promise<void>;
  /** Told what goes wrong while answering. */
  onError?(error: unknown): void;
}

export interface ConsoleServer {
  port: number;
  close(): Promise<void>;
}

const HELP =
  'Commands: stats, counters, timers, gauges, delcounters, deltimers, delgauges, health, config, quit\n\n';
const END = 'END\n\n';
const CONNECTIONS_MAX = 64;
/** Commands of one connection that may wait for their answers. */
const PENDING_MAX = 64;

/** Listens; throws a `portTaken` UserError when the port is not free. */
export async function startConsole(
  options: { address: string; port: number },
  sources: ConsoleSources,
): Promise<ConsoleServer> {
  const session = new Session(sources);
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    converse(socket, session, sources);
  });
  server.maxConnections = CONNECTIONS_MAX;
  server.listen(options.port, options.address);
  try {
    await once(server, 'listening');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    throw new UserError(
      'portTaken',
      `management port ${options.port} on ${options.address} is taken by another process`,
    );
  }
  return {
    port: (server.address() as net.AddressInfo).port,
    async close() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

/** Answers a connection's commands one after the other, in the order they came. */
function converse(socket: net.Socket, session: Session, sources: ConsoleSources): void {
  let turn = sources.ready ?? Promise.resolve();
  let pending = 0;
  const answer = async (command: string): Promise<void> => {
    try {
      const text = await session.answer(command);
      if (text === undefined) socket.end();
      else if (socket.writable) socket.write(text);
    } catch (error) {
      sources.onError?.(error);
      if (socket.writable) socket.write('ERROR\n');
    }
    pending -= 1;
    socket.resume();
  };
  socket.on('data', (data: Buffer) => {
    pending += 1;
    // Held back only under a flood: reading on keeps two quick commands two reads.
    if (pending >= PENDING_MAX) socket.pause();
    const command = data.toString('utf8');
    turn = turn.then(() => answer(command));
  });
  // A peer that goes away in the middle is its own business.
  socket.on('error', () => socket.destroy());
}

/** One console's state; all its connections share the health word, as in StatsD. */
class Session {
  private readonly sources: ConsoleSources;
  private health: string;

  constructor(sources: ConsoleSources) {
    this.sources = sources;
    this.health = sources.health;
  }

  /** The answer to one read; undefined closes the connection. */
  async answer(text: string): Promise<string | undefined> {
    const [command = '', ...words] = text.trim().split(' ');
    switch (command) {
      case 'help':
        return HELP;
      case 'stats':
        return (
          (await this.sources.stats()).map(([name, value]) => `${name}: ${value}\n`).join('') + END
        );
      case 'counters':
      case 'timers':
      case 'gauges':
        return inspectAll(await this.sources.inspect(command)) + '\n' + END;
      case 'delcounters':
      case 'deltimers':
      case 'delgauges':
        return this.remove(command.slice('del'.length) as ConsoleKind, words);
      case 'health':
        return this.healthText(words[0]);
      case 'config':
        return configText(this.sources.config());
      case 'quit':
        return undefined;
      default:
        return 'ERROR\n';
    }
  }

  private async remove(kind: ConsoleKind, patterns: string[]): Promise<string> {
    let out = '';
    for (const pattern of patterns) {
      const deleted = await this.sources.deleteMetrics(kind, pattern);
      out += deleted.map((name) => `deleted: ${name}\n`).join('');
      if (deleted.length > 0) continue;
      const claimed = this.sources.statsdNames === true && isStatsdName(pattern);
      out += claimed ? `deleted: ${pattern}\n` : `metric ${pattern} not found\n`;
    }
    return out + END;
  }

  private healthText(word: string | undefined): string {
    const asked = word?.toLowerCase();
    if (asked === 'up' || asked === 'down') this.health = asked;
    return `health: ${this.health}\n`;
  }
}

/**
 * StatsD looks a name up with `in`, which finds what every JavaScript object inherits: it says that
 * it deleted `toString`, and deletes nothing.
 */
function isStatsdName(name: string): boolean {
  return name in Object.prototype;
}

/** As `util.inspect` shows StatsD's plain objects, whatever the names are. */
function inspectAll(entries: [string, unknown][]): string {
  const shown: Record<string, unknown> = {};
  for (const [name, value] of entries) {
    // Defined, not assigned: `__proto__` is a name like any other here.
    const property = { value, enumerable: true, configurable: true, writable: true };
    Object.defineProperty(shown, name, property);
  }
  return inspect(shown);
}
