/** attacks, medium: SIGFPE when data.mdb is a fifo, stacks when it is a folder. */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { UserError } from '../../../src/lib/errors.ts';
import { verifyFile } from '../../../src/storage/open-store.ts';
import { openIn, temporaryFolder } from '../../storage/lmdb/open.ts';
import { rulesOf } from '../../storage/rules-of.ts';
import { assert, describe } from '../../support/suite.ts';

const KINDS: [name: string, make: (file: string) => void, sentence: string][] = [
  ['a fifo', (file) => execFileSync('mkfifo', [file]), 'is a fifo, expected a plain file'],
  ['a folder', (file) => fs.mkdirSync(file), 'is a folder, expected a plain file'],
  ['a device', (file) => fs.symlinkSync('/dev/zero', file), 'is a device, expected a plain file'],
];

describe('a data file that is none', (it) => {
  for (const [name, make, sentence] of KINDS) {
    it(`${name} is a sentence and exit code 2, at a start and for verify`, async () => {
      const folder = temporaryFolder();
      const file = path.join(folder, 'data.mdb');
      try {
        make(file);
        const options = { onFault() {}, onProgress() {} };
        for (const open of [
          () => openIn(folder, rulesOf({ '': '10s:1h' })),
          () => verifyFile(file, options),
        ]) {
          const error = await open().catch((reason: unknown) => reason);
          assert.instance(error, UserError);
          assert.is((error as UserError).message, `data file ${file} ${sentence}`);
          assert.is((error as UserError).exitCode, 2);
        }
      } finally {
        fs.rmSync(folder, { recursive: true });
      }
    });
  }
});
