/**
 * `tallyd start`: reads the settings, starts the daemon and stands between it and the operating
 * system: signals, reload, exit codes. The only file that imports `daemon.ts`, and it does so when
 * needed, so that the other verbs do not load the server.
 */
import type { Command } from 'commander';
import type { Logger } from 'pino';
import { fitConnections } from '../config/fit-connections.ts';
import type { LoadInput } from '../config/load.ts';
import type { Daemon } from '../daemon.ts';
import { openSupervisor } from '../lib/supervisor.ts';
import { openFiles, openFilesMax } from '../lib/open-files.ts';
import { addConfigFlags, type GivenFlags, splitFlags } from './config-flags.ts';
import { addExamples } from './examples.ts';
import { openLog } from './log.ts';
import { nextSteps } from './next-steps.ts';
import { logFindings, reloader, watchFiles } from './reload.ts';
import { readSettings, rejectErrors, type SettingsRead, sourcesText } from './settings.ts';
import { stopOnSignal } from './stop.ts';
import { readVersion } from './version.ts';

/** How often storage-schemas.conf and its neighbours are looked at. */
const STORAGE_FILES_MS = 60_000;
/** How long an end without a store may take. */
const END_MS_MAX = 10_000;

export function addStart(program: Command): void {
  const command = program
    .command('start')
    .description('Run the server until SIGTERM or SIGINT; SIGHUP reads the configuration again.')
    .action(start);
  addConfigFlags(command);
  addExamples(command, [
    ['tallyd start --config config.js --dialect statsd', "in StatsD's place, with its own file"],
    [
      'TALLYD_HTTP_PORT=9090 tallyd start --data-dir /var/lib/tallyd --carbon-port off',
      'HTTP on 9090, data kept elsewhere, no Graphite plaintext listener',
    ],
  ]);
}

async function start(argument: string | undefined, all: GivenFlags): Promise<void> {
  const { file, flags } = splitFlags(all, argument);
  const descriptors = { limit: openFilesMax(), open: openFiles() };
  let files: readonly string[] = [];
  const read = () => {
    const found = readFitted(file, flags, descriptors);
    ({ files } = found);
    return found;
  };
  const settings = read();
  rejectErrors(settings.findings);
  const { config, findings } = settings;
  // Other verbs end when their output has no reader; a server goes on (`forward/print-to.ts`).
  process.stdout.removeAllListeners('error');
  if (config.title !== undefined) process.title = config.title;
  const logger = await openLog(config.logLevel);
  logger.info(settings.sources, sourcesText(settings.sources));
  logFindings(logger, findings);
  const { startDaemon } = await import('../daemon.ts');
  const starting: Promise<Daemon> = startDaemon({
    settings,
    version: readVersion(),
    logger,
    onStoreDead: (sentence) => void endAloud(() => starting, logger, sentence),
  });
  const supervisor = openSupervisor({
    env: process.env,
    isAlive: async () => (await starting).threadsAnswer(),
    onFault: (sentence) => logger.error(sentence),
  });
  stopOnSignal(starting, logger, supervisor);
  const daemon = await starting;
  supervisor.ready(daemon.addresses.join(', '));
  if (process.stderr.isTTY) process.stderr.write(nextSteps(daemon.addresses));
  const reload = reloader({ daemon, logger, read, first: settings });
  process.on('SIGHUP', () => reload('signal'));
  // Carbon reads these files every minute, whatever else is reloaded.
  setInterval(() => reload('rules'), STORAGE_FILES_MS).unref();
  if (config.automaticConfigReload) {
    watchFiles(
      () => files,
      () => reload('change'),
    );
  }
}

/** What listeners may have is kept below what this process may open. */
function readFitted(
  file: string | undefined,
  flags: LoadInput['flags'],
  descriptors: Parameters<typeof fitConnections>[1],
): SettingsRead {
  const settings = readSettings(file, process.env, flags);
  const { config, warning } = fitConnections(settings.config, descriptors);
  const findings = [...settings.findings];
  if (warning !== undefined) findings.push({ severity: 'warning', text: warning });
  return { ...settings, config, findings };
}

/**
 * Stops what still works, so that backends get the last flush, and exits 1: a supervisor starts the
 * server anew, from what was acknowledged. Going on without a store would lose every flush.
 */
async function endAloud(
  daemon: () => Promise<Daemon>,
  logger: Logger,
  sentence: string,
): Promise<void> {
  logger.fatal(`${sentence}; tallyd ends, to be started again`);
  setTimeout(() => process.exit(1), END_MS_MAX);
  try {
    await (await daemon()).stop();
  } catch (error) {
    logger.error({ err: error }, 'could not stop cleanly');
  }
  process.exit(1);
}
