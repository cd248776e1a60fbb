/** The tables of config/moving.md against the options, carbon.conf as `check` tells it, and Debian's carbon. */
import fs from 'node:fs';
import { treeOf, verbsOf } from '../../src/cli/command-tree.ts';
import { buildProgram } from '../../src/cli/program.ts';
import { explainCarbonConf } from '../../src/config/carbon-conf.ts';
import { Findings } from '../../src/config/findings.ts';
import { OPTIONS } from '../../src/config/options.ts';
import { assert, describe } from '../support/suite.ts';

interface Row {
  keys: string[];
  becomes: string[];
  because: string;
}

const page = fs.readFileSync('config/moving.md', 'utf8');
const words = (cell: string): string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, word]) => word!);

/** The rows of a table by its heading. */
function tableOf(heading: string): Row[] {
  const [, part = ''] = page.split(`### ${heading}\n`);
  const lines = part.split(/^###? /m)[0]!.split('\n');
  return lines
    .filter((line) => line.startsWith('| `'))
    .map((line) => {
      const [, keys, becomes, because] = line.split('|').map((cell) => cell.trim());
      assert.ok(because !== undefined, line);
      if (words(becomes!).length === 0) assert.is(becomes, '—', line);
      return { keys: words(keys!), becomes: words(becomes!), because };
    });
}

const CARBON = tableOf('carbon.conf');
const STATSD = tableOf("StatsD's config.js");
const GRAPHITE_WEB = tableOf("graphite-web's local_settings.py");
const optionsOf = ({ becomes }: Row): string[] =>
  becomes.filter((word) => !word.startsWith('tallyd '));

describe('config/moving.md', (it) => {
  it('names options and verbs that are there, says why not, and has no key twice', async () => {
    const verbs = verbsOf(treeOf(await buildProgram())).map(({ path }) => path);
    for (const table of [CARBON, STATSD, GRAPHITE_WEB]) {
      assert.ok(table.length >= 10);
      const keys = table.flatMap((row) => row.keys);
      assert.equal(new Set(keys).size, keys.length, 'each key once');
      for (const row of table) {
        for (const name of optionsOf(row)) assert.ok(name in OPTIONS, `${name} is no option`);
        for (const word of row.becomes) {
          assert.ok(!word.startsWith('tallyd ') || verbs.includes(word), `${word} is no verb`);
        }
        assert.ok(
          row.becomes.length > 0 || row.because !== '',
          `${row.keys[0]}: why is it not needed?`,
        );
      }
    }
  });

  it("has every key of StatsD's, under its own name", () => {
    // `define` is carbonapi's, read from the same file.
    const known = Object.entries(OPTIONS).filter(([, { statsd }]) => statsd);
    const told = STATSD.flatMap(({ keys }) => keys);
    const untold = known
      .map(([key]) => key)
      .filter((key) => !told.includes(key) && key !== 'define');
    assert.equal(untold, []);
    for (const { keys, becomes } of STATSD) {
      const [first] = keys;
      if (first! in OPTIONS && !('ignored' in OPTIONS[first as keyof typeof OPTIONS])) {
        assert.equal(becomes, keys);
      }
    }
  });

  it('and `check` tell the same of a carbon.conf', () => {
    for (const row of CARBON) {
      for (const key of row.keys) {
        const findings = new Findings();
        assert.ok(explainCarbonConf(`[cache]\n${key} = 1\n`, 'carbon.conf', findings));
        const said = findings.list
          .map(({ text }) => text)
          .filter((text) => text.includes('becomes'));
        const isTold = row.becomes.length > 0;
        assert.is(said.length, isTold ? 1 : 0, `${key}: ${said.join()}`);
        for (const name of row.becomes) assert.ok(said[0]!.includes(name), `${key}: ${said[0]}`);
      }
    }
  });

  const CONF = '/usr/lib/python3/dist-packages/carbon/conf.py';
  const name = "has every key of Debian's carbon";
  if (!fs.existsSync(CONF)) {
    it.skipAloud(name, 'the Debian package graphite-carbon is not installed');
  } else {
    it(name, () => {
      const [, defaults = ''] =
        /^defaults = dict\(\n([^]*?)^\)/m.exec(fs.readFileSync(CONF, 'utf8')) ?? [];
      const keys = [...defaults.matchAll(/^ {2}([A-Z][A-Z0-9_]+)=/gm)].map(([, key]) => key!);
      assert.ok(keys.length > 50, `${keys.length} keys`);
      const told = CARBON.flatMap((row) => row.keys);
      assert.equal(
        keys.filter((key) => !told.includes(key)),
        [],
      );
    });
  }
});
