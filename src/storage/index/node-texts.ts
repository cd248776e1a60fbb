/**
 * The distinct texts of the name tree's nodes, each stored once: `cpu` in a million names is one
 * string with one small id. Uses are counted, and the ids of texts without any are given out again.
 * Used by name-nodes.ts.
 */
export class NodeTexts {
  private readonly ids = new Map<string, number>();
  private readonly texts: string[] = [];
  private readonly uses: number[] = [];
  private readonly free: number[] = [];

  /** All ids are below this. */
  get limit(): number {
    return this.texts.length;
  }

  /** The id of a text, -1 when no node has it. */
  find(text: string): number {
    return this.ids.get(text) ?? -1;
  }

  text(id: number): string {
    return this.texts[id]!; // ids come from here
  }

  /** How many nodes have it. */
  usesOf(id: number): number {
    return this.uses[id]!; // ids come from here
  }

  /** The id of a text, counted once more. */
  acquire(text: string): number {
    const known = this.ids.get(text);
    if (known !== undefined) {
      this.uses[known]! += 1;
      return known;
    }
    const id = this.free.pop() ?? this.texts.length;
    this.texts[id] = text;
    this.uses[id] = 1;
    this.ids.set(text, id);
    return id;
  }

  release(id: number): void {
    this.uses[id]! -= 1;
    if (this.uses[id] !== 0) return;
    this.ids.delete(this.text(id));
    this.texts[id] = '';
    this.free.push(id);
  }
}
