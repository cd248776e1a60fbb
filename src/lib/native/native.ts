/**
 * The addon of `sockets.c`: datagram sockets as Linux has them and Node has not. Its file lies beside
 * this one in the compiled program (`build.mjs`); run from the sources it is the one of the last
 * `npm run build`. Nothing depends on it: whoever asks gets it, or the reason why it is not there.
 */
import fs from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { getSystemErrorMap } from 'node:util';

/** A socket of this thread; closed where nothing refers to it any more, or the thread ends. */
export interface DatagramSocket {
  readonly isSocket: unique symbol;
}

/** Of each sender in `senders`: a `sockaddr_in` or `sockaddr_in6`, the rest of it undefined. */
export const SENDER_BYTES = 32;

/** A number below zero stands for an error, `-EADDRINUSE` for example: `systemError` names it. */
export interface NativeSockets {
  /** `address` is numeric; port 0 picks a free one. */
  bindUdp(address: string, port: number, reusePort: boolean): DatagramSocket | number;
  /** A path, or a NUL and a name in no folder. */
  bindUnix(path: string): DatagramSocket | number;
  /** Safe to call twice; every other call finds nothing then. */
  close(socket: DatagramSocket): void;
  /** Calls in each turn of the event loop in which there is something to receive. */
  listen(socket: DatagramSocket, onReadable: () => void): number;
  /**
   * Takes what is there, at most 256: each datagram into a slot of its own, its length, which may be
   * more than the slot holds, into `lengths`, its sender into `senders`, where those have bytes. The
   * answer is how many there were.
   */
  receive(
    socket: DatagramSocket,
    slots: Uint8Array,
    slotBytes: number,
    lengths: Int32Array,
    senders: Uint8Array,
  ): number;
  /** Address of a sender as text; '' where it has none. */
  addressText(senders: Uint8Array, index: number): string;
  /** Fills in where the socket is bound to, in the form of a sender. */
  localAddress(socket: DatagramSocket, sender: Uint8Array): number;
  /** Asks for a SO_RCVBUF, if more than 0; the answer is what there is. */
  receiveBuffer(socket: DatagramSocket, wantedBytes: number): number;
  /** Datagrams that the kernel dropped at this socket; a count of 32 bits. */
  drops(socket: DatagramSocket): number;
  /** One datagram from a socket of its own; -EAGAIN where the receiver's queue is full. */
  sendUnix(path: string, bytes: Uint8Array): number;
}

let loaded: NativeSockets | string | undefined;

/** The addon, or in a few words why there is none here. */
export function loadNative(): NativeSockets | string {
  loaded ??= load();
  return loaded;
}

function load(): NativeSockets | string {
  const { platform, arch } = process;
  if (platform !== 'linux') return `there is none for ${platform}`;
  const folder = import.meta.url.endsWith('.ts') ? '../../../dist/lib/native/' : './';
  const file = fileURLToPath(new URL(`${folder}linux-${arch}.node`, import.meta.url));
  if (!fs.existsSync(file)) return `not compiled for linux-${arch}: npm run build says why`;
  try {
    return createRequire(import.meta.url)(file) as NativeSockets;
  } catch (error) {
    return (error as Error).message.split('\n')[0]!; // a text has a first line
  }
}

/** The error of a number below zero, as Node's own are: a code and a sentence. */
export function systemError(errno: number): Error & { code: string } {
  const [code, message] = getSystemErrorMap().get(errno) ?? ['UNKNOWN', `error ${-errno}`];
  return Object.assign(new Error(`${code}: ${message}`), { code });
}
