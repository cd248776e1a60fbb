/**
 * The receiver that reads the descriptor itself. dgram's `message` event is only the wake-up: inside
 * it, `readSync` takes datagram after datagram into one preallocated buffer until EAGAIN. A
 * datagram of no bytes reads as 0; the end is EAGAIN, never 0.
 *
 * Two costs are kept small. A read that finds nothing throws (about 9 us), so after drains that
 * found little the next few messages are taken as they come. And a flood must not starve timers:
 * a slice is bounded; past the bound dgram is told to be quiet (it would read 32 more, each at
 * four times the price) and the next slice runs one turn of the event loop later.
 */
import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { UdpHandle } from './descriptor.ts';
import { heldAtMost, nextTurn } from './drain-wait.ts';
import type { PacketSink, Receiver } from './receiver.ts';
import type { BoundSocket } from './udp-socket.ts';

/** No UDP payload is longer (65,507 over IPv4, 65,527 over IPv6). */
const DATAGRAM_BYTES_MAX = 65_536;
/** One slice takes this long at most, but for what is read between two looks at the clock. */
const SLICE_MS_MAX = 3;
/** Bytes between two looks at the clock; every datagram counts for some of its own. */
const CLOCK_BYTES = 64 * 1024;
const DATAGRAM_COST_BYTES = 1024;
/** A drain that found fewer was not worth its EAGAIN. */
const WORTHWHILE = 4;
const SKIPPED_MESSAGES_MAX = 16;
const PROBE_ATTEMPTS = 10;
const PROBE_DATAGRAMS_MAX = 10_000;

type DrainOutcome =
  | { receiver: Receiver }
  /** Use dgram's events with this sink, which leaves out the self-test's own datagrams. */
  | { receiver?: undefined; sink: PacketSink; reason: string };

/** Proves that datagrams can be read through the descriptor, then receives that way. */
export async function drainReceiver(
  bound: BoundSocket,
  sink: PacketSink,
  mode: string,
): Promise<DrainOutcome> {
  const { handle } = bound;
  if (typeof handle === 'string') return { sink, reason: handle };
  const receiver = new DrainReceiver(bound, handle, sink, mode);
  const token = randomBytes(24);
  handle.recvStop();
  if (await receiver.probe(token)) {
    receiver.start();
    return { receiver };
  }
  handle.recvStart();
  return { sink: withoutToken(sink, token), reason: 'the self-test datagram did not arrive' };
}

function withoutToken(sink: PacketSink, token: Uint8Array): PacketSink {
  return (bytes, from, to, sender) => {
    if (Buffer.compare(bytes.subarray(from, to), token) !== 0) sink(bytes, from, to, sender);
  };
}

class DrainReceiver implements Receiver {
  readonly mode: string;
  readonly address: string;
  readonly port: number;
  readonly receiveBufferBytes: number;
  datagrams = 0;
  private readonly bound: BoundSocket;
  private readonly handle: UdpHandle;
  private readonly fd: number;
  private readonly sink: PacketSink;
  private readonly buffer = new Uint8Array(DATAGRAM_BYTES_MAX);
  private state: 'listening' | 'slicing' | 'stopped' = 'listening';
  private skipped = 0;
  private skip = 0;

  constructor(bound: BoundSocket, handle: UdpHandle, sink: PacketSink, mode: string) {
    this.mode = mode;
    this.bound = bound;
    this.handle = handle;
    this.fd = handle.fd;
    this.sink = sink;
    this.address = bound.address;
    this.port = bound.port;
    this.receiveBufferBytes = bound.receiveBufferBytes;
  }

  start(): void {
    this.bound.socket.on('message', (bytes, { address }) => this.wake(bytes, address));
    this.handle.recvStart();
  }

  kernelDrops(): Promise<number | undefined> {
    return this.bound.drops.read();
  }

  async stop(): Promise<void> {
    if (this.state === 'stopped') return;
    this.state = 'stopped';
    this.handle.recvStop();
    const end = this.datagrams + heldAtMost(this.receiveBufferBytes);
    while (this.slice() && this.datagrams < end) await nextTurn();
    await this.bound.drops.read();
    // From here on the descriptor's number may be another file's: nothing reads it in this state.
    this.bound.socket.close();
  }

  /** Sends datagrams to itself until one is read through the descriptor; others are delivered. */
  async probe(token: Uint8Array): Promise<boolean> {
    const { family, port } = this.bound;
    const sender = createSocket(family);
    try {
      sender.connect(port, loopbackOf(this.address));
      await once(sender, 'connect');
      for (let attempt = 0; attempt < PROBE_ATTEMPTS; attempt++) {
        this.slice();
        sender.send(token);
        if (this.readToken(token)) return true;
        await delay(5);
        if (this.readToken(token)) return true;
      }
      return false;
    } catch {
      return false;
    } finally {
      sender.close();
    }
  }

  private readToken(token: Uint8Array): boolean {
    for (let i = 0; i < PROBE_DATAGRAMS_MAX; i++) {
      const length = readDatagram(this.fd, this.buffer);
      if (length < 0) return false;
      if (Buffer.compare(this.buffer.subarray(0, length), token) === 0) return true;
      this.datagrams += 1;
      this.sink(this.buffer, 0, length);
    }
    return false;
  }

  /** Of this datagram the sender is known, not of those that are read behind it. */
  private wake(bytes: Uint8Array, sender: string): void {
    this.datagrams += 1;
    this.sink(bytes, 0, bytes.length, sender);
    if (this.state !== 'listening') return;
    if (this.skipped < this.skip) {
      this.skipped += 1;
      return;
    }
    this.skipped = 0;
    const before = this.datagrams;
    if (this.slice()) {
      this.skip = 0;
      this.state = 'slicing';
      this.handle.recvStop();
      setImmediate(() => this.resume());
    } else if (this.datagrams - before >= WORTHWHILE) {
      this.skip = 0;
    } else {
      this.skip = Math.min(SKIPPED_MESSAGES_MAX, this.skip * 2 + 1);
    }
  }

  private resume(): void {
    if (this.state !== 'slicing') return;
    if (this.slice()) {
      setImmediate(() => this.resume());
    } else {
      this.state = 'listening';
      this.handle.recvStart();
    }
  }

  /** Reads until the kernel has no more (false) or the bound is reached (true: there may be more). */
  private slice(): boolean {
    const { fd, buffer, sink } = this;
    const endMs = performance.now() + SLICE_MS_MAX;
    do {
      for (let bytes = 0; bytes < CLOCK_BYTES;) {
        const length = readDatagram(fd, buffer);
        if (length < 0) return false;
        this.datagrams += 1;
        bytes += length + DATAGRAM_COST_BYTES;
        sink(buffer, 0, length);
      }
    } while (performance.now() < endMs);
    return true;
  }
}

/** Bytes of the next datagram; -1 when there is none now (EAGAIN) or the read failed. */
function readDatagram(fd: number, buffer: Uint8Array): number {
  try {
    return readSync(fd, buffer, 0, DATAGRAM_BYTES_MAX, null);
  } catch {
    return -1;
  }
}

/** Where a socket bound to `address` can be reached from the same machine. */
function loopbackOf(address: string): string {
  if (address === '0.0.0.0') return '127.0.0.1';
  return address === '::' ? '::1' : address;
}
