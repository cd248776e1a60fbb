/** The management console of a server: listens at once, answers when everything is up. */
import { hasTrait, OBJECT_NAMES } from '../config/dialects.ts';
import type { Config } from '../config/config.ts';
import type { SelfMetrics } from '../health/self-metrics.ts';
import type { Ingest } from '../ingest/ingest.ts';
import type { Service } from '../lib/services.ts';
import { type ConsoleServer, startConsole } from './console.ts';
import type { WrongPort } from './wrong-port.ts';

/** What is shown, as it is when it is asked for. */
interface ConsoleParts {
  settings: { config: Config };
  selfMetrics: SelfMetrics;
  wrongPort: WrongPort;
  /** There when everything is up. */
  ingest: Ingest | undefined;
  nowSeconds(): number;
  logger: { error(fields: { err: unknown }, message: string): void };
}

/** Commands that come before `ready` wait for it. */
export function consoleService(
  config: Config,
  ready: Promise<void>,
  parts: ConsoleParts,
): Service<ConsoleServer | undefined> {
  const { selfMetrics, wrongPort, nowSeconds } = parts;
  return {
    name: 'console port',
    async start() {
      if (config.management === undefined) return undefined;
      return startConsole(config.management, {
        ready,
        inspect: async (kind) => parts.ingest?.inspect(kind) ?? [],
        deleteMetrics: async (kind, pattern) => parts.ingest?.deleteMetrics(kind, pattern) ?? [],
        asStatsd: hasTrait(config.servers[0]?.dialect, OBJECT_NAMES),
        wrongPort: (text) => wrongPort.answer(text, selfMetrics.places(), nowSeconds()),
        nowSeconds,
        stats: () => selfMetrics.consoleStats(),
        config: () => parts.settings.config.raw,
        health: config.healthStatus,
        onError: (error) => parts.logger.error({ err: error }, 'management console'),
      });
    },
    stop: (server) => server?.close(),
  };
}
