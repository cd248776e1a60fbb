/**
 * The names that came last, those beside each other under one node as one entry: what a deploy brought.
 * For people, so it keeps some only.
 */
import type { NewNames } from '../roles.ts';

const ENTRIES_MAX = 50;

export class RecentNames {
  /** By path, the newest last. */
  private readonly entries = new Map<string, NewNames>();

  /** A series that was not there; `time` in epoch seconds, 0 where it is not known. */
  note(name: string, time: number): void {
    const { entries } = this;
    const path = parentOf(name);
    const count = (entries.get(path)?.count ?? 0) + 1;
    entries.delete(path);
    entries.set(path, { path, count, example: name, time });
    if (entries.size > ENTRIES_MAX) entries.delete(entries.keys().next().value!); // it has one
  }

  /** The newest first. */
  list(): NewNames[] {
    return [...this.entries.values()].reverse();
  }
}

/** What a name stands under: the metric of a tagged one. */
function parentOf(name: string): string {
  const tags = name.indexOf(';');
  if (tags >= 0) return name.slice(0, tags);
  const dot = name.lastIndexOf('.');
  return dot < 0 ? name : name.slice(0, dot);
}
