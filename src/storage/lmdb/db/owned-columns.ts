/** Ids and columns that the check of a database of names has come upon: each is one record's only. */
export class OwnedColumns {
  private readonly whose: string;
  private readonly ids = new Set<number>();
  private readonly columns = new Map<number, Set<number>>();

  /** `whose` they are when taken: "another series'". */
  constructor(whose: string) {
    this.whose = whose;
  }

  /** What is wrong when one of them is taken already. */
  take({ id, classId, column }: { id: number; classId: number; column: number }) {
    if (this.ids.has(id)) return `its id ${id} is ${this.whose} already`;
    let columns = this.columns.get(classId);
    if (columns === undefined) this.columns.set(classId, (columns = new Set()));
    if (columns.has(column)) {
      return `its column ${column} of class ${classId} is ${this.whose} already`;
    }
    this.ids.add(id);
    columns.add(column);
    return undefined;
  }
}
