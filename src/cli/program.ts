/**
 * The command line: one verb a file, loaded when it is called. Standard output is data, standard
 * error is talk; exit code 0 is done, 1 failed, 2 wrong use. Called by `main.ts`.
 */
import { Command, CommanderError, Option } from 'commander';
import { UserError } from '../lib/errors.ts';
import { addExamples } from './examples.ts';
import { EXIT_CODES } from './exit-codes.ts';
import { readVersion } from './version.ts';

type AddVerb = (program: Command) => void;

/** What declares each verb, in the order of the help. */
const VERBS: Record<string, () => Promise<AddVerb>> = {
  start: async () => (await import('./start.ts')).addStart,
  check: async () => (await import('./check.ts')).addCheck,
  retention: async () => (await import('./retention.ts')).addRetention,
  series: async () => (await import('./series.ts')).addSeries,
  import: async () => (await import('./import.ts')).addImport,
  export: async () => (await import('./export.ts')).addExport,
  backup: async () => (await import('./backup.ts')).addBackup,
  verify: async () => (await import('./verify.ts')).addVerify,
  parse: async () => (await import('./parse.ts')).addParse,
  render: async () => (await import('./render.ts')).addRender,
  compare: async () => (await import('./compare.ts')).addCompare,
  send: async () => (await import('./send.ts')).addSend,
  demo: async () => (await import('./demo.ts')).addDemo,
  top: async () => (await import('./top.ts')).addTop,
  proxy: async () => (await import('./proxy.ts')).addProxy,
  access: async () => (await import('./access.ts')).addAccess,
  completion: async () => (await import('./completion.ts')).addCompletion,
  manual: async () => (await import('./manual.ts')).addManual,
  version: () => Promise.resolve(addVersion),
};

/** Shown without a verb. */
const VERSION_FLAGS = ['-v', '--version', '-V'];
/** These speak of all verbs. */
const OF_ALL = ['completion', 'manual'];

/** With all verbs, unless the first word of a command line needs one of them or none. */
export async function buildProgram(word = ''): Promise<Command> {
  const program = new Command('tallyd')
    .description('StatsD and Graphite in one process: UDP metrics in, the render API out.')
    .version(readVersion(), '-v, --version', 'Print the version.')
    .helpOption('-h, --help', 'Explain a verb and its flags.')
    .helpCommand('help [verb]', 'Explain a verb and its flags.')
    .showSuggestionAfterError(true)
    .configureHelp({ sortSubcommands: false })
    .exitOverride();
  for (const load of declarationsFor(word)) (await load())(program);
  program.addOption(new Option('-V').hideHelp()).on('option:V', () => {
    printVersion();
    throw new CommanderError(0, 'commander.version', readVersion());
  });
  program.addHelpText('after', `\nExit codes:\n${exitCodes()}`);
  addExamples(program, [
    ['tallyd start', 'serve with the defaults: StatsD on 8125, HTTP on 8080, data in ./data'],
    ['tallyd <verb> --help', 'the flags of a verb, and examples'],
  ]);
  return program;
}

/** A verb waits for the modules of no other one. */
function declarationsFor(word: string): (() => Promise<AddVerb>)[] {
  if (VERSION_FLAGS.includes(word)) return [];
  const isAlone = Object.hasOwn(VERBS, word) && !OF_ALL.includes(word);
  return isAlone ? [VERBS[word]!] : Object.values(VERBS);
}

/** What other programs spell it: `tallyd version`, and -V, which it was here at first. */
function addVersion(program: Command): void {
  const command = program.command('version', { hidden: true }).description('Print the version.');
  addExamples(command.action(printVersion), [
    ['tallyd version', 'what is installed'],
    ['tallyd --version', 'the same'],
  ]);
}

function printVersion(): void {
  process.stdout.write(`${readVersion()}\n`);
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
    const program = await buildProgram(argv[2]);
    await program.parseAsync(argv);
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
