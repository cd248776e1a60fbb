/**
 * Names of series by the refs of a producer: learned from the dictionaries of its batches, for whoever
 * needs names as texts (the store keeps its own). Order: learn, use, forget.
 */
import { dictionaryOf } from './dictionary.ts';
import { MERGE_POINT } from './merge.ts';
import { eachText, packTexts } from './packed-strings.ts';
import type { SeriesDictionary } from './sample-batch.ts';

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

  /** Finds names as they are now, whatever is learned later. */
  finder(): (ref: number) => string | undefined {
    const { names } = this;
    return (ref) => names[ref];
  }

  forget({ retired }: SeriesDictionary): void {
    for (const ref of retired) this.names[ref] = undefined;
  }

  /** All of them once more, for somebody who has learned nothing yet. */
  all(): SeriesDictionary {
    const refs = Uint32Array.from(
      this.names.flatMap((name, ref) => (name === undefined ? [] : ref)),
    );
    const names = packTexts(this.names.filter((name) => name !== undefined));
    return dictionaryOf(refs, names, MERGE_POINT, true);
  }
}
