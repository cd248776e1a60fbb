/**
 * The descriptor behind a dgram socket. Node does not document it: the socket keeps its state under
 * a symbol described `state symbol`, and the state's `handle` has `fd`, `recvStart` and `recvStop`
 * (seen on Node 20, 22 and 24). So everything is checked, and whoever misses something here gets
 * the reason as text and falls back to dgram's events. `drain.ts` proves the descriptor by reading
 * a datagram through it before relying on it.
 */
import type { Socket } from 'node:dgram';

export interface UdpHandle {
  readonly fd: number;
  recvStart(): void;
  recvStop(): void;
}

/** The handle, or a few words on why there is none. */
export function findHandle(socket: Socket): UdpHandle | string {
  const key = Object.getOwnPropertySymbols(socket).find(
    (symbol) => symbol.description === 'state symbol',
  );
  if (key === undefined) return 'this Node hides the descriptor';
  const state: unknown = Reflect.get(socket, key);
  const handle: unknown = isObject(state) ? state['handle'] : undefined;
  if (!isUdpHandle(handle)) return 'this Node hides the descriptor';
  if (!Number.isInteger(handle.fd) || handle.fd < 0) return 'no descriptor on this system';
  return handle;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function isUdpHandle(value: unknown): value is UdpHandle {
  return (
    isObject(value) &&
    typeof value['fd'] === 'number' &&
    typeof value['recvStart'] === 'function' &&
    typeof value['recvStop'] === 'function'
  );
}
