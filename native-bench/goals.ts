/** What the hot path is held to, and which figures of a run are not reached. */
import type { ShapeName } from './traffic.ts';

export interface Row {
  shape: ShapeName;
  names: number;
  lineBytes: number;
  ns: number;
  /** Bytes of heap a metric, at the least of the rounds. */
  allocated: number;
  cNs?: number;
}

/** Times the same algorithm in C. */
const C_RATIO_MAX = 1.6;
/** What rounds to nothing: a collection's own objects. */
const ALLOCATED_MAX = 0.05;
/** What a shape may cost, in times of another one. */
const SHAPE_RATIOS: { shape: ShapeName; of: ShapeName; most: number }[] = [
  { shape: 'plain48', of: 'plain30', most: 1.3 },
  { shape: 'sampled', of: 'plain48', most: 1.4 },
  { shape: 'tags8', of: 'plain30', most: 2.5 },
];

/** The figures of a row that are beyond their limits; `rows` are those of the same run. */
export function missedOf(row: Row, rows: readonly Row[]): string[] {
  const missed: string[] = [];
  const hold = (what: string, figure: number, most: number): void => {
    if (figure > most) missed.push(`${what} ${figure.toFixed(2)} > ${most}`);
  };
  hold('C', row.cNs === undefined ? 0 : row.ns / row.cNs, C_RATIO_MAX);
  hold('heap', row.allocated, ALLOCATED_MAX);
  for (const { shape, of, most } of SHAPE_RATIOS) {
    const base = rows.find((other) => other.shape === of && other.names === row.names);
    if (shape === row.shape && base !== undefined) hold(of, row.ns / base.ns, most);
  }
  return missed;
}
