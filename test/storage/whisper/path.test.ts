import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { UserError } from '../../../src/lib/errors.ts';
import { seriesName, whisperPath } from '../../../src/storage/whisper/path.ts';
import { findWhisperFiles } from '../../../src/storage/whisper/walk.ts';
import { assert, describe } from '../../support/suite.ts';
import { recordedSeries, unpackWhisperTree } from './data-set.ts';

describe('whisper paths', (it) => {
  it('are those of carbon, both ways', () => {
    const { folder, tree } = unpackWhisperTree();
    try {
      const paths = recordedSeries().map(({ name }) => whisperPath(name));
      assert.equal(new Set(paths), new Set(findWhisperFiles(tree)));
      for (const { name } of recordedSeries()) assert.is(seriesName(whisperPath(name)!), name);
    } finally {
      fs.rmSync(folder, { recursive: true });
    }
  });

  it('decode tags, in canonical order', () => {
    assert.is(seriesName('_tagged/abc/def/a_DOT_b;y=2_DOT_5;x=1.wsp'), 'a.b;x=1;y=2.5');
    assert.is(seriesName('_tagged/abc/def/a;path=x/y.wsp'), 'a;path=x/y');
    assert.is(seriesName(`_tagged/abc/def/${'0f'.repeat(32)}.wsp`), undefined);
    assert.is(seriesName('ok/.hidden.wsp'), 'ok.hidden');
    assert.is(seriesName('_tagged/abc/def/a;x=.wsp'), undefined);
    assert.is(seriesName('_tagged/odd.wsp'), '_tagged.odd');
    assert.is(seriesName('a/b.txt'), undefined);
  });

  it('never leave the folder', () => {
    for (const name of ['', '.', '/', '../..', 'x'.repeat(256)]) {
      assert.is(whisperPath(name), undefined, name);
    }
    assert.is(whisperPath('a;x=1/2'), undefined);
    assert.is(whisperPath('../../etc/passwd'), 'etc/passwd.wsp');
    assert.is(whisperPath('/a/b.c'), 'a/b/c.wsp');
    assert.is(whisperPath('a.\0'), undefined);
    assert.is(whisperPath(`m;x=${'y'.repeat(250)}`), undefined);
    assert.match(
      whisperPath('a;x=..')!,
      /^_tagged\/[0-9a-f]{3}\/[0-9a-f]{3}\/a;x=_DOT__DOT_\.wsp$/,
    );
  });
});

describe('walk', (it) => {
  it('finds .wsp files at any depth and follows links once', () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tallyd-walk-'));
    try {
      fs.mkdirSync(path.join(folder, 'w/a/b'), { recursive: true });
      fs.mkdirSync(path.join(folder, 'other'));
      for (const one of ['w/top.wsp', 'w/a/x.wsp', 'w/a/b/y.wsp', 'w/a/note.txt', 'other/z.wsp']) {
        fs.writeFileSync(path.join(folder, one), '');
      }
      fs.symlinkSync('..', path.join(folder, 'w/a/up'));
      fs.symlinkSync('../other', path.join(folder, 'w/disk2'));
      fs.symlinkSync('nowhere', path.join(folder, 'w/broken.wsp'));
      assert.equal(findWhisperFiles(path.join(folder, 'w')), [
        'a/b/y.wsp',
        'a/x.wsp',
        'disk2/z.wsp',
        'top.wsp',
      ]);
    } finally {
      fs.rmSync(folder, { recursive: true });
    }
  });

  it('says so when there is no such folder', () => {
    assert.throws(
      () => findWhisperFiles('/nowhere/at/all'),
      (error: unknown) => error instanceof UserError && error.code === 'notFound',
    );
  });
});
