/** What the test runner and its worker processes say to each other. */

/** About one file of tests. */
export interface FileResult {
  total: number;
  passed: number;
  skipped: number;
  /** Slow tests that only `npm run test:all` runs. */
  leftOut: number;
}

/** Sent in the place of a file: the process ends, unless something is left open. */
export const NO_MORE = '';

/** Begins the line of standard output that ends the output of a file; the result follows as JSON. */
export const RESULT_MARK = '\u0001result ';
