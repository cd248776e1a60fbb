/** What every program of the client runs has in common, and what a run says about it. */
import type { Stage } from './stage.ts';

export interface Program {
  name: string;
  /** Where it comes from: `npm`, `Debian collectd-core`. */
  from: string;
  /** What it sends and how, in a few words. */
  sends: string;
  /** Its version on this machine, or what is missing. */
  find(): Found | Promise<Found>;
  /** Starts it against the stage's server and tells the stage what must be seen there. */
  run(stage: Stage): Promise<void>;
  timeoutMs?: number;
}

/** One that is looked for without a wait. */
export interface LightProgram extends Program {
  find(): Found;
}

/** `missing` names the package to install. */
export type Found = { version: string } | { missing: string };

/** One question to tallyd: what was asked, what must be seen, what was seen at last. */
export interface Check {
  asked: string;
  expected: unknown;
  seen: unknown;
  holds: boolean;
}

export interface Result {
  program: Program;
  verdict: 'passed' | 'failed' | 'skipped';
  version: string;
  checks: readonly Check[];
  /** What tallyd counted: `12 packets, 40 lines`. */
  counted: string;
  seconds: number;
  /** Why it was skipped, or what was thrown. */
  reason?: string;
}
