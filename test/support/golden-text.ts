/**
 * Graphite's `csv` and `raw` answers as lists of cells, numbers as numbers. Used by golden.ts.
 */

function scalar(text: string): string | number {
  if (text === 'inf') return Infinity;
  if (text === '-inf') return -Infinity;
  return isNumeric(text) ? Number(text) : text;
}

export function isNumeric(text: string): boolean {
  return /^-?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(text);
}

/** Rows of `name,time,value`; the first two stay text. */
export function parseCsv(text: string): (string | number)[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = '';
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const char = text[i]!;
    if (quoted) {
      if (char !== '"') cell += char;
      else if (text[i + 1] === '"') cell += text[++i]!;
      else quoted = false;
    } else if (char === '"') quoted = true;
    else if (char === ',' || char === '\n') {
      row.push(cell);
      cell = '';
      if (char === '\n') rows.push(row.splice(0));
    } else if (char !== '\r') cell += char;
  }
  if (cell !== '' || row.length > 0) rows.push([...row, cell]);
  return rows.map((cells) => cells.map((value, i) => (i < 2 ? value : scalar(value))));
}

/** Lines of `name,start,end,step|value,value,…`; names may hold commas. */
export function parseRaw(text: string): (string | number)[][] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const bar = line.lastIndexOf('|');
      const match = /^(.*),(-?\d+),(-?\d+),(\d+)$/s.exec(line.slice(0, bar));
      if (match === null) throw new SyntaxError(`raw line: ${line.slice(0, 80)}`);
      const values = line.slice(bar + 1);
      const head = [match[1]!, Number(match[2]), Number(match[3]), Number(match[4])];
      return [...head, ...(values === '' ? [] : values.split(',').map(scalar))];
    });
}
