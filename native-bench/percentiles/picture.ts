/** The day as a picture: p99 over all hosts, exact, off sketches and averaged. Plain SVG. */
const WIDTH = 820;
const HEIGHT = 300;
const LEFT = 58;
const RIGHT = 14;
const TOP = 46;
const BOTTOM = 28;

export interface Line {
  label: string;
  color: string;
  width: number;
  dashed?: boolean;
  values: Float64Array;
}

/** Lines over 24 hours, milliseconds on a logarithmic scale. */
export function picture(title: string, lines: readonly Line[]): string {
  const known = lines.flatMap(({ values }) => [...values].filter((value) => value > 0));
  const low = Math.log10(Math.min(...known)) - 0.05;
  const high = Math.log10(Math.max(...known)) + 0.05;
  const x = (share: number): number => LEFT + share * (WIDTH - LEFT - RIGHT);
  const y = (value: number): number =>
    HEIGHT - BOTTOM - ((Math.log10(value) - low) / (high - low)) * (HEIGHT - TOP - BOTTOM);
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`,
    `<text x="${LEFT}" y="18" font-size="14" fill="#222">${title}</text>`,
  ];
  for (const value of [20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000]) {
    if (Math.log10(value) < low || Math.log10(value) > high) continue;
    const at = y(value).toFixed(1);
    parts.push(
      `<path d="M${LEFT} ${at}H${WIDTH - RIGHT}" stroke="#ddd"/>`,
      `<text x="${LEFT - 6}" y="${at}" dy="4" text-anchor="end" fill="#555">${value} ms</text>`,
    );
  }
  for (let hour = 0; hour <= 24; hour += 4) {
    const at = x(hour / 24).toFixed(1);
    const text = `${String(hour).padStart(2, '0')}:00`;
    parts.push(
      `<text x="${at}" y="${HEIGHT - 8}" text-anchor="${hour === 24 ? 'end' : 'middle'}" fill="#555">${text}</text>`,
    );
  }
  let legend = LEFT;
  for (const { label, color, width, dashed = false, values } of lines) {
    const dash = dashed ? ' stroke-dasharray="5 4"' : '';
    const points = Array.from(values, (value, i) =>
      Number.isNaN(value)
        ? ''
        : `${x((i + 0.5) / values.length).toFixed(1)},${y(value).toFixed(1)}`,
    );
    parts.push(
      `<polyline points="${points.filter((point) => point !== '').join(' ')}" fill="none" stroke="${color}" stroke-width="${width}"${dash}/>`,
      `<path d="M${legend} 32h24" stroke="${color}" stroke-width="${width}"${dash}/>`,
      `<text x="${legend + 30}" y="36" fill="#222">${label}</text>`,
    );
    legend += 46 + label.length * 6.4;
  }
  return `${[...parts, '</svg>'].join('\n')}\n`;
}
