/**
 * StatsD's management console: commands over TCP, command for command and text for text as
 * statsd/statsd's `stats.js` and `lib/mgmt_console.js` answer (read for their facts). There is no
 * prompt. One read of the socket is one command, as in StatsD; unless StatsD is to be taken at its word,
 * several lines that are commands each are several commands. `console-service.ts` starts it.
 */
import { inspect } from 'node:util';
import { type ConsoleServer, listenForCommands } from './commands.ts';
import { configText } from './config-text.ts';

export type { ConsoleServer } from './commands.ts';

type ConsoleKind = 'counters' | 'timers' | 'gauges';

/** What the console shows and changes; the aggregator is behind it. */
export interface ConsoleDeps {
  /** Names and values in the order they were first seen; a timer's value is its list of samples. */
  inspect(kind: ConsoleKind): Promise<[string, unknown][]>;
  /** Deletes one name, or with `a.*` all that start with `a.`; resolves to the names deleted. */
  deleteMetrics(kind: ConsoleKind, pattern: string): Promise<string[]>;
  /** Lines of `stats` in order: name and number. */
  stats(): Promise<[string, number][]>;
  /** The configuration as given, with the values that defaults filled in. */
  config(): Record<string, unknown>;
  /** Whether to answer as StatsD does where that is odd: lines of one read, see `isStatsdName` as well. */
  asStatsd?: boolean;
  /** What is answered to text that is no command and was meant for another port. */
  wrongPort?(text: string): string | undefined;
  /** Epoch seconds. */
  nowSeconds(): number;
  /** What `health` says at first: `up`. */
  health: string;
  /** Commands that come before this wait for it. */
  ready?: Promise<void>;
  /** Told what goes wrong while answering. */
  onError?(error: unknown): void;
}

const HELP =
  'Commands: stats, counters, timers, gauges, delcounters, deltimers, delgauges, health, config, quit\n\n';
const COMMANDS = new Set([
  'help',
  ...HELP.slice(HELP.indexOf(':') + 1)
    .trim()
    .split(', '),
]);
/** Of one read. */
const LINES_MAX = 32;
const END = 'END\n\n';
/** Listens; throws a `portTaken` UserError when the port is not free. */
export function startConsole(
  options: { address: string; port: number },
  deps: ConsoleDeps,
): Promise<ConsoleServer> {
  const session = new Session(deps);
  const commandsOf = deps.asStatsd === true ? undefined : commandsIn;
  return listenForCommands(options, (command) => session.answer(command), {
    ...deps,
    ...(commandsOf === undefined ? {} : { commandsOf }),
  });
}

/** One for each line where all of them are commands; else the text is one, and is told what it is. */
function commandsIn(read: string): string[] {
  const lines = read.split('\n').filter((line) => line.trim() !== '');
  const isEach = lines.length <= LINES_MAX && lines.every((line) => COMMANDS.has(wordOf(line)));
  return isEach && lines.length > 0 ? lines : [read];
}

function wordOf(line: string): string {
  return line.trim().split(' ')[0]!; // a split text has one part at least
}

/** One console's state; all its connections share the health word, as in StatsD. */
class Session {
  private readonly deps: ConsoleDeps;
  private health: string;

  constructor(deps: ConsoleDeps) {
    this.deps = deps;
    this.health = deps.health;
  }

  /** The answer to one read; undefined closes the connection. */
  async answer(text: string): Promise<string | undefined> {
    const [command = '', ...words] = text.trim().split(' ');
    switch (command) {
      case 'help':
        return HELP;
      case 'stats':
        return (
          (await this.deps.stats()).map(([name, value]) => `${name}: ${value}\n`).join('') + END
        );
      case 'counters':
      case 'timers':
      case 'gauges':
        return inspectAll(await this.deps.inspect(command)) + '\n' + END;
      case 'delcounters':
      case 'deltimers':
      case 'delgauges':
        return this.remove(command.slice('del'.length) as ConsoleKind, words);
      case 'health':
        return this.healthText(words[0]);
      case 'config':
        return configText(this.deps.config());
      case 'quit':
        return undefined;
      default:
        return this.deps.wrongPort?.(text) ?? 'ERROR\n';
    }
  }

  private async remove(kind: ConsoleKind, patterns: string[]): Promise<string> {
    let out = '';
    for (const pattern of patterns) {
      const deleted = await this.deps.deleteMetrics(kind, pattern);
      out += deleted.map((name) => `deleted: ${name}\n`).join('');
      if (deleted.length > 0) continue;
      const claimed = this.deps.asStatsd === true && isStatsdName(pattern);
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
