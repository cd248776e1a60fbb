/**
 * Numbers with a size prefix (`4.03G`, `3.75Gi`), as Graphite writes them in legends and on axes.
 * The systems and their sizes are those of graphite-web's render/glyph.py. Called by `cactiStyle`,
 * `legendValue` and the charts.
 */
const UNIT_SYSTEMS = {
  binary: [
    ['Pi', 1024 ** 5],
    ['Ti', 1024 ** 4],
    ['Gi', 1024 ** 3],
    ['Mi', 1024 ** 2],
    ['Ki', 1024],
  ],
  si: [
    ['P', 1e15],
    ['T', 1e12],
    ['G', 1e9],
    ['M', 1e6],
    ['k', 1e3],
  ],
  sec: [
    ['Y', 31_536_000],
    ['M', 2_592_000],
    ['D', 86_400],
    ['H', 3_600],
    ['m', 60],
  ],
  msec: [
    ['Y', 31_536_000_000],
    ['M', 2_592_000_000],
    ['D', 86_400_000],
    ['H', 3_600_000],
    ['m', 60_000],
    ['s', 1_000],
  ],
  none: [],
} as const satisfies Record<string, readonly (readonly [string, number])[]>;
export type UnitSystem = keyof typeof UNIT_SYSTEMS;

export function isUnitSystem(name: string): name is UnitSystem {
  return Object.hasOwn(UNIT_SYSTEMS, name);
}

/**
 * Scales a value to the largest prefix that it reaches; with `step`, only to a prefix that the
 * step of the axis reaches too.
 */
export function scaleToUnits(
  value: number,
  system: UnitSystem,
  unit = '',
  step = Infinity,
): { value: number; suffix: string } {
  for (const [prefix, size] of UNIT_SYSTEMS[system]) {
    if (Math.abs(value) >= size && step >= size) {
      return { value: dropDust(value / size, value), suffix: prefix + unit };
    }
  }
  return { value: dropDust(value, value), suffix: unit };
}

/** Cuts what division left behind a whole number; only above 1, as Graphite does. */
function dropDust(scaled: number, original: number): number {
  const whole = Math.floor(scaled);
  return scaled - whole < 1e-11 && original > 1 ? whole : scaled;
}
