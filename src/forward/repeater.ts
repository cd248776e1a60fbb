/**
 * StatsD's repeater backend: every packet as it came, before parsing, to other StatsD servers over
 * UDP (v4 or v6) or TCP. Over TCP each packet gets one line feed appended, as StatsD does.
 */
import dgram from 'node:dgram';
import type { RepeaterConfig } from '../config/config.ts';
import { eachBytes, type PackedStrings } from '../wire/packed-strings.ts';
import { OrderedSender } from './ordered-sender.ts';

/** Packets wait for a TCP target at most this many bytes; the oldest go first. */
const TCP_QUEUE_BYTES_MAX = 16 * 1024 * 1024;
const LINE_FEED = 0x0a;

export interface RepeaterStats {
  packets: number;
  errors: number;
  dropped: number;
}

export class Repeater {
  private readonly socket: dgram.Socket | undefined;
  private readonly senders: OrderedSender[] = [];
  private readonly config: RepeaterConfig;
  private readonly onError: (message: string) => void;
  private packets = 0;
  private errors = 0;

  constructor(config: RepeaterConfig, onError: (message: string) => void) {
    this.config = config;
    this.onError = onError;
    if (config.protocol === 'tcp') {
      for (const { host, port } of config.targets) {
        this.senders.push(
          new OrderedSender({ host, port, queueBytesMax: TCP_QUEUE_BYTES_MAX, onError }),
        );
      }
      return;
    }
    this.socket = dgram.createSocket(config.protocol);
    this.socket.on('error', (error) => this.failed(error));
    this.socket.unref();
  }

  repeat(packets: PackedStrings): void {
    eachBytes(packets, (bytes) => {
      this.packets += 1;
      const packet = bytes.slice();
      for (const { host, port } of this.socket === undefined ? [] : this.config.targets) {
        this.socket!.send(packet, port, host, (error) => {
          if (error !== null) this.failed(error);
        });
      }
      if (this.senders.length === 0) return;
      const line = new Uint8Array(packet.length + 1);
      line.set(packet);
      line[packet.length] = LINE_FEED;
      for (const sender of this.senders) sender.push(line);
    });
  }

  stats(): RepeaterStats {
    let dropped = 0;
    for (const sender of this.senders) dropped += sender.health().droppedPayloads;
    return { packets: this.packets, errors: this.errors, dropped };
  }

  async stop(timeoutMs: number): Promise<void> {
    this.socket?.close();
    await Promise.all(this.senders.map((sender) => sender.stop(timeoutMs)));
  }

  private failed(error: Error): void {
    this.errors += 1;
    this.onError(error.message);
  }
}
