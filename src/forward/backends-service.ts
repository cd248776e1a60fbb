/** The backends of a server: what waits for Graphite is read first, and sent as far as time allows. */
import type { Config } from '../config/config.ts';
import type { Log } from '../lib/log.ts';
import type { Service } from '../lib/services.ts';
import { Backends } from './backends.ts';
import { notPrinted, printTo } from './print-to.ts';

/** How long a stop waits for Graphite and the repeater to take what is queued. */
const STOP_MS = 3000;

export function backendsService(
  config: Config,
  { log, nowSeconds }: { log: Log; nowSeconds(): number },
): Service<Backends> {
  const rejected = notPrinted();
  const onError = (message: string): void => log('warn', `standard output: ${message}`);
  return {
    name: 'backends',
    start: () =>
      Backends.open(config, {
        nowSeconds: Math.round(Date.now() / 1000),
        onError: (backend, message) => {
          if (config.debug || backend === 'keyFlush') log('warn', message, { backend });
        },
        tell: log,
        print: printTo(process.stdout, { rejected, nowSeconds, onError }),
        notPrinted: rejected,
      }),
    stop: (backends) => backends.stop(STOP_MS),
  };
}
