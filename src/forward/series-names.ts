/**
 * Names of series by the refs of a producer: learned from the dictionaries of its batches, for whoever
 * writes names out (the store keeps its own). Order: learn, use, forget.
 */
import { eachText } from '../wire/packed-strings.ts';
import type { SeriesDictionary } from '../wire/sample-batch.ts';

export class SeriesNames {
  private names: (string | undefined)[] = [];

  learn({ isReset, refs, names }: SeriesDictionary): void {
    if (isReset) this.names = [];
    eachText(names, (name, i) => (this.names[refs[i]!] = name));
  }

  name(ref: number): string {
    const name = this.names[ref];
    if (name === undefined) throw new Error(`series ${ref} has no name: a batch was skipped`);
    return name;
  }

  forget({ retired }: SeriesDictionary): void {
    for (const ref of retired) this.names[ref] = undefined;
  }
}
