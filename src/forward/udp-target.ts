/**
 * One UDP target of the repeater. A host given by name is looked up now and then, not for each
 * packet: a name server that is slow would hold each of them, and a thread of the file system's four
 * for every question. Packets wait, in bounded memory, until the first answer.
 */
import type { Socket } from 'node:dgram';
import { isIP } from 'node:net';
import { hostPort } from '../lib/host-port.ts';
import { Reach, type Tell } from './reach.ts';

/** How long an address holds, and how soon a name is asked for again that has none. */
const ADDRESS_MS = 60_000;
const RETRY_MS = 10_000;
/** Packets that wait for an address, or for the kernel to take them. */
const QUEUE_BYTES_MAX = 4 * 1024 * 1024;

interface UdpTargetOptions {
  host: string;
  port: number;
  socket: Socket;
  /** The address of a host; rejects when it has none. */
  lookUp(host: string): Promise<string>;
  onError(message: string): void;
  tell: Tell;
}

export class UdpTarget {
  /** Packets that did not leave: the kernel took no more; no address; refused by the system. */
  queueFull = 0;
  noAddress = 0;
  failed = 0;
  private readonly options: UdpTargetOptions;
  private readonly reach: Reach;
  private address: string | undefined;
  private nextLookUpMs = 0;
  private isLookingUp = false;
  private waiting: Uint8Array[] = [];
  private waitingBytes = 0;
  /** Handed to the socket, which has not said yet what became of them. */
  private sendingBytes = 0;
  private readonly isName: boolean;

  constructor(options: UdpTargetOptions) {
    this.options = options;
    const { host } = options;
    this.isName = isIP(host) === 0;
    if (!this.isName) this.address = host;
    const endpoint = hostPort({ address: host, port: options.port });
    this.reach = new Reach(`repeater target ${endpoint}`, options.tell);
  }

  /** The packet is this target's from now on, to be read only. */
  send(packet: Uint8Array): void {
    if (this.isName) void this.lookUpNowAndThen();
    if (this.address !== undefined) this.hand(packet, this.address);
    else this.wait(packet);
  }

  /** One sentence while the target has no address. */
  get trouble(): string | undefined {
    return this.reach.sentence;
  }

  /** What waits is lost. */
  stop(): void {
    this.noAddress += this.waiting.length;
    this.waiting = [];
  }

  private hand(packet: Uint8Array, address: string): void {
    const { socket, port, onError } = this.options;
    if (this.sendingBytes + packet.length > QUEUE_BYTES_MAX) {
      this.queueFull += 1;
      return;
    }
    this.sendingBytes += packet.length;
    socket.send(packet, port, address, (error) => {
      this.sendingBytes -= packet.length;
      if (error === null) return;
      this.failed += 1;
      onError(error.message);
    });
  }

  private wait(packet: Uint8Array): void {
    this.waiting.push(packet);
    this.waitingBytes += packet.length;
    while (this.waitingBytes > QUEUE_BYTES_MAX) {
      this.waitingBytes -= this.waiting.shift()!.length; // it has bytes
      this.noAddress += 1;
    }
  }

  private async lookUpNowAndThen(): Promise<void> {
    if (this.isLookingUp || performance.now() < this.nextLookUpMs) return;
    this.isLookingUp = true;
    try {
      this.address = await this.options.lookUp(this.options.host);
      this.nextLookUpMs = performance.now() + ADDRESS_MS;
      this.reach.back(`${this.noAddress} packets were dropped`);
      for (const packet of this.takeWaiting()) this.hand(packet, this.address);
    } catch (error) {
      this.nextLookUpMs = performance.now() + RETRY_MS;
      const { message } = error as Error;
      this.options.onError(message);
      // An address that was good goes on being used.
      if (this.address !== undefined) return;
      this.noAddress += this.takeWaiting().length;
      this.reach.away(message, 'its packets are dropped');
    } finally {
      this.isLookingUp = false;
    }
  }

  private takeWaiting(): Uint8Array[] {
    const packets = this.waiting;
    this.waiting = [];
    this.waitingBytes = 0;
    return packets;
  }
}
