/**
 * The ring on which StatsD's proxy places nodes and keys (npm `hashring` as it configures it: MD5, 40
 * points a node). The point of a node is the first four bytes of MD5("host:port-i") as a
 * little-endian number, that of a key those of MD5(key); a key belongs to the next point. When a node
 * goes, only its keys move. Pure.
 */
import { createHash } from 'node:crypto';

const POINTS_PER_NODE = 40;

export class HashRing {
  private readonly points: Uint32Array;
  /** Index of the node at each point. */
  private readonly owners: Uint32Array;

  /** `nodes`: "host:port" each; their indices are what `get` answers. */
  constructor(nodes: readonly string[]) {
    const placed: { point: number; owner: number }[] = [];
    nodes.forEach((node, owner) => {
      for (let i = 0; i < POINTS_PER_NODE; i++) {
        placed.push({ point: pointOf(`${node}-${i}`), owner });
      }
    });
    placed.sort((a, b) => a.point - b.point);
    this.points = Uint32Array.from(placed, ({ point }) => point);
    this.owners = Uint32Array.from(placed, ({ owner }) => owner);
  }

  /** The index of the node that a key belongs to; -1 when there is none. */
  get(key: string): number {
    const { points, owners } = this;
    const point = pointOf(key);
    let low = 0;
    let high = points.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (points[middle]! < point) low = middle + 1;
      else high = middle;
    }
    return owners[low] ?? owners[0] ?? -1;
  }
}

function pointOf(text: string): number {
  return createHash('md5').update(text).digest().readUInt32LE(0);
}
