/** A tree as a default Graphite has it, tagged series under hashes: in, and out again. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { exportWhisper } from '../../../src/storage/whisper/export.ts';
import { importWhisper } from '../../../src/storage/whisper/import.ts';
import { readNameList } from '../../../src/storage/whisper/name-list.ts';
import { readWhisper } from '../../../src/storage/whisper/read.ts';
import { findWhisperFiles } from '../../../src/storage/whisper/walk.ts';
import { MemoryStore } from '../../model/memory-store.ts';
import { rulesOf } from '../../storage/rules-of.ts';
import { assert, describe } from '../../support/suite.ts';

const NAMES = [
  'servers.web01.cpu',
  'top',
  'cpu;host=a',
  'disk.used;host2=b;host=a',
  'mnt.used;host=a;path=/var/log',
  'größe;ort=köln',
  `long;value=${'v'.repeat(300)}`,
];

/** Writes a tree with python3-whisper; the files of tagged series are called as carbon calls them. */
const MAKE = `
import sys, os, json, hashlib, whisper, time
folder, names = sys.argv[1], json.loads(sys.argv[2])
for i, name in enumerate(names):
    h = hashlib.sha256(name.encode()).hexdigest()
    below = '_tagged/%s/%s/%s' % (h[:3], h[3:6], h) if ';' in name else name.replace('.', '/')
    path = os.path.join(folder, below + '.wsp')
    os.makedirs(os.path.dirname(path), exist_ok=True)
    whisper.create(path, [(60, 1440), (3600, 100)], 0.25, 'sum')
    now = int(time.time())
    whisper.update_many(path, [(now - 60 * j, i * 1000 + j) for j in range(200)])
`;

describe('a whole default Graphite', (it) => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tallyd-graphite-'));
  const tree = path.join(folder, 'whisper');
  const python = spawnSync('/usr/bin/python3', ['-c', MAKE, tree, JSON.stringify(NAMES)], {
    encoding: 'utf8',
  });
  it.after(() => fs.rmSync(folder, { recursive: true }));
  if (python.status !== 0) {
    it.skipAloud('goes in and out', 'needs the Debian package python3-whisper');
    return;
  }
  const take = async (store: MemoryStore, from: string, list?: string) =>
    importWhisper(store, from, { now: Date.now() / 1000, names: readNameList(from, list) });
  const contents = (root: string): Map<string, unknown> =>
    new Map(
      findWhisperFiles(root).map((file) => [
        file,
        readWhisper(fs.readFileSync(path.join(root, file))),
      ]),
    );

  it('says where the names of its hashes are to be had', async () => {
    const store = new MemoryStore(rulesOf({ '': '10s:1h' }));
    const { series, unnamed, damaged } = await take(store, tree);
    assert.equal([series, unnamed, damaged], [2, 5, []]);
    assert.equal(store.allNames(), ['servers.web01.cpu', 'top']);
  });

  it('goes in by the list of its names, and out as it was', async () => {
    const list = path.join(folder, 'names.json');
    fs.writeFileSync(list, JSON.stringify([...NAMES.toReversed(), 'gone;host=x', 'no;name=']));
    const store = new MemoryStore(rulesOf({ '': '10s:1h' }));
    const summary = await take(store, tree, list);
    assert.equal([summary.series, summary.unnamed, summary.damaged], [7, 0, []]);
    assert.equal(store.allNames().sort(), NAMES.toSorted());
    const out = path.join(folder, 'out');
    const names = store.allNames().map((name) => ({ name }));
    const exported = await exportWhisper(store, names, out, { hashed: true });
    assert.equal([exported.series, exported.hashed.length, exported.refused], [7, 5, []]);
    assert.equal(contents(out), contents(tree));

    // The names of the hashes stand beside them, so that they come in again by themselves.
    const again = new MemoryStore(rulesOf({ '': '10s:1h' }));
    assert.equal([(await take(again, out)).unnamed, again.allNames()], [0, store.allNames()]);
  });

  it('takes lists of lines, and those of another order of tags', async () => {
    const list = path.join(folder, 'names.txt');
    const hash = createHash('sha256').update('m;z=1;a=2').digest('hex');
    const other = path.join(folder, 'other');
    const file = path.join(other, `_tagged/${hash.slice(0, 3)}/${hash.slice(3, 6)}/${hash}.wsp`);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.copyFileSync(path.join(tree, 'top.wsp'), file);
    fs.writeFileSync(list, '\ufeffm;z=1;a=2\r\nplain.name\r\n\r\n');
    const store = new MemoryStore(rulesOf({ '': '10s:1h' }));
    assert.is((await take(store, other, list)).series, 1);
    assert.equal(store.allNames(), ['m;a=2;z=1']);
  });

  it('leaves names readable where they can be files, and calls the others by their hash', async () => {
    const store = new MemoryStore(rulesOf({ '': '10s:1h' }));
    store.declare(NAMES);
    const out = path.join(folder, 'readable');
    const names = NAMES.map((name) => ({ name }));
    const { hashed, refused } = await exportWhisper(store, names, out);
    assert.equal(hashed, ['mnt.used;host=a;path=/var/log', `long;value=${'v'.repeat(300)}`]);
    assert.equal(refused, []);
    const sha = createHash('sha256').update('disk.used;host2=b;host=a').digest('hex');
    const readable = `_tagged/${sha.slice(0, 3)}/${sha.slice(3, 6)}/disk_DOT_used;host2=b;host=a.wsp`;
    assert.ok(fs.existsSync(path.join(out, readable)));
  });

  it('says what a list is that is none', () => {
    const list = path.join(folder, 'bad.json');
    fs.writeFileSync(list, '[{"path":"a"}]');
    assert.throws(() => readNameList(tree, list), /bad\.json: expected a JSON list of names/);
    assert.throws(() => readNameList(tree, path.join(folder, 'none')), /cannot be read \(ENOENT\)/);
  });
});
