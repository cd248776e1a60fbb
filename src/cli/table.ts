/** Rows of text as columns, two blanks apart, for people; `--json` is for programs. */
export function formatTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head, ...rows];
  const width = (i: number) => all.reduce((most, row) => Math.max(most, row[i]?.length ?? 0), 0);
  const widths = head.map((_, i) => width(i));
  return all
    .map((row) => {
      const cells = widths.map((width, i) => (row[i] ?? '').padEnd(width));
      return `${cells.join('  ').trimEnd()}\n`;
    })
    .join('');
}
