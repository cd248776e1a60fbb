#!/usr/bin/env node
/**
 * Entry of the program and of the packed package: parses the command line, nothing else. Every verb
 * lives in a file of its own in `cli/`.
 */
import { run } from './cli/program.ts';

await run(process.argv);
