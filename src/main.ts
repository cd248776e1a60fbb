#!/usr/bin/env node
/**
 * Entry of the program and of the packed package: parses the command line, nothing else. Every verb
 * lives in a file of its own in `cli/`, which is loaded only by a Node that can.
 */
import { oldNodeSentence } from './lib/node-version.ts';

const tooOld = oldNodeSentence();
if (tooOld === undefined) {
  const { run } = await import('./cli/program.ts');
  await run(process.argv);
} else {
  process.stderr.write(`${tooOld}\n`);
  process.exitCode = 2;
}
