/** How parts say something to the log without knowing who writes it. */
export type Log = (
  level: 'debug' | 'info' | 'warn' | 'error',
  message: string,
  fields?: Record<string, unknown>,
) => void;

/** Of pino's logger. */
type Writer = Record<Parameters<Log>[0], (fields: object, message: string) => void>;

export function logTo(logger: Writer): Log {
  return (level, message, fields = {}) => logger[level](fields, message);
}
