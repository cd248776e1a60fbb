/**
 * `tallyd manual`: the page tallyd(1), in the language of man(7), made from the declarations of the
 * verbs. `npm run build` puts it into the package as dist/tallyd.1.
 */
import type { Command } from 'commander';
import { type Verb, treeOf, verbsOf } from './command-tree.ts';
import { addExamples } from './examples.ts';
import { EXIT_CODES } from './exit-codes.ts';
import { writeOut } from './output.ts';
import { readVersion } from './version.ts';

export function addManual(program: Command): void {
  const command = program
    .command('manual')
    .description('Print the manual page, for man.')
    .action(() => writeOut(manualOf(treeOf(program))));
  addExamples(command, [
    ['tallyd manual | man -l -', 'read it'],
    ['tallyd manual > /usr/local/share/man/man1/tallyd.1', 'install it by hand'],
  ]);
}

const FILES: [string, string][] = [
  [
    'config/tallyd.json5, /etc/tallyd/tallyd.json5',
    'The configuration where --config names none: the first that is there. Paths in it count from ' +
      'its folder.',
  ],
  [
    'storage-schemas.conf, storage-aggregation.conf, sketch-schemas.conf',
    'How long series are kept, beside the configuration; built in where they are not there.',
  ],
  ['./data', 'The data folder, unless dataDir says otherwise.'],
];

function manualOf(root: Verb): string {
  const leaves = verbsOf(root).filter(({ verbs }) => verbs.length === 0);
  return [
    `.TH TALLYD 1 "" "tallyd ${readVersion()}" "User Commands"`,
    '.SH NAME',
    'tallyd \\- StatsD and Graphite in one process',
    '.SH SYNOPSIS',
    ...leaves.map(({ path, usage }) => `.B ${text(path)}\n${text(usage)}\n.br`),
    '.SH DESCRIPTION',
    text(root.describe),
    'Each verb is explained below;',
    '.BR "tallyd verb \\-\\-help" ,',
    'says the same of one.',
    '.SH COMMANDS',
    ...leaves.flatMap(verbText),
    '.SH FILES',
    ...FILES.flatMap(([term, means]) => tagged(term, means)),
    '.SH ENVIRONMENT',
    ...tagged('TALLYD_CONFIG', 'The configuration file, as --config.'),
    ...tagged(
      'TALLYD_*',
      'Each flag of start by its name in capitals: --flush-interval is TALLYD_FLUSH_INTERVAL. ' +
        'Flags win over variables, these over the file, and the file over the defaults.',
    ),
    '.SH EXIT STATUS',
    ...EXIT_CODES.flatMap(([code, means]) => tagged(String(code), means)),
    '',
  ].join('\n');
}

function verbText({ path, usage, describe, arguments: list, flags, examples }: Verb): string[] {
  const lines = [`.SS ${text(path)} ${text(usage)}`, text(describe)];
  for (const { term, describe: means } of list) lines.push(...tagged(term, means));
  let group = 'Options:';
  for (const flag of flags) {
    if (flag.group !== group) lines.push('.PP', `.I ${text(flag.group)}`);
    group = flag.group;
    lines.push(...tagged(flag.term, flag.describe));
  }
  if (examples.length > 0) lines.push('.PP', '.I Examples:');
  for (const [line, does] of examples) lines.push(...tagged(line, does));
  return lines;
}

function tagged(term: string, means: string): string[] {
  return ['.TP', `.B ${text(term)}`, text(means === '' ? '\\&' : means)];
}

/** Backslashes, dashes and what would be a request at the start of a line. */
function text(plain: string): string {
  const escaped = plain === '\\&' ? plain : plain.replaceAll('\\', '\\e').replaceAll('-', '\\-');
  return escaped
    .replace(/^(?=[.'])/, '\\&')
    .replace(/\s*\n\s*/g, ' ')
    .replace(
      /[^\n -~]/gu,
      (sign) => `\\[u${sign.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}]`,
    ); // one sign
}
