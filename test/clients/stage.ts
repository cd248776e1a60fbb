/**
 * What one program runs against: a tallyd of its own with every kind of listener, a temporary
 * folder, and the questions asked of tallyd afterwards.
 */
import dgram from 'node:dgram';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { Server } from '../support/server.ts';
import { Children, type Running } from './children.ts';
import type { Check } from './program.ts';

/** How long an answer may take to become what it must be: a flush, a slow start of a program. */
const ANSWER_MS = 30_000;
const ASK_AGAIN_MS = 100;
const HOST = '127.0.0.1';

/** Those that are open: nothing goes on when the run itself is ended. */
const stages = new Set<Stage>();

export async function closeStages(): Promise<void> {
  for (const stage of stages) await stage.close();
}

type Question = { asked: string; expected: unknown; see: () => Promise<unknown> };

export class Stage {
  readonly folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tallyd-client-'));
  readonly children = new Children();
  readonly checks: Check[] = [];
  /** What else a run found, for people. */
  readonly figures: string[] = [];
  /** Lines that tallyd must call bad: what the program sends is no metric. */
  badLines = 0;
  private isClosed = false;
  private running: Server | undefined;
  private readonly enders: (() => Promise<void> | void)[] = [];

  get server(): Server {
    if (this.running === undefined) throw new Error('the stage has no server yet');
    return this.running;
  }

  constructor() {
    stages.add(this);
  }

  get isOpen(): boolean {
    return this.running !== undefined;
  }

  /** Starts tallyd; most programs need no flags. `config` is joined to the listeners. */
  async open(config: object = {}, flags: string[] = []): Promise<Server> {
    const file = path.join(this.folder, 'tallyd.json5');
    const servers = [
      { server: './servers/udp', address: HOST, port: 0 },
      { server: './servers/tcp', address: HOST, port: 0 },
      { server: './servers/tcp', socket: this.socket },
    ];
    fs.writeFileSync(file, JSON.stringify({ servers, ...config }));
    // A second is kept as a second, so that no two points share a slot.
    const schemas = this.file('schemas.conf', '[all]\npattern = .*\nretentions = 1s:1h\n');
    const args = ['--config', file, '--storage-schemas', schemas, ...flags];
    const server = await Server.start(args, path.join(this.folder, 'data'));
    this.running = server;
    if (this.isClosed) await this.close();
    return server;
  }

  /** Starts a program in the stage's folder that goes on until the stage closes. */
  start(command: string, args: readonly string[], env: Record<string, string> = {}): Running {
    return this.children.start(command, args, { cwd: this.folder, env });
  }

  /** Datagrams to tallyd's own StatsD port. */
  async send(...packets: string[]): Promise<void> {
    await this.sendTo(this.server.port('statsd udp'), ...packets);
  }

  /** Datagrams to another port. */
  async sendTo(port: number, ...packets: string[]): Promise<void> {
    const socket = dgram.createSocket('udp4');
    for (const packet of packets) {
      await new Promise<void>((resolve, reject) =>
        socket.send(packet, port, HOST, (error) => (error ? reject(error) : resolve())),
      );
    }
    socket.close();
  }

  /** Path of the unix stream socket. */
  get socket(): string {
    return path.join(this.folder, 'statsd.sock');
  }

  /** Where a client may send, as JSON for its script. */
  ports(more: object = {}): string {
    const { server } = this;
    const [udp, tcp] = [server.port('statsd udp'), server.port('statsd tcp')];
    return JSON.stringify({
      udp,
      tcp,
      unix: this.socket,
      console: server.port('console'),
      ...more,
    });
  }

  /** Runs a script to its end; answers what it printed. */
  async script(command: string, ...args: string[]): Promise<string> {
    return this.children.toEnd(command, args, { cwd: this.folder });
  }

  file(name: string, text: string): string {
    const file = path.join(this.folder, name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, text);
    return file;
  }

  /** The sum over all time of each target must become so much. */
  async sums(expected: Record<string, number>): Promise<void> {
    await this.ask(
      Object.entries(expected).map(([target, value]) => ({
        asked: `sum ${target}`,
        expected: value,
        see: () => this.server.sum(target),
      })),
    );
  }

  /** The newest value of each target must become this one. */
  async latest(expected: Record<string, number>): Promise<void> {
    await this.ask(
      Object.entries(expected).map(([target, value]) => ({
        asked: `last ${target}`,
        expected: value,
        see: async () => [...(await this.server.render(target)).values()][0]?.at(-1)?.value,
      })),
    );
  }

  /** Each of these must have a value that the condition likes; the value is shown. */
  async some(
    targets: readonly string[],
    what: string,
    isGood: (value: number) => boolean,
  ): Promise<void> {
    for (const target of targets) {
      let value: number | null | undefined;
      const see = async (): Promise<boolean> => {
        value = [...(await this.server.render(target)).values()][0]?.at(-1)?.value;
        return typeof value === 'number' && isGood(value);
      };
      await asked(see);
      const holds = typeof value === 'number' && isGood(value);
      this.checks.push({ asked: `last ${target}`, expected: what, seen: value, holds });
    }
  }

  /** Anything else. */
  async sees(asked: string, expected: unknown, see: () => Promise<unknown>): Promise<void> {
    await this.ask([{ asked, expected, see }]);
  }

  /** A statement about something that is known already. */
  notes(asked: string, expected: unknown, seen: unknown): void {
    this.checks.push({ asked, expected, seen, holds: isDeepStrictEqual(seen, expected) });
  }

  /** Waits until all answers are right, bounded, and keeps the last ones. */
  private async ask(questions: Question[]): Promise<void> {
    let seen: unknown[] = [];
    const all = async (): Promise<boolean> => {
      seen = [];
      for (const { see } of questions) seen.push(await see());
      return questions.every(({ expected }, i) => isDeepStrictEqual(seen[i], expected));
    };
    await asked(all);
    questions.forEach(({ asked, expected }, i) => this.notes(asked, expected, seen[i]));
  }

  /** Something else to end with the stage, whatever happens. */
  atEnd(end: () => Promise<void> | void): void {
    this.enders.push(end);
  }

  async close(): Promise<void> {
    this.isClosed = true;
    stages.delete(this);
    for (const end of this.enders.splice(0).reverse()) await end();
    await this.children.endAll();
    await this.running?.remove();
    fs.rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Asks again and again, not so often that tallyd is busy with nothing else, until it is right. */
async function asked(isRight: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + ANSWER_MS;
  while (!(await isRight()) && performance.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS));
  }
}
