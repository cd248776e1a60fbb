/**
 * StatsD's repeater backend: every packet as it came, before parsing, to other StatsD servers over
 * UDP (v4 or v6) or TCP. Over TCP each packet gets one line feed appended, as StatsD does.
 */
import dgram from 'node:dgram';
import { lookup } from 'node:dns/promises';
import type { RepeaterConfig } from '../config/config.ts';
import { eachBytes, type PackedStrings } from '../wire/packed-strings.ts';
import { OrderedSender } from './ordered-sender.ts';
import type { Tell } from './reach.ts';
import { UdpTarget } from './udp-target.ts';

/** Packets wait for a TCP target at most this many bytes; the oldest go first. */
const TCP_QUEUE_BYTES_MAX = 16 * 1024 * 1024;
const LINE_FEED = 0x0a;

/** Packets are counted once, what became of them once a target. */
export interface RepeaterStats {
  packets: number;
  errors: number;
  dropped: number;
  noAddress: number;
}

interface RepeaterOptions {
  /** Every fault. */
  onError(message: string): void;
  /** Once a change. */
  tell: Tell;
  /** The system's own, except for tests. */
  lookUp?(host: string): Promise<string>;
}

export class Repeater {
  private readonly socket: dgram.Socket | undefined;
  private readonly senders: OrderedSender[] = [];
  private readonly targets: UdpTarget[] = [];
  private packets = 0;
  private socketErrors = 0;

  constructor(config: RepeaterConfig, { onError, tell, lookUp }: RepeaterOptions) {
    const { protocol, targets } = config;
    if (protocol === 'tcp') {
      const unit = ['packet', 'packets'] as const;
      const how = { peer: 'repeater target', unit, isHarmlessTwice: false };
      const queueBytesMax = TCP_QUEUE_BYTES_MAX;
      for (const { host, port } of targets) {
        this.senders.push(new OrderedSender({ host, port, ...how, queueBytesMax, onError, tell }));
      }
      return;
    }
    const socket = dgram.createSocket(protocol);
    socket.on('error', (error) => {
      this.socketErrors += 1;
      onError(error.message);
    });
    socket.unref();
    this.socket = socket;
    const oneByOne = inTurn(lookUp ?? lookUpOf(protocol === 'udp6' ? 6 : 4));
    for (const { host, port } of targets) {
      this.targets.push(new UdpTarget({ host, port, socket, lookUp: oneByOne, onError, tell }));
    }
  }

  repeat(packets: PackedStrings): void {
    eachBytes(packets, (bytes) => {
      this.packets += 1;
      const packet = bytes.slice();
      for (const target of this.targets) target.send(packet);
      if (this.senders.length === 0) return;
      const line = new Uint8Array(packet.length + 1);
      line.set(packet);
      line[packet.length] = LINE_FEED;
      for (const sender of this.senders) sender.push(line);
    });
  }

  /** A sentence for each target that is away. */
  troubles(): string[] {
    const senders = this.senders.map((sender) => sender.health().trouble);
    return [...senders, ...this.targets.map(({ trouble }) => trouble)].filter(
      (one) => one !== undefined,
    );
  }

  stats(): RepeaterStats {
    const stats = { packets: this.packets, errors: this.socketErrors, dropped: 0, noAddress: 0 };
    for (const sender of this.senders) stats.dropped += sender.health().droppedPayloads;
    for (const { failed, queueFull, noAddress } of this.targets) {
      stats.errors += failed;
      stats.dropped += queueFull;
      stats.noAddress += noAddress;
    }
    return stats;
  }

  async stop(timeoutMs: number): Promise<void> {
    for (const target of this.targets) target.stop();
    this.socket?.close();
    await Promise.all(this.senders.map((sender) => sender.stop(timeoutMs)));
  }
}

function lookUpOf(family: 4 | 6): (host: string) => Promise<string> {
  return async (host) => (await lookup(host, { family })).address;
}

/** One question at a time: each holds one of the four threads that files are read with. */
function inTurn(lookUp: (host: string) => Promise<string>): (host: string) => Promise<string> {
  let last: Promise<unknown> = Promise.resolve();
  return (host) => {
    const answer = last.then(() => lookUp(host));
    last = answer.catch(() => {});
    return answer;
  };
}
