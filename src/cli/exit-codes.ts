/** What the exit codes of all verbs mean, for the help and the manual; `lib/errors.ts` has them. */
export const EXIT_CODES: readonly [code: number, means: string][] = [
  [0, 'Done. For a server: stopped in order, everything stored.'],
  [
    1,
    'Failed, or found what was looked for: a file, store or server that did not do its part, ' +
      'damage (verify), differences (compare, series diff), files left out (import, export).',
  ],
  [2, 'Wrong use: flags, arguments, the configuration, a port that is taken. Nothing was done.'],
  [130, 'Ended by Ctrl-C before it was done; the same command goes on (import).'],
];
