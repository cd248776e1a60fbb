/**
 * The sentence a user reads when an address cannot be bound, for UDP, TCP and unix sockets alike.
 */
import { UserError } from '../../lib/errors.ts';
import type { PortOwner } from './receiver.ts';

/** `place` reads like `UDP port 8125 on 0.0.0.0`. */
export function bindError(error: unknown, place: string, owner: PortOwner): UserError {
  const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
  if (code === 'EADDRINUSE') {
    return new UserError(
      'portTaken',
      `${place} is taken (${code}): ${owner.rival} is running there; choose another with ${owner.flag}`,
    );
  }
  if (code === 'EACCES' || code === 'EPERM') {
    return new UserError(
      'badConfig',
      `${place} may not be opened by this user (${code}): choose another with ${owner.flag}`,
    );
  }
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND' || code === 'EAFNOSUPPORT') {
    return new UserError(
      'badConfig',
      `${place} cannot be opened (${code}): this machine has no such address`,
    );
  }
  const message = error instanceof Error ? error.message : String(error);
  return new UserError('badConfig', `${place} cannot be opened: ${message}`);
}
