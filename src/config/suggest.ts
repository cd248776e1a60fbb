/**
 * The nearest known word to a mistyped one, by edit distance. For unknown keys of the
 * configuration file and unknown `TALLYD_` variables.
 */

/** `, did you mean "port"?`, or nothing when no known word is near enough. */
export function didYouMean(word: string, known: Iterable<string>): string {
  const nearest = nearestWord(word, known);
  return nearest === undefined ? '' : `, did you mean "${nearest}"?`;
}

/** The known word that takes the fewest edits, at most a third of its letters (case is free). */
export function nearestWord(word: string, known: Iterable<string>): string | undefined {
  const wanted = plain(word);
  let best: string | undefined;
  let bestDistance = Infinity;
  for (const candidate of known) {
    const bare = plain(candidate);
    const distance = editDistance(wanted, bare);
    if (distance < bestDistance && distance <= Math.max(1, Math.floor(bare.length / 3))) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** Spelling that people mix up (`mgmtPort`, `mgmt-port`, `mgmt_port`) is no distance at all. */
function plain(word: string): string {
  return word.replace(/[-_]/g, '').toLowerCase().slice(0, 64);
}

/** Inserted, deleted, replaced and swapped neighbouring characters between two words. */
function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      // All three rows have b.length + 1 entries, and those up to j - 1 of this one are there.
      const replaced = previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      let edits = Math.min(replaced, previous[j]! + 1, current[j - 1]! + 1);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        edits = Math.min(edits, before[j - 2]! + 1);
      }
      current.push(edits);
    }
    before = previous;
    previous = current;
  }
  return previous[b.length]!; // length b.length + 1
}
