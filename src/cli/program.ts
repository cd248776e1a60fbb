/**
 * The command line: one verb a file, joined here. Standard output is data, standard error is talk;
 * exit code 0 is done, 1 failed, 2 wrong use. Called by `main.ts`.
 */
import { Command, CommanderError, Option } from 'commander';
import { UserError } from '../lib/errors.ts';
import { addBackup } from './backup.ts';
import { addCheck } from './check.ts';
import { addCompare } from './compare.ts';
import { addCompletion } from './completion.ts';
import { addDemo } from './demo.ts';
import { addExamples } from './examples.ts';
import { EXIT_CODES } from './exit-codes.ts';
import { addExport } from './export.ts';
import { addImport } from './import.ts';
import { addManual } from './manual.ts';
import { addParse } from './parse.ts';
import { addProxy } from './proxy.ts';
import { addRender } from './render.ts';
import { addRetention } from './retention.ts';
import { addSeries } from './series.ts';
import { addSend } from './send.ts';
import { addStart } from './start.ts';
import { addVerify } from './verify.ts';
import { readVersion } from './version.ts';

export function buildProgram(): Command {
  const program = new Command('tallyd')
    .description('StatsD and Graphite in one process: UDP metrics in, the render API out.')
    .version(readVersion(), '-v, --version', 'Print the version.')
    .helpOption('-h, --help', 'Explain a verb and its flags.')
    .helpCommand('help [verb]', 'Explain a verb and its flags.')
    .showSuggestionAfterError(true)
    .configureHelp({ sortSubcommands: false })
    .exitOverride();
  addStart(program);
  addCheck(program);
  addRetention(program);
  addSeries(program);
  addImport(program);
  addExport(program);
  addBackup(program);
  addVerify(program);
  addParse(program);
  addRender(program);
  addCompare(program);
  addSend(program);
  addDemo(program);
  addProxy(program);
  addCompletion(program);
  addManual(program);
  printVersionToo(program);
  program.addHelpText('after', `\nExit codes:\n${exitCodes()}`);
  addExamples(program, [
    ['tallyd start', 'serve with the defaults: StatsD on 8125, HTTP on 8080, data in ./data'],
    ['tallyd <verb> --help', 'the flags of a verb, and examples'],
  ]);
  return program;
}

/** What other programs spell it: `tallyd version`, and -V, which it was here at first. */
function printVersionToo(program: Command): void {
  const print = (): void => {
    process.stdout.write(`${readVersion()}\n`);
  };
  const command = program.command('version', { hidden: true }).description('Print the version.');
  addExamples(command.action(print), [
    ['tallyd version', 'what is installed'],
    ['tallyd --version', 'the same'],
  ]);
  program.addOption(new Option('-V').hideHelp()).on('option:V', () => {
    print();
    throw new CommanderError(0, 'commander.version', readVersion());
  });
}

function exitCodes(): string {
  return EXIT_CODES.map(([code, means]) => `  ${String(code).padEnd(4)} ${means}`).join('\n');
}

/** Runs one command line; sets the exit code, and lets only our own mistakes crash. */
export async function run(argv: string[]): Promise<void> {
  // `tallyd parse | head` closes the pipe early: there is no reader left.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
  try {
    await buildProgram().parseAsync(argv);
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? 0 : 2;
    } else if (error instanceof UserError) {
      process.stderr.write(`${error.message}\n`);
      process.exitCode = error.exitCode;
    } else {
      throw error;
    }
  }
}
