import { readFileSync } from 'node:fs';
import net from 'node:net';
import { type ConsoleServer, type ConsoleDeps, startConsole } from '../../src/console/console.ts';
import { WrongPort } from '../../src/console/wrong-port.ts';
import { assert, describe } from '../support/suite.ts';

/** A StatsD of a few lines, enough to stand behind the console in the recorded cases. */
class Books {
  private readonly kinds = {
    counters: new Map<string, unknown>([
      ['statsd.bad_lines_seen', 0],
      ['statsd.packets_received', 0],
      ['statsd.metrics_received', 0],
    ]),
    timers: new Map<string, unknown>(),
    gauges: new Map<string, unknown>(),
  };
  private badLines = 0;

  receive(packet: string): void {
    this.count('statsd.packets_received', 1);
    for (const line of packet.split('\n')) {
      this.count('statsd.metrics_received', 1);
      const match = /^([^:|]+):([^|]+)\|(c|g|ms)(?:\|#(.*))?$/.exec(line);
      if (match === null) {
        this.badLines += 1;
        this.count('statsd.bad_lines_seen', 1);
        continue;
      }
      const [, base, text, type, tags] = match;
      const name = base! + (tags === undefined ? '' : `;${tags.replace(':', '=')}`);
      if (type === 'c') this.count(name, Number(text));
      else if (type === 'g') this.kinds.gauges.set(name, Number(text));
      else {
        const samples = (this.kinds.timers.get(name) ?? []) as number[];
        this.kinds.timers.set(name, [...samples, Number(text)]);
      }
    }
  }

  private count(name: string, by: number): void {
    const { counters } = this.kinds;
    counters.set(name, ((counters.get(name) ?? 0) as number) + by);
  }

  deps(config: Record<string, unknown> = {}): ConsoleDeps {
    return {
      inspect: async (kind) => [...this.kinds[kind]],
      deleteMetrics: async (kind, pattern) => {
        const prefix = pattern.endsWith('.*') ? pattern.slice(0, -1) : undefined;
        const gone = [...this.kinds[kind].keys()].filter(
          (name) => name === pattern || (prefix !== undefined && name.startsWith(prefix)),
        );
        for (const name of gone) this.kinds[kind].delete(name);
        return prefix === '.' ? [] : gone;
      },
      stats: async () => [
        ['uptime', 1],
        ['messages.last_msg_seen', 1],
        ['messages.bad_lines_seen', this.badLines],
        ['graphite.last_flush', 1],
        ['graphite.last_exception', 1],
        ['graphite.flush_time', 1],
        ['graphite.flush_length', 1],
      ],
      config: () => config,
      nowSeconds: () => 1234,
      health: 'up',
    };
  }
}

interface Case {
  id: string;
  category: string;
  packets: string[];
  mgmt_out: { cmd: string; out: string | null; closed?: boolean }[];
}

const cases = readFileSync(
  new URL('../conformance/statsd/conformance.jsonl', import.meta.url),
  'utf8',
)
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => JSON.parse(line) as Case)
  .filter(({ category }) => category === 'mgmt');

/** Numbers that depend on the clock, as the recording masks them. */
function masked(text: string): string {
  return text.replace(/^(uptime|messages\.last_msg_seen|graphite\.\w+): [\d.]+$/gm, '$1: <n>');
}

/** One connection; each command waits for its answer. */
class Talk {
  readonly socket: net.Socket;
  closed = false;
  private text = '';
  private wake = (): void => {};

  constructor(port: number) {
    this.socket = net.connect(port, '127.0.0.1');
    this.socket.setEncoding('utf8');
    this.socket.on('data', (text: string) => {
      this.text += text;
      this.wake();
    });
    this.socket.on('close', () => {
      this.closed = true;
      this.wake();
    });
    this.socket.on('error', () => {});
  }

