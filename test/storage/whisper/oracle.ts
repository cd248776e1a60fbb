/** Debian's python3-whisper as the oracle for .wsp files. */
import { spawnSync } from 'node:child_process';
import { assert } from '../../support/suite.ts';

export const PYTHON = '/usr/bin/python3';
export const ORACLE_MISSING = 'Debian package python3-whisper is not installed';

export function hasOracle(): boolean {
  return spawnSync(PYTHON, ['-c', 'import whisper'], { encoding: 'utf8' }).status === 0;
}

/** Runs a script with `whisper`, `json` and the input as `data`; answers what it prints. */
export function askOracle(script: string, data: unknown): unknown {
  const head = 'import json, os, sys, time, whisper\ndata = json.load(sys.stdin)\n';
  const { status, stdout, stderr } = spawnSync(PYTHON, ['-c', head + script], {
    input: JSON.stringify(data),
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  assert.is(status, 0, stderr);
  return JSON.parse(stdout) as unknown;
}
