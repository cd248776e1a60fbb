/**
 * Unix datagram sockets, as DogStatsD's clients know them by `unix://`. Node has none, an addon has
 * (lib/unix-addon.ts). Where there is none for this machine, a sentence names another way.
 *
 * Nothing is dropped by the kernel: a sender that finds the queue full (net.unix.max_dgram_qlen)
 * waits, or is told so.
 */
import { EventEmitter } from 'node:events';
import { chmodSync, rmSync } from 'node:fs';
import { UserError } from '../../lib/errors.ts';
import { type ListenerKind, pathError } from '../../lib/bind-error.ts';
import { Rejections } from '../../rejections/rejections.ts';
import { loadUnixAddon, type UnixSocketWrap } from '../../lib/unix-addon.ts';
import { untilDrained } from './drain-wait.ts';
import type { PacketSink, Receiver } from './receiver.ts';
import { removeStale } from './streams.ts';

interface UnixDatagramOptions {
  path: string;
  /** Octal permissions: who may write may send; undefined: everybody. */
  mode: number | undefined;
  kind: ListenerKind;
  onFault: (error: Error) => void;
}

/** The addon's buffer: a datagram of this length was longer, and its last line is cut. */
const DATAGRAM_BYTES_MAX = 65_535;
const NEWLINE = 0x0a;
/** Everybody may send and nobody but the owner look, as the Datadog agent's socket. */
const DEFAULT_MODE = 0o722;
const TOO_LONG = 0;

const ERRNO: [RegExp, string][] = [
  [/address already in use/i, 'EADDRINUSE'],
  [/permission denied/i, 'EACCES'],
];

/** Throws a UserError (`portTaken`, `badConfig`) when the path cannot be bound, or not here. */
export async function openUnixDatagrams(
  options: UnixDatagramOptions,
  sink: PacketSink,
  load?: (name: string) => unknown,
): Promise<Receiver> {
  const { path, mode, kind } = options;
  const addon = loadUnixAddon(load);
  if (!('DgramSocketWrap' in addon)) throw withoutAddon(path, addon);
  const { DgramSocketWrap } = addon;
  await removeStale(path);
  const emitter = new EventEmitter();
  // The addon calls it without its object.
  emitter.emit = emitter.emit.bind(emitter);
  const wrap = new DgramSocketWrap(emitter);
  wrap.init(wrap);
  wrap.startRecv();
  try {
    wrap.bind(path);
  } catch (error) {
    wrap.close();
    throw pathError(withCode(error), `unix datagram socket ${path}`, path, kind);
  }
  setMode(path, mode ?? DEFAULT_MODE);
  return receiver(options, wrap, emitter, sink);
}

function receiver(
  { path, onFault }: UnixDatagramOptions,
  wrap: UnixSocketWrap,
  emitter: EventEmitter,
  sink: PacketSink,
): Receiver {
  let datagrams = 0;
  const rejected = new Rejections('datagrams.cut', ['datagramTooLong']);
  let isOpen = true;
  const receiveBufferBytes = wrap.getRecvBufferSize();
  const take = (bytes: Buffer): void => {
    if (!isOpen) return;
    datagrams += 1;
    const isWhole = bytes.length < DATAGRAM_BYTES_MAX;
    if (!isWhole) {
      const now = Math.floor(Date.now() / 1000);
      rejected.note(TOO_LONG, bytes, 0, bytes.length, now, undefined);
    }
    sink(bytes, 0, isWhole ? bytes.length : endOfLines(bytes));
  };
  // An exception inside of the addon's call would end the process without a word. A tick would do,
  // but Node 26 runs none after such a call: the datagram would lie there until something else came.
  emitter.on('_data', (bytes: Buffer) => setImmediate(take, bytes));
  emitter.on('_error', onFault);
  return {
    mode: 'unixgram',
    address: path,
    port: 0,
    receiveBufferBytes,
    get datagrams() {
      return datagrams;
    },
    get truncated() {
      return rejected.countOf(TOO_LONG);
    },
    rejections: () => rejected.list(),
    kernelDrops: () => Promise.resolve(0),
    async stop() {
      if (!isOpen) return;
      await untilDrained(() => datagrams);
      isOpen = false;
      wrap.close();
      rmSync(path, { force: true });
    },
  };
}

function withoutAddon(
  path: string,
  { packages, reasons }: { packages: string[]; reasons: string[] },
): UserError {
  return new UserError(
    'badConfig',
    `unix datagram socket ${path}: needs the npm package ${packages.join(' or ')}, which cannot be ` +
      `loaded here (${reasons.join('; ')}); another way: a stream socket ("server: ` +
      './servers/tcp" with "socket"), or ' +
      `socat -u UNIX-RECV:${path} UDP4-SENDTO:127.0.0.1:8125`,
  );
}

function setMode(path: string, mode: number): void {
  try {
    chmodSync(path, mode);
  } catch (error) {
    // Somebody took the path away meanwhile: the socket is there, for whoever has it open.
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

function endOfLines(bytes: Uint8Array): number {
  return bytes.lastIndexOf(NEWLINE) + 1;
}

function withCode(error: unknown): unknown {
  const message = error instanceof Error ? error.message : String(error);
  const code = ERRNO.find(([shows]) => shows.test(message))?.[1];
  return code === undefined ? error : Object.assign(new Error(message), { code });
}
