/**
 * Lines to nodes: the key of a line, the text before its first colon, belongs to one node of the
 * ring. Unlike StatsD's proxy, which sends every line alone, lines for one node that arrive together
 * leave in one datagram. Names are never looked at otherwise: a node refuses what is no metric.
 */
import { LRUCache } from 'lru-cache';
import { HashRing } from './ring.ts';

/** Payload of an Ethernet frame over IPv6 and UDP: larger datagrams would be cut in pieces. */
export const DATAGRAM_BYTES = 1432;
const LINE_FEED = 0x0a;
const COLON = 0x3a;

interface RouterCounts {
  lines: number;
  datagrams: number;
  /** Lines for which no node was up. */
  droppedLines: number;
}

interface Target {
  buffer: Buffer;
  used: number;
}

export class Router {
  readonly counts: RouterCounts = { lines: 0, datagrams: 0, droppedLines: 0 };
  private readonly nodes: readonly string[];
  private readonly send: (node: number, datagram: Buffer) => void;
  private readonly targets: Target[];
  private readonly owners: LRUCache<string, number>;
  /** Nodes on the ring, by their place on it. */
  private living: number[] = [];
  private ring = new HashRing([]);

  /** `nodes`: "host:port" each, all up at first. `send` gets a datagram of its own to keep. */
  constructor(
    nodes: readonly string[],
    cacheSize: number,
    send: (node: number, datagram: Buffer) => void,
  ) {
    this.nodes = nodes;
    this.send = send;
    this.targets = nodes.map(() => ({ buffer: Buffer.alloc(DATAGRAM_BYTES), used: 0 }));
    this.owners = new LRUCache({ max: cacheSize });
    this.use(nodes.map((_, i) => i));
  }

  /** Takes these nodes for the ring from now on. */
  use(living: number[]): void {
    this.living = living;
    this.ring = new HashRing(living.map((index) => this.nodes[index]!));
    this.owners.clear();
  }

  /** Takes in the lines of a packet; `flush` sends what was gathered. */
  route(packet: Buffer): void {
    let from = 0;
    while (from < packet.length) {
      const feed = packet.indexOf(LINE_FEED, from);
      const end = feed < 0 ? packet.length : feed;
      if (end > from) this.routeLine(packet.subarray(from, end));
      from = end + 1;
    }
  }

  flush(): void {
    this.targets.forEach((_, node) => this.flushNode(node));
  }

  private routeLine(line: Buffer): void {
    this.counts.lines += 1;
    const colon = line.indexOf(COLON);
    const node = this.ownerOf(line.toString('utf8', 0, colon < 0 ? line.length : colon));
    if (node < 0) {
      this.counts.droppedLines += 1;
      return;
    }
    const target = this.targets[node]!; // the ring knows no others
    const separator = target.used > 0 ? 1 : 0;
    if (target.used + separator + line.length > DATAGRAM_BYTES) this.flushNode(node);
    if (line.length > DATAGRAM_BYTES) {
      this.dispatch(node, Buffer.from(line));
      return;
    }
    if (target.used > 0) target.buffer[target.used++] = LINE_FEED;
    line.copy(target.buffer, target.used);
    target.used += line.length;
  }

  private ownerOf(key: string): number {
    const known = this.owners.get(key);
    if (known !== undefined) return known;
    const place = this.ring.get(key);
    const owner = place < 0 ? -1 : this.living[place]!; // a place on the ring
    this.owners.set(key, owner);
    return owner;
  }

  private flushNode(node: number): void {
    const target = this.targets[node]!; // one a node
    if (target.used === 0) return;
    this.dispatch(node, Buffer.from(target.buffer.subarray(0, target.used)));
    target.used = 0;
  }

  private dispatch(node: number, datagram: Buffer): void {
    this.counts.datagrams += 1;
    this.send(node, datagram);
  }
}
