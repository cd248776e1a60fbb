/**
 * The sentence a user reads when an address cannot be bound, for UDP, TCP and unix sockets alike:
 * what is in the way, and what can be given instead.
 */
import fs from 'node:fs';
import path from 'node:path';
import { UserError } from './errors.ts';

/** What listens there, or would. */
export interface ListenerKind {
  /** Who else may sit there, e.g. `another StatsD or tallyd`. */
  rival: string;
  /** What gives its port, or path: `--port`. */
  flag: string;
  /** What gives its address. */
  addressFlag?: string;
}

/** The kernel's room for a path. */
const PATH_BYTES_MAX = 107;

/** Of a port; `place` reads like `UDP port 8125 on 0.0.0.0`. */
export function bindError(error: unknown, place: string, kind: ListenerKind): UserError {
  const { flag, addressFlag = 'the address', rival } = kind;
  const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
  switch (code) {
    case 'EADDRINUSE':
      return new UserError(
        'portTaken',
        `${place} is taken (${code}): ${rival} is running there; choose another with ${flag}`,
      );
    case 'EACCES':
    case 'EPERM':
      return wrong(
        `${place} may not be opened by this user (${code}): ports below 1024 are root's, or of ` +
          `who has CAP_NET_BIND_SERVICE; choose another with ${flag}`,
      );
    case 'EADDRNOTAVAIL':
    case 'EAFNOSUPPORT':
      return wrong(
        `${place} cannot be opened (${code}): this machine has no such address; ` +
          `choose another with ${addressFlag}`,
      );
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EAI_FAIL':
    case 'EAI_NONAME':
      return wrong(
        `${place} cannot be opened (${code}): the name has no address; give one with ${addressFlag}`,
      );
    default:
      return wrong(`${place} cannot be opened: ${messageOf(error)}`);
  }
}

/** Of a unix socket; `place` reads like `unix socket /run/tallyd.sock`. */
export function pathError(
  error: unknown,
  place: string,
  socketPath: string,
  { flag, rival }: ListenerKind,
): UserError {
  const another = `choose another with ${flag}`;
  const folder = path.dirname(path.resolve(socketPath));
  // Looked at first: libuv says EACCES of a folder that is not there.
  const inTheWay = obstacleOf(folder, socketPath);
  if (inTheWay !== undefined) return wrong(`${place} cannot be opened: ${inTheWay}; ${another}`);
  const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
  if (code === 'EADDRINUSE') {
    return new UserError(
      'portTaken',
      `${place} is taken (${code}): ${rival} listens there; ${another}`,
    );
  }
  if (code === 'EACCES' || code === 'EPERM') {
    return wrong(`${place} may not be made by this user (${code}) in ${folder}; ${another}`);
  }
  return wrong(`${place} cannot be opened: ${messageOf(error)}; ${another}`);
}

function obstacleOf(folder: string, socketPath: string): string | undefined {
  if (Buffer.byteLength(socketPath) > PATH_BYTES_MAX) {
    return `its path may have ${PATH_BYTES_MAX} bytes, read ${Buffer.byteLength(socketPath)}`;
  }
  const of = (file: string): fs.Stats | undefined => {
    try {
      return fs.lstatSync(file);
    } catch {
      return undefined;
    }
  };
  if (of(folder) === undefined) return `the folder ${folder} does not exist`;
  if (!fs.statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    return `${folder} is no folder`;
  }
  const there = of(socketPath);
  if (there === undefined || there.isSocket()) return undefined;
  return `there is ${there.isDirectory() ? 'a folder' : 'a file'} at its path, which is no socket`;
}

function wrong(sentence: string): UserError {
  return new UserError('badConfig', sentence);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
