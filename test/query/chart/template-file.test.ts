import { parseTemplates } from '../../../src/query/chart/template-file.ts';
import { TEMPLATES } from '../../../src/query/chart/templates.ts';
import { assert, describe } from '../../support/suite.ts';

describe("Graphite's graphTemplates.conf", (it) => {
  it('adds styles, made of [default]', () => {
    const text =
      '[mine]\nbackground = black\nlineColors = ff0000, #00ff0080\n\n[default]\nforeground=aqua\nfontSize = 14\nfontBold = True\n';
    const { templates, findings } = parseTemplates(text, 'f.conf');
    assert.equal(findings, []);
    const { mine, modern } = templates;
    assert.equal(mine!.background, { red: 0, green: 0, blue: 0, alpha: 1 });
    assert.is(mine!.lineColors[1]!.alpha, 128 / 255);
    assert.equal([mine!.foreground.green, mine!.fontSize, mine!.fontBold], [150, 14, true]);
    assert.is(modern, TEMPLATES['modern']);
  });

  it('says where a value cannot be read', () => {
    const { findings } = parseTemplates('[a]\nbackground = mauvish\nfontSize = big\n', 'f.conf');
    assert.equal(
      findings.map(({ text }) => text.replace(/, expected.*/, '')),
      ['f.conf:2:14: background "mauvish"', 'f.conf:3:12: fontSize "big"'],
    );
  });

  it('has line colours that colour-blind readers tell apart', () => {
    for (const name of ['modern', 'dark']) {
      const { lineColors, background } = TEMPLATES[name]!;
      for (const [i, a] of lineColors.entries()) {
        for (const kind of BLINDNESS) {
          assert.ok(apart(a, background, kind) > 60, `${name} ${i} on its background`);
          for (const b of lineColors.slice(i + 1))
            assert.ok(apart(a, b, kind) > 20, `${name} ${i}, ${lineColors.indexOf(b)}`);
        }
      }
    }
  });
});

type Rgb = { red: number; green: number; blue: number };
/** How protanopes, deuteranopes and tritanopes see (Machado et al. 2009, severity 1), and all others. */
const BLINDNESS = [
  [1, 0, 0, 0, 1, 0, 0, 0, 1],
  [0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998],
  [0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.01182, 0.04294, 0.968881],
  [1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367, 0.3039],
];

/** A distance of two colours as they are seen so: differences in light count most. */
function apart(a: Rgb, b: Rgb, seenAs: number[]): number {
  const seen = ({ red, green, blue }: Rgb): number[] =>
    [0, 3, 6].map((row) => seenAs[row]! * red + seenAs[row + 1]! * green + seenAs[row + 2]! * blue);
  const [first, second] = [seen(a), seen(b)];
  const [red, green, blue] = first.map((value, i) => value - second[i]!) as [
    number,
    number,
    number,
  ];
  const light = 0.299 * red + 0.587 * green + 0.114 * blue;
  return Math.hypot(light, 0.5 * (red - light), 0.5 * (blue - light));
}
