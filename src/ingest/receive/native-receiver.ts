/**
 * The receiver of the addon (`lib/native/`): a call of it takes as many datagrams as there are, up to
 * a batch, with their senders. The thread's event loop wakes it, in every turn in which there is more;
 * what it takes in one turn is bounded, so that a flood starves no timer.
 *
 * UDP's generic receive offload stays off: the kernel joins datagrams there and counts what it drops of
 * them as one, and then nobody could say how many were lost.
 */
import { Rejections, type Rejection } from '../../rejections/rejections.ts';
import { type DatagramSocket, type NativeSockets, systemError } from '../../lib/native/native.ts';
import { heldAtMost, nextTurn } from './drain-wait.ts';
import { KernelDrops } from './kernel-drops.ts';
import type { PacketSink, Receiver } from './receiver.ts';
import { SenderNames } from './sender-names.ts';

/** Datagrams of a call. More of them save nothing that could be measured. */
const BATCH = 64;
/** No UDP payload is longer; and a little, so that slots do not all lie at the same lines of a cache. */
const SLOT_BYTES = 65_536 + 64;
/** One turn takes this long at most, but for the batch that is being read. */
const TURN_MS_MAX = 3;
const NEWLINE = 0x0a;
const TOO_LONG = 0;
const NOBODY = new Uint8Array(0);

/** One a thread: a batch is handed on before the next one is read. */
interface Batch {
  slots: Uint8Array;
  lengths: Int32Array;
  senders: SenderNames;
}

let batch: Batch | undefined;

function batchOf(native: NativeSockets): Batch {
  // Memory is taken where a slot is first written to, a page for a small datagram.
  batch ??= {
    slots: new Uint8Array(BATCH * SLOT_BYTES),
    lengths: new Int32Array(BATCH),
    senders: new SenderNames(native, BATCH),
  };
  return batch;
}

interface NativeOptions {
  native: NativeSockets;
  address: string;
  port: number;
  receiveBufferBytes: number;
  /** Unix sockets: nobody has an address. */
  hasSenders: boolean;
  onFault: (error: Error) => void;
  /** After the socket is closed. */
  onClosed?: () => void;
}

export class NativeReceiver implements Receiver {
  readonly mode = 'native';
  readonly address: string;
  readonly port: number;
  readonly receiveBufferBytes: number;
  datagrams = 0;
  private readonly socket: DatagramSocket;
  private readonly options: NativeOptions;
  private readonly sink: PacketSink;
  private readonly batch: Batch;
  private readonly drops: KernelDrops;
  private readonly rejected = new Rejections('datagrams.cut', ['datagramTooLong']);
  private state: 'listening' | 'stopped' = 'listening';

  /** Throws a system error; the socket is closed then. */
  constructor(socket: DatagramSocket, options: NativeOptions, sink: PacketSink) {
    const { native, receiveBufferBytes } = options;
    this.socket = socket;
    this.options = options;
    this.sink = sink;
    this.address = options.address;
    this.port = options.port;
    this.batch = batchOf(native);
    this.receiveBufferBytes = native.receiveBuffer(socket, receiveBufferBytes);
    this.drops = new KernelDrops(() => native.drops(socket));
    const error = native.listen(socket, () => this.turn());
    if (error < 0) {
      native.close(socket);
      throw systemError(error);
    }
  }

  get truncated(): number {
    return this.rejected.countOf(TOO_LONG);
  }

  rejections(): Rejection[] {
    return this.rejected.list();
  }

  kernelDrops(): Promise<number | undefined> {
    return this.drops.read();
  }

  async stop(): Promise<void> {
    if (this.state === 'stopped') return;
    this.state = 'stopped';
    const end = this.datagrams + heldAtMost(this.receiveBufferBytes);
    while (this.turn() && this.datagrams < end) await nextTurn();
    await this.drops.read();
    this.options.native.close(this.socket);
    this.options.onClosed?.();
  }

  /** Reads until the kernel has no more (false) or the bound is reached (true: there may be more). */
  private turn(): boolean {
    const { native, hasSenders } = this.options;
    const { slots, lengths, senders } = this.batch;
    const endMs = performance.now() + TURN_MS_MAX;
    do {
      const from = hasSenders ? senders.bytes : NOBODY;
      const count = native.receive(this.socket, slots, SLOT_BYTES, lengths, from);
      if (count < 0) this.options.onFault(systemError(count));
      for (let i = 0; i < count; i++) this.take(i, hasSenders ? senders.nameOf(i) : undefined);
      if (count < BATCH) return false;
    } while (performance.now() < endMs);
    return true;
  }

  private take(slot: number, sender: string | undefined): void {
    const from = slot * SLOT_BYTES;
    const length = this.batch.lengths[slot]!;
    this.datagrams += 1;
    this.sink(this.batch.slots, from, length > SLOT_BYTES ? this.cut(from) : from + length, sender);
  }

  /** Where the lines end of a datagram that was longer than its slot: its last one is cut off. */
  private cut(from: number): number {
    const bytes = this.batch.slots;
    const now = Math.floor(Date.now() / 1000);
    this.rejected.note(TOO_LONG, bytes, from, from + SLOT_BYTES, now, undefined);
    return from + bytes.subarray(from, from + SLOT_BYTES).lastIndexOf(NEWLINE) + 1;
  }
}
