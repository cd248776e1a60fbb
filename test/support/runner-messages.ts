/** What the test runner and its worker processes say to each other. */

/** Tests of one file, or of all. */
export interface Counts {
  total: number;
  passed: number;
  skipped: number;
  /** Slow tests that only `npm run test:all` runs. */
  leftOut: number;
}

/** CPU seconds, user and system, with those of the processes that were started and have ended. */
export interface Cost {
  name: string;
  seconds: number;
}

/** About one file of tests. */
export interface FileResult extends Counts {
  seconds: number;
  /** Of its tests, and of loading it. */
  parts: Cost[];
}

/** Sent in the place of a file: the process ends, unless something is left open. */
export const NO_MORE = '';

/** Begins the line of standard output that ends the output of a file; the result follows as JSON. */
export const RESULT_MARK = '\u0001result ';
