/**
 * Named styles of pictures: Graphite's own (colours are facts of its graphTemplates.conf), which
 * `graphTemplates` of the configuration adds to, and two of tallyd's.
 */
import { type Color, parseColor } from './color.ts';
import type { Font } from './drawing.ts';
import type { ChartParameters } from './parameters.ts';

export interface Template {
  background: Color;
  foreground: Color;
  majorLine: Color;
  minorLine: Color;
  lineColors: readonly Color[];
  fontName: string;
  /** Pixels. */
  fontSize: number;
  fontBold: boolean;
  fontItalic: boolean;
}

const PALETTE = 'blue,green,red,purple,brown,yellow,aqua,grey,magenta,pink,gold,rose';
/**
 * Okabe and Ito's colours (Color Universal Design, 2008), which readers of any colour vision tell
 * apart. Their yellow is for black only: on white it is too pale for lines. Each ends in a grey.
 */
const FOR_ALL_EYES = '0072b2,d55e00,009e73,cc79a7,56b4e9,e69f00,444444';
const FOR_ALL_EYES_ON_BLACK = '56b4e9,e69f00,009e73,f0e442,cc79a7,d55e00,e8e8e8';

const PLAIN = template('white,black,rose,grey', PALETTE);

export type Templates = Readonly<Record<string, Template>>;

export const TEMPLATES: Templates = {
  default: PLAIN,
  plain: template('white,black,grey,rose', PALETTE),
  classic: template('black,white,white,grey', PALETTE),
  noc: template(
    'black,white,white,grey',
    'blue,green,red,yellow,purple,brown,aqua,grey,magenta,pink,gold,rose',
  ),
  summary: template('black,white,rose,grey', '6666ff,66ff66,ff6666'),
  alphas: template('white,black,grey,rose', '00ff00aa,ff000077,00337799'),
  modern: template('ffffff,333c47,b6bfca,c8cfd8', FOR_ALL_EYES),
  dark: template('16191d,d5dae0,5b6673,49525d', FOR_ALL_EYES_ON_BLACK),
};

/** An unknown name is the default, as in Graphite. */
export function templateOf(name: string | undefined, templates: Templates = TEMPLATES): Template {
  const found = name !== undefined && Object.hasOwn(templates, name) ? templates[name] : undefined;
  return found ?? templates['default'] ?? PLAIN;
}

/** The font of a picture's texts. */
export function fontOf(parameters: ChartParameters, style: Template): Font {
  const { fontName = style.fontName, fontSize = style.fontSize } = parameters;
  const { fontBold: bold = style.fontBold, fontItalic: italic = style.fontItalic } = parameters;
  return { family: familyOf(fontName), size: fontSize, bold, italic };
}

function familyOf(name: string): Font['family'] {
  if (/mono|courier|consol|fixed|typewriter/i.test(name)) return 'mono';
  return /serif|times|roman|georgia/i.test(name) && !/sans/i.test(name) ? 'serif' : 'sans';
}

/** `sheet`: background, foreground, major and minor grid lines. */
function template(sheet: string, lines: string): Template {
  const [background, foreground, majorLine, minorLine] = colorsOf(sheet);
  return {
    background: background!,
    foreground: foreground!,
    majorLine: majorLine!,
    minorLine: minorLine!, // four are named
    lineColors: colorsOf(lines),
    fontName: 'Sans',
    fontSize: 10,
    fontBold: false,
    fontItalic: false,
  };
}

function colorsOf(text: string): Color[] {
  return text.split(',').flatMap((name) => parseColor(name) ?? []);
}
