/**
 * Runs files of tests in a few processes, each of which runs one file after the other. Whatever ends
 * without a result is a failure: a file that cannot be loaded, a process that dies or that something
 * keeps open.
 */
import { type ChildProcess, fork } from 'node:child_process';
import readline from 'node:readline';
import {
  type Cost,
  type Counts,
  type FileResult,
  NO_MORE,
  RESULT_MARK,
} from './runner-messages.ts';
import { FROM_SOURCES, moduleFile } from './program.ts';

/** No file of tests takes that long: a process that says nothing until then hangs. */
const FILE_MS_MAX = 600_000;

/**
 * A young generation that holds a test's garbage is collected less often. Most code of a test runs a
 * few times: Node 20 would optimize much that does not come again; later ones have a compiler between.
 */
const FOR_SHORT_RUNS = ['--max-semi-space-size=32', '--min-semi-space-size=16'].concat(
  process.versions.node.startsWith('20.') ? ['--interrupt-budget=1000000'] : [],
);

export interface TestFile {
  name: string;
  url: string;
}

export interface Outcome extends Counts {
  /** What failed, a line for each file or process. */
  failures: string[];
  costs: FileCost[];
}

export interface FileCost extends Cost {
  parts: Cost[];
}

export interface RunOptions {
  jobs: number;
  env: NodeJS.ProcessEnv;
  print: (text: string) => void;
}

export async function runFiles(files: TestFile[], options: RunOptions): Promise<Outcome> {
  const outcome: Outcome = { total: 0, passed: 0, skipped: 0, leftOut: 0, failures: [], costs: [] };
  const waiting = [...files];
  const fail = (text: string): void => {
    outcome.failures.push(text);
    outcome.total += 1;
  };
  const runSome = async (): Promise<void> => {
    while (waiting.length > 0) {
      const worker = new TestWorker(options);
      let lost: string | undefined;
      for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
        const result = await worker.run(file);
        if (result === undefined) {
          lost = file.name;
          break;
        }
        outcome.total += result.total;
        outcome.passed += result.passed;
        outcome.skipped += result.skipped;
        outcome.leftOut += result.leftOut;
        outcome.costs.push({ name: file.name, seconds: result.seconds, parts: result.parts });
        const failed = result.total - result.passed;
        if (failed > 0) outcome.failures.push(`${file.name}: ${failed} of ${result.total}`);
      }
      const ended = await worker.end();
      if (lost !== undefined) fail(`${lost}: the process that ran it ended with ${ended}`);
      else if (ended !== 0) fail(`a process ended with ${ended} after its last test`);
    }
  };
  await Promise.all(Array.from({ length: Math.min(options.jobs, files.length) }, runSome));
  return outcome;
}

/** One process (`file-runner.ts`) and what it says. */
class TestWorker {
  private readonly print: (text: string) => void;
  private readonly child: ChildProcess;
  private readonly exited: Promise<number | NodeJS.Signals>;
  private said: string[] = [];
  private onResult: (result: FileResult) => void = () => {};

  constructor({ env, print }: RunOptions) {
    this.print = print;
    this.child = fork(moduleFile(import.meta.url, './file-runner'), {
      execArgv: FROM_SOURCES ? ['--import', 'tsx'] : ['--enable-source-maps', ...FOR_SHORT_RUNS],
      env,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    for (const stream of [this.child.stdout!, this.child.stderr!]) {
      readline.createInterface({ input: stream }).on('line', (line) => this.take(line));
    }
    this.exited = new Promise((resolve) => {
      this.child.once('close', (code, signal) => resolve(signal ?? code ?? 1));
    });
  }

  /** Undefined when the process ended instead. */
  async run({ name, url }: TestFile): Promise<FileResult | undefined> {
    const startedAt = performance.now();
    const limit = setTimeout(() => this.child.kill('SIGKILL'), FILE_MS_MAX);
    const result = new Promise<FileResult>((resolve) => (this.onResult = resolve));
    this.child.send(url, () => {}); // a process that has ended is told by its end
    const got = await Promise.race([result, this.exited.then(() => undefined)]);
    clearTimeout(limit);
    const seconds = (performance.now() - startedAt) / 1000;
    this.print([`${name}  ${seconds.toFixed(1)} s`, ...this.said.splice(0)].join('\n'));
    return got;
  }

  /** The exit code or signal; whatever is open keeps it from ending, and is told by `suite.ts`. */
  async end(): Promise<number | NodeJS.Signals> {
    this.child.send(NO_MORE, () => {});
    const code = await this.exited;
    if (this.said.length > 0) this.print(this.said.join('\n'));
    return code;
  }

  private take(line: string): void {
    if (line.startsWith(RESULT_MARK)) {
      this.onResult(JSON.parse(line.slice(RESULT_MARK.length)) as FileResult);
    } else if (line !== '') {
      this.said.push(line);
    }
  }
}
