/**
 * `tallyd proxy --config proxyConfig.js`: StatsD's proxy, with its own configuration file. Runs
 * until SIGTERM or SIGINT.
 */
import fs from 'node:fs';
import type { Command } from 'commander';
import { thisMachine } from '../config/read.ts';
import { UserError } from '../lib/errors.ts';
import { addExamples } from './examples.ts';
import { openLog } from './log.ts';
import { logFindings } from './reload.ts';
import { rejectErrors } from './settings.ts';

export function addProxy(program: Command): void {
  const command = program
    .command('proxy')
    .description(
      "Spread StatsD lines over several servers by their names, with StatsD's proxy file: each name " +
        'always goes to the same server, and to another one only while that is down.',
    )
    .requiredOption('-c, --config <file>', 'proxyConfig.js: an object literal, never evaluated.')
    .action(runProxy);
  addExamples(command, [
    ['tallyd proxy --config /etc/statsd/proxyConfig.js', "in the place of StatsD's proxy.js"],
    ['echo status | nc 127.0.0.1 8126', 'which of its nodes are up, and what went through'],
  ]);
}

async function runProxy({ config: file }: { config: string }): Promise<void> {
  let source: string;
  try {
    source = fs.readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new UserError('badConfig', `${file}: ${code}, expected a readable file`);
  }
  const { readProxyConfig } = await import('../proxy/proxy-config.ts');
  const { config, findings } = readProxyConfig(file, source, thisMachine());
  rejectErrors(findings);
  if (config.title !== undefined) process.title = config.title;
  const logger = await openLog(config.debug ? 'debug' : 'info');
  logFindings(logger, findings);
  const { startProxy } = await import('../proxy/proxy.ts');
  const proxy = await startProxy(config, logger);
  const nodes = config.nodes.map(({ host, port }) => `${host}:${port}`).join(', ');
  const place = `${config.protocol} ${config.address}:${proxy.port}`;
  const console = proxy.managementPort === undefined ? '' : `, console ${proxy.managementPort}`;
  logger.info(`tallyd proxy is up: ${place}${console}, nodes ${nodes}`);
  const stop = (): void => {
    proxy.stop().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
}
