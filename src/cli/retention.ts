/**
 * `tallyd retention show [name…]`: which archives, method and xFilesFactor a new series of that
 * name gets, what it may cost, and by which line of which file. Without names, the rules in their
 * order. With --stored, what the series that are there have and may cost.
 */
import type { Command } from 'commander';
import type { Archive } from '../storage/retention/archives.ts';
import { formatRetentions } from '../storage/retention/retentions.ts';
import type { RetentionRules } from '../storage/retention/rules.ts';
import type { SketchSettings } from '../storage/retention/sketch-rules.ts';
import { seriesBytesMax, storeBytesMax } from '../storage/retention/size.ts';
import { requireName } from '../wire/series-name.ts';
import { CONFIG_HELP } from './config-flags.ts';
import { addExamples } from './examples.ts';
import { withAdmin } from './open-store.ts';
import { addRetentionPlan, keptPages } from './retention-plan.ts';
import {
  sketchSchemas,
  sketchSchemasTable,
  sketchesOf,
  sketchesTable,
} from './retention-sketches.ts';
import { sourceText } from './rule-source.ts';
import { type RuleFlags, rulesForShow } from './rules-in-force.ts';
import { formatTable } from './table.ts';

interface ShowFlags extends RuleFlags {
  stored: boolean;
  json: boolean;
}

export function addRetention(program: Command): void {
  const retention = program.command('retention').description('How long series are kept, and why.');
  const show = retention
    .command('show')
    .description(
      'Show the archives, method and xFilesFactor that a new series of each name gets, and the ' +
        'line that says so; without names, the rules in order. Where a server runs, its rules.',
    )
    .argument('[name...]', 'such as stats.timers.api.upper_90')
    .option('-c, --config <file>', CONFIG_HELP)
    .option('--storage-schemas <file>', 'Read this file of schemas instead.')
    .option('--storage-aggregation <file>', 'Read this file of aggregation rules instead.')
    .option('--sketch-schemas <file>', 'Read this file of sketch schemas instead.')
    .option('--stored', 'Instead, what the series in the store have and may cost.', false)
    .option('--data-dir <path>', 'Where the store is (TALLYD_DATA_DIR): its server is asked.')
    .option('--url <address>', 'Ask the server at this address.')
    .option('--json', 'Print JSON.', false)
    .action(showRetention);
  addExamples(show, [
    ['tallyd retention show stats.timers.api.upper_90', 'what this series gets, and why'],
    ['tallyd retention show --storage-schemas /etc/carbon/storage-schemas.conf', 'its rules'],
    ['tallyd retention show --stored', 'the most that all series in the store can take'],
  ]);
  addRetentionPlan(retention);
}

async function showRetention(names: string[], flags: ShowFlags): Promise<void> {
  if (flags.stored) return showStored(flags);
  const { rules, sketches } = await rulesForShow(flags);
  const show = names.length > 0 ? showNames : showRules;
  process.stdout.write(show(rules, sketches, flags.json, names));
}

/** One row for all series with the same archives, the most costly first. */
async function showStored(flags: ShowFlags): Promise<void> {
  type Row = { archives: readonly Archive[]; series: number; bytesMax: number };
  const byArchives = new Map<string, Row>();
  await withAdmin(flags, async (admin) => {
    for await (const infos of keptPages(admin, '**')) {
      for (const { archives, name } of infos) {
        const retentions = formatRetentions(archives);
        const row = byArchives.get(retentions) ?? { archives, series: 0, bytesMax: 0 };
        byArchives.set(retentions, row);
        row.series += 1;
        row.bytesMax += seriesBytesMax(archives, name);
      }
    }
  });
  const rows = [...byArchives].map(([retentions, { series, bytesMax }]) => {
    return { retentions, series, bytesMax };
  });
  rows.sort((a, b) => b.bytesMax - a.bytesMax);
  if (flags.json) {
    process.stdout.write(`${JSON.stringify(rows)}\n`);
    return;
  }
  const file = storeBytesMax(
    [...byArchives.values()].map(({ archives, bytesMax }) => ({ archives, seriesBytes: bytesMax })),
  );
  const series = rows.reduce((all, row) => all + row.series, 0);
  rows.push({ retentions: 'all', series, bytesMax: file });
  const cells = rows.map((row) => [row.retentions, row.series, row.bytesMax].map(String));
  process.stdout.write(formatTable(['archives', 'series', 'bytes max'], cells));
}

/** One row a name: what it resolves to. */
function showNames(
  rules: RetentionRules,
  sketches: SketchSettings,
  json: boolean,
  names: readonly string[],
): string {
  const rows = names.map((argument) => {
    const name = requireName(argument);
    const { archives, schema, aggregation, ...rest } = rules.resolve(name);
    return { name, ...sizes(archives), ...rest, schema, aggregation };
  });
  if (json) {
    const all = rows.map((row) => ({ ...row, sketches: sketchesOf(sketches, row.name) ?? null }));
    return `${JSON.stringify(all)}\n`;
  }
  const table = formatTable(
    ['name', 'archives', 'bytes max', 'method', 'xFilesFactor', 'schema', 'aggregation'],
    rows.map(({ name, retentions, bytesMax, aggregationMethod, xFilesFactor, ...by }) => {
      const kept = [name, retentions, String(bytesMax), aggregationMethod, String(xFilesFactor)];
      return [...kept, sourceText(by.schema), sourceText(by.aggregation)];
    }),
  );
  const ofNames = rows.map(({ name }) => name);
  const isSketched = ofNames.some((name) => sketchesOf(sketches, name) !== undefined);
  return isSketched ? `${table}\n${sketchesTable(sketches, ofNames)}` : table;
}

/**
 * Three tables: schemas, aggregation rules, sketch schemas, in the order in which they are tried.
 */
function showRules(rules: RetentionRules, sketches: SketchSettings, json: boolean): string {
  const schemas = rules.schemas.map(({ source, archives }) => ({ ...source, ...sizes(archives) }));
  const aggregations = rules.aggregations.map(({ source, ...rest }) => ({ ...source, ...rest }));
  if (json) {
    return `${JSON.stringify({ schemas, aggregations, sketches: sketchSchemas(sketches) })}\n`;
  }
  const schemaTable = formatTable(
    ['schema', 'pattern', 'archives', 'bytes max'],
    schemas.map((row) => [sourceText(row), row.pattern, row.retentions, String(row.bytesMax)]),
  );
  const aggregationTable = formatTable(
    ['aggregation', 'pattern', 'method', 'xFilesFactor'],
    aggregations.map((row) => [
      sourceText(row),
      row.pattern,
      row.aggregationMethod ?? 'average (default)',
      String(row.xFilesFactor ?? '0.5 (default)'),
    ]),
  );
  return `${schemaTable}\n${aggregationTable}\n${sketchSchemasTable(sketches)}`;
}

function sizes(archives: readonly Archive[]) {
  const retentions = formatRetentions(archives);
  return { retentions, archives, bytesMax: seriesBytesMax(archives) };
}
