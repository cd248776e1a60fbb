/**
 * `tallyd retention show [name…]`: which archives, method and xFilesFactor a new series of that name
 * gets, what it may cost, and by which line of which file. Without names, the rules in their order.
 */
import type { Command } from 'commander';
import { UserError } from '../lib/errors.ts';
import type { Archive } from '../storage/retention/archives.ts';
import { formatRetentions } from '../storage/retention/retentions.ts';
import type { RetentionRules, RuleSource } from '../storage/retention/rules.ts';
import type { SketchSettings } from '../storage/retention/sketch-rules.ts';
import { seriesBytesMax } from '../storage/retention/size.ts';
import { canonicalName } from '../storage/index/tagged-name.ts';
import { addExamples } from './examples.ts';
import { addRetentionPlan } from './retention-plan.ts';
import {
  sketchSchemas,
  sketchSchemasTable,
  sketchesOf,
  sketchesTable,
} from './retention-sketches.ts';
import { hasErrors, readSettings } from './settings.ts';
import { formatTable } from './table.ts';

interface ShowFlags {
  config?: string;
  storageSchemas?: string;
  storageAggregation?: string;
  sketchSchemas?: string;
  json: boolean;
}

export function addRetention(program: Command): void {
  const retention = program.command('retention').description('How long series are kept, and why.');
  const show = retention
    .command('show')
    .description(
      'Show the archives, method and xFilesFactor that a new series of each name gets, and the ' +
        'line that says so; without names, the rules in order.',
    )
    .argument('[name...]', 'such as stats.timers.api.upper_90')
    .option('-c, --config <file>', 'Configuration file, JSON5 (TALLYD_CONFIG).')
    .option('--storage-schemas <file>', 'Read this file of schemas instead.')
    .option('--storage-aggregation <file>', 'Read this file of aggregation rules instead.')
    .option('--sketch-schemas <file>', 'Read this file of sketch schemas instead.')
    .option('--json', 'Print JSON.', false)
    .action(showRetention);
  addExamples(show, [
    ['tallyd retention show stats.timers.api.upper_90', 'what this series gets, and why'],
    ['tallyd retention show --storage-schemas /etc/carbon/storage-schemas.conf', 'its rules'],
  ]);
  addRetentionPlan(retention);
}

function showRetention(names: string[], flags: ShowFlags): void {
  const { storageSchemas, storageAggregation, sketchSchemas: ofSketches } = flags;
  const file = flags.config ?? process.env['TALLYD_CONFIG'];
  const read = readSettings(file, process.env, {
    storageSchemas,
    storageAggregation,
    sketchSchemas: ofSketches,
  });
  if (hasErrors(read.findings)) {
    const errors = read.findings.filter(({ severity }) => severity === 'error');
    throw new UserError('badConfig', errors.map(({ text }) => text).join('\n'));
  }
  const show = names.length > 0 ? showNames : showRules;
  process.stdout.write(show(read.rules, read.sketches, flags.json, names));
}

/** One row a name: what it resolves to. */
function showNames(
  rules: RetentionRules,
  sketches: SketchSettings,
  json: boolean,
  names: readonly string[],
): string {
  const rows = names.map((given) => {
    const name = canonicalName(given);
    const { archives, schema, aggregation, ...rest } = rules.resolve(name);
    return { name, ...sizes(archives), ...rest, schema, aggregation };
  });
  if (json) {
    const all = rows.map((row) => ({ ...row, sketches: sketchesOf(sketches, row.name) ?? null }));
    return `${JSON.stringify(all)}\n`;
  }
  const table = formatTable(
    ['name', 'archives', 'bytes max', 'method', 'xFilesFactor', 'schema', 'aggregation'],
    rows.map((row) => [
      row.name,
      row.retentions,
      String(row.bytesMax),
      row.aggregationMethod,
      String(row.xFilesFactor),
      place(row.schema),
      place(row.aggregation),
    ]),
  );
  const isSketched = rows.some(({ name }) => sketchesOf(sketches, name) !== undefined);
  if (!isSketched) return table;
  return `${table}\n${sketchesTable(
    sketches,
    rows.map(({ name }) => name),
    place,
  )}`;
}

/** Three tables: schemas, aggregation rules, sketch schemas, in the order in which they are tried. */
function showRules(rules: RetentionRules, sketches: SketchSettings, json: boolean): string {
  const schemas = rules.schemas.map(({ source, archives }) => ({ ...source, ...sizes(archives) }));
  const aggregations = rules.aggregations.map(({ source, ...rest }) => ({ ...source, ...rest }));
  if (json) {
    return `${JSON.stringify({ schemas, aggregations, sketches: sketchSchemas(sketches) })}\n`;
  }
  const schemaTable = formatTable(
    ['schema', 'pattern', 'archives', 'bytes max'],
    schemas.map((row) => [place(row), row.pattern, row.retentions, String(row.bytesMax)]),
  );
  const aggregationTable = formatTable(
    ['aggregation', 'pattern', 'method', 'xFilesFactor'],
    aggregations.map((row) => [
      place(row),
      row.pattern,
      row.aggregationMethod ?? 'average (default)',
      String(row.xFilesFactor ?? '0.5 (default)'),
    ]),
  );
  return `${schemaTable}\n${aggregationTable}\n${sketchSchemasTable(sketches, place)}`;
}

function sizes(archives: readonly Archive[]) {
  return {
    retentions: formatRetentions(archives),
    archives,
    bytesMax: seriesBytesMax(archives),
  };
}

function place({ file, line, section }: RuleSource): string {
  return file === undefined ? `[${section}] built in` : `[${section}] ${file}:${line}`;
}
