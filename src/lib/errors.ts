/**
 * Errors that are theirs, not ours: a wrong config, target, request or command line. Each carries
 * one plain sentence (what was read, what was expected) and a code that this table maps to an HTTP
 * status and an exit code. Our own mistakes are `assert`s and crash.
 */
export const ERROR_CODES = {
  badConfig: { status: 500, exitCode: 2 },
  badUsage: { status: 400, exitCode: 2 },
  badRequest: { status: 400, exitCode: 2 },
  badTarget: { status: 400, exitCode: 2 },
  badPattern: { status: 400, exitCode: 2 },
  badFile: { status: 400, exitCode: 1 },
  unauthorized: { status: 401, exitCode: 1 },
  forbidden: { status: 403, exitCode: 1 },
  notFound: { status: 404, exitCode: 1 },
  /** Somebody else has changed it since it was read. */
  changed: { status: 412, exitCode: 1 },
  tooLarge: { status: 413, exitCode: 1 },
  unsupported: { status: 415, exitCode: 2 },
  overLimit: { status: 422, exitCode: 1 },
  tooManyRequests: { status: 429, exitCode: 1 },
  /** Nobody waits for the answer any more; nginx's status for it. */
  abandoned: { status: 499, exitCode: 1 },
  notImplemented: { status: 501, exitCode: 1 },
  /** What all requests share is used up for now. */
  busy: { status: 503, exitCode: 1 },
  storeBusy: { status: 503, exitCode: 1 },
  portTaken: { status: 500, exitCode: 2 },
  dataDirTaken: { status: 500, exitCode: 1 },
} as const;
export type ErrorCode = keyof typeof ERROR_CODES;

export class UserError extends Error {
  override readonly name = 'UserError';
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string) {
    super(message);
    this.code = code;
  }

  get status(): number {
    return ERROR_CODES[this.code].status;
  }

  get exitCode(): number {
    return ERROR_CODES[this.code].exitCode;
  }
}

function errorOf(code: ErrorCode): (message: string) => UserError {
  return (message) => new UserError(code, message);
}

/** The errors that are thrown in many places, by their codes. */
export const badRequest = errorOf('badRequest');
export const badTarget = errorOf('badTarget');
export const badUsage = errorOf('badUsage');
export const overLimit = errorOf('overLimit');
