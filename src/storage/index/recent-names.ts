/**
 * The names that came last, those beside each other under one node as one entry: what a deploy brought.
 * For people, so it keeps some only.
 */
import type { NewNames } from '../roles.ts';

const ENTRIES_MAX = 50;

export class RecentNames {
  private readonly entries: NewNames[] = [];

  /** A series that was not there; `time` in epoch seconds, 0 where it is not known. */
  note(name: string, time: number): void {
    const path = parentOf(name);
    const at = this.entries.findIndex((entry) => entry.path === path);
    const known = at < 0 ? undefined : this.entries.splice(at, 1)[0];
    this.entries.push({ path, count: (known?.count ?? 0) + 1, example: name, time });
    if (this.entries.length > ENTRIES_MAX) this.entries.shift();
  }

  /** The newest first. */
  list(): NewNames[] {
    return this.entries.toReversed();
  }
}

/** What a name stands under: the metric of a tagged one. */
function parentOf(name: string): string {
  const tags = name.indexOf(';');
  if (tags >= 0) return name.slice(0, tags);
  const dot = name.lastIndexOf('.');
  return dot < 0 ? name : name.slice(0, dot);
}