  /** Sends and waits for as much text as expected, or the end. */
  async say(command: string, length: number): Promise<string> {
    this.text = '';
    this.socket.write(command);
    while (!this.closed && masked(this.text).length < length) {
      await new Promise<void>((resolve) => (this.wake = resolve));
    }
    return this.text;
  }

  async end(): Promise<void> {
    while (!this.closed) await new Promise<void>((resolve) => (this.wake = resolve));
  }
}

async function withConsole(
  deps: ConsoleDeps,
  work: (console: ConsoleServer) => Promise<void>,
): Promise<void> {
  const server = await startConsole({ address: '127.0.0.1', port: 0 }, deps);
  try {
    await work(server);
  } finally {
    await server.close();
  }
}

describe('console: recorded cases', (it) => {
  for (const { id, packets, mgmt_out } of cases) {
    it(id, async () => {
      const books = new Books();
      for (const packet of packets) books.receive(packet);
      await withConsole({ ...books.deps(), asStatsd: true }, async ({ port }) => {
        const talk = new Talk(port);
        for (const { cmd, out, closed } of mgmt_out) {
          if (out === null) continue;
          const got = await talk.say(cmd, closed ? Infinity : out.length);
          assert.is(masked(got), out, cmd);
          assert.is(talk.closed, closed ?? false);
        }
        talk.socket.destroy();
      });
    });
  }
});

