/**
 * Colours as Graphite's parameters name them: a name of its palette (facts of graphite-web's
 * render/glyph.py), or hex digits `rrggbb` and `rrggbbaa`, with or without `#`.
 */
export interface Color {
  /** 0..255. */
  red: number;
  green: number;
  blue: number;
  /** 0..1. */
  alpha: number;
}

const NAMED: Readonly<Record<string, readonly [number, number, number]>> = {
  aqua: [0, 150, 150],
  black: [0, 0, 0],
  blue: [100, 100, 255],
  brown: [150, 100, 50],
  cyan: [0, 255, 255],
  darkblue: [0, 0, 255],
  darkgray: [111, 111, 111],
  darkgreen: [0, 255, 0],
  darkgrey: [111, 111, 111],
  darkred: [255, 0, 0],
  gold: [200, 200, 0],
  gray: [175, 175, 175],
  green: [0, 200, 0],
  grey: [175, 175, 175],
  magenta: [255, 0, 255],
  orange: [255, 165, 0],
  pink: [255, 100, 100],
  purple: [200, 100, 255],
  red: [200, 0, 50],
  rose: [200, 150, 200],
  white: [255, 255, 255],
  yellow: [255, 255, 0],
};

/** What a text must be to be a colour, for sentences. */
export const COLOR_EXPECTED = 'a colour such as blue, ff8800 or ff880080';

/** undefined when the text is no colour. */
export function parseColor(text: string): Color | undefined {
  const name = text.trim().toLowerCase();
  if (name === 'transparent' || name === 'none') return { red: 0, green: 0, blue: 0, alpha: 0 };
  const named = Object.hasOwn(NAMED, name) ? NAMED[name] : undefined;
  if (named !== undefined) {
    const [red, green, blue] = named;
    return { red, green, blue, alpha: 1 };
  }
  // `%23` is a `#` that was escaped twice, as old dashboards have it.
  const digits = /^(?:#|%23)?([0-9a-f]{6})([0-9a-f]{2})?$/.exec(name);
  if (digits === null) return undefined;
  const rgb = Number.parseInt(digits[1]!, 16); // the pattern has it
  const alpha = digits[2] === undefined ? 1 : Number.parseInt(digits[2], 16) / 255;
  return { red: rgb >> 16, green: (rgb >> 8) & 255, blue: rgb & 255, alpha };
}

/** The colour with an opacity of its own, 0..1. */
export function withAlpha(color: Color, alpha: number): Color {
  return { ...color, alpha: Math.min(1, Math.max(0, alpha)) };
}

/** `#rrggbb`; the opacity is apart. */
export function hexOf({ red, green, blue }: Color): string {
  return `#${((1 << 24) | (red << 16) | (green << 8) | blue).toString(16).slice(1)}`;
}
