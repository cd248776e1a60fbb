/**
 * How many live metrics one sender has made, so that one broken sender cannot take the whole table.
 * A sender is an address, or one connection of a unix socket. Where the receiver does not know it
 * (`receive/drain.ts` reads datagrams without their addresses), nothing is counted or refused. Asked
 * only when a name is new.
 */
import { grown } from '../../lib/grown.ts';

/** Senders that are told apart; all further ones count as one. */
const SENDERS_MAX = 65_536;
const OTHERS = 1;

export class SourceLimit {
  /** Sender of the packet that is being read. */
  sender: string | undefined;
  /** May be changed at any time: metrics that are there already stay. */
  limit: number;
  private readonly indexes = new Map<string, number>();
  private readonly senders: (string | undefined)[] = [undefined, undefined];
  private counts = new Int32Array(64);
  private readonly free: number[] = [];
  /** The sender of each metric, 0: unknown. */
  private senderOf = new Int32Array(256);

  constructor(limit: number) {
    this.limit = limit;
  }

  /** Whether the sender may make one more metric. */
  hasRoom(): boolean {
    if (this.sender === undefined) return true;
    const index = this.indexes.get(this.sender);
    if (index !== undefined) return this.counts[index]! < this.limit;
    return this.indexes.size < SENDERS_MAX || this.counts[OTHERS]! < this.limit;
  }

  /** The sender made this metric. */
  add(id: number): void {
    if (this.sender === undefined) return;
    const index = this.indexes.get(this.sender) ?? this.make(this.sender);
    this.counts[index]! += 1;
    if (id >= this.senderOf.length) {
      this.senderOf = grown(
        this.senderOf,
        new Int32Array(Math.max(id + 1, 2 * this.senderOf.length)),
      );
    }
    this.senderOf[id] = index;
  }

  remove(id: number): void {
    const index = id < this.senderOf.length ? this.senderOf[id]! : 0;
    if (index === 0) return;
    this.senderOf[id] = 0;
    this.counts[index]! -= 1;
    if (this.counts[index] !== 0 || index === OTHERS) return;
    this.indexes.delete(this.senders[index]!);
    this.senders[index] = undefined;
    this.free.push(index);
  }

  /** The senders with the most metrics, the largest first. */
  largest(most: number): { sender: string; metrics: number }[] {
    const all = [...this.indexes].map(([sender, index]) => {
      return { sender, metrics: this.counts[index]! };
    });
    return all.sort((a, b) => b.metrics - a.metrics).slice(0, most);
  }

  private make(sender: string): number {
    if (this.indexes.size >= SENDERS_MAX) return OTHERS;
    const index = this.free.pop() ?? this.senders.length;
    if (index >= this.counts.length) {
      this.counts = grown(this.counts, new Int32Array(Math.max(index + 1, 2 * this.counts.length)));
    }
    this.senders[index] = sender;
    this.indexes.set(sender, index);
    return index;
  }
}