describe('console', (it) => {
  const says = async (deps: ConsoleDeps, command: string, expected: string): Promise<void> =>
    withConsole(deps, async ({ port }) => {
      const talk = new Talk(port);
      assert.is(await talk.say(command, expected.length), expected);
      talk.socket.destroy();
    });

  it('shows the config one level deep', async () => {
    const config = {
      port: 8125,
      title: undefined,
      none: null,
      backends: ['./backends/console'],
      graphite: { legacyNamespace: false, deep: { a: 1 } },
      debug: true,
    };
    const text =
      '\nport: 8125\ntitle: undefined\nbackends > 0: ./backends/console\n' +
      'graphite > legacyNamespace: false\ngraphite > deep: [object Object]\ndebug: true\n';
    await says(new Books().deps(config), 'config\n', text);
  });

  it('knows only names that are there', async () => {
    const deps = new Books().deps();
    await says(
      deps,
      'delcounters toString constructor\n',
      'metric toString not found\nmetric constructor not found\nEND\n\n',
    );
    await says(deps, 'deltimers\n', 'END\n\n');
  });

  it('claims to delete what StatsD does, and only when it stands for StatsD', async () => {
    const books = new Books();
    books.receive('toString:1|g');
    const deps: ConsoleDeps = { ...books.deps(), asStatsd: true };
    for (const expected of ['deleted: toString\n', 'deleted: toString\n']) {
      await says(deps, 'delgauges toString\n', `${expected}END\n\n`);
    }
    await says(
      deps,
      'delgauges __proto__ prototype valueOf.*\n',
      'deleted: __proto__\nmetric prototype not found\nmetric valueOf.* not found\nEND\n\n',
    );
  });

  it('deletes by prefix, many patterns in one command', async () => {
    const books = new Books();
    books.receive('a.x:1|g\na.y:2|g\nb:3|g\nab:4|g');
    await says(
      books.deps(),
      'delgauges a.* b z.*\n',
      'deleted: a.x\ndeleted: a.y\ndeleted: b\nmetric z.* not found\nEND\n\n',
    );
    await says(books.deps(), 'gauges\n', '{ ab: 4 }\nEND\n\n');
  });

  it('shows any name, __proto__ too', async () => {
    const deps: ConsoleDeps = {
      ...new Books().deps(),
      inspect: async () => [['__proto__', 1]],
    };
    await says(deps, 'gauges\n', "{ ['__proto__']: 1 }\nEND\n\n");
  });

  it('refuses what it does not know', async () => {
    for (const text of ['\n', 'HELP\n', ' x', 'help\nsets\n', 'sets\n', '\u00ff\u0000']) {
      await says(new Books().deps(), text, 'ERROR\n');
    }
    await says({ ...new Books().deps(), asStatsd: true }, 'health\nhealth\n', 'ERROR\n');
  });

  it('answers each line of a read that holds commands', async () => {
    const deps = { ...new Books().deps(), stats: async (): Promise<[string, number][]> => [] };
    await says(deps, 'stats\n\nhealth down\r\nhealth\n', 'END\n\nhealth: down\nhealth: down\n');
  });

  it('answers commands in their order, though the first takes longer', async () => {
    let release = (): void => {};
    let begun = (): void => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    const asked = new Promise<void>((resolve) => (begun = resolve));
    const deps: ConsoleDeps = {
      ...new Books().deps(),
      stats: async () => {
        begun();
        await held;
        return [['uptime', 5]];
      },
    };
    await withConsole(deps, async ({ port }) => {
      const talk = new Talk(port);
      talk.socket.write('stats\n');
      await asked;
      const expected = 'uptime: 5\nEND\n\nhealth: up\n';
      const answer = talk.say('health\n', expected.length - 2);
      setImmediate(release);
      assert.is(masked(await answer), masked(expected));
      talk.socket.destroy();
    });
  });

  it('says ERROR when a source fails, and goes on', async () => {
    const errors: unknown[] = [];
    const deps: ConsoleDeps = {
      ...new Books().deps(),
      stats: () => Promise.reject(new Error('worker is gone')),
      onError: (error) => void errors.push(error),
    };
    await withConsole(deps, async ({ port }) => {
      const talk = new Talk(port);
      assert.is(await talk.say('stats\n', 6), 'ERROR\n');
      assert.is(await talk.say('health\n', 11), 'health: up\n');
      talk.socket.destroy();
    });
    assert.is(errors.length, 1);
  });

  it('survives clients that reset, and closes those that stay', async () => {
    const server = await startConsole({ address: '127.0.0.1', port: 0 }, new Books().deps());
    const rude = new Talk(server.port);
    await rude.say('help\n', 1);
    rude.socket.resetAndDestroy();
    const quiet = new Talk(server.port);
    assert.is(await quiet.say('health\n', 11), 'health: up\n');
    await server.close();
    await quiet.end();
  });

  it('says in a sentence that the port is taken', async () => {
    await withConsole(new Books().deps(), async ({ port }) => {
      const second = startConsole({ address: '127.0.0.1', port }, new Books().deps());
      const error = await second.catch((reason: unknown) => reason);
      assert.match((error as Error).message, /^management port \d+ on 127.0.0.1 is taken/);
    });
  });

  it('says in one line where a metric goes that came here, and counts it', async () => {
    const wrongPort = new WrongPort();
    const deps: ConsoleDeps = {
      ...new Books().deps(),
      wrongPort: (text) => wrongPort.answer(text, { statsd: 'udp port 8125' }, 1234),
    };
    await withConsole(deps, async ({ port }) => {
      const talk = new Talk(port);
      const answer =
        'ERROR: this is a StatsD line; those go to udp port 8125; this is the management console\n';
      assert.is(await talk.say('api.hits:1|c\n', answer.length), answer);
      assert.match(await talk.say('a.b 1 1700000000\n', 100), /^ERROR: .*carbonPort/);
      assert.is(await talk.say('counters:\n', 6), 'ERROR\n');
      assert.is(await talk.say('delcounters a:1|c\n', 28), 'metric a:1|c not found\nEND\n\n');
      const request = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n';
      assert.match(await talk.say(request, Infinity), /^ERROR: .* HTTP .*\n$/);
      assert.ok(talk.closed);
    });
    const [seen] = wrongPort.rejections().filter(({ reason }) => reason === 'statsdLine');
    assert.equal(seen, {
      what: 'console.mistaken',
      reason: 'statsdLine',
      count: 1,
      last: { example: 'api.hits:1|c\\x0a', time: 1234 },
    });
  });
});
