/**
 * Names of the series that an ingest worker numbers: learned from the `born` columns of its frames,
 * for backends that write names out (the store keeps its own). Order: learn, use, forget.
 */
import type { FlushFrame } from '../wire/sample-batch.ts';

export class SeriesNames {
  private readonly names: (string | undefined)[] = [];
  private readonly decoder = new TextDecoder();

  learn(frame: FlushFrame): void {
    let from = 0;
    for (let i = 0; i < frame.bornIds.length; i++) {
      const to = frame.bornNameEnds[i]!;
      this.names[frame.bornIds[i]!] = this.decoder.decode(frame.bornNames.subarray(from, to));
      from = to;
    }
  }

  name(id: number): string {
    const name = this.names[id];
    if (name === undefined) throw new Error(`series ${id} has no name: a frame was skipped`);
    return name;
  }

  forget(frame: FlushFrame): void {
    for (const id of frame.deadIds) this.names[id] = undefined;
  }
}
