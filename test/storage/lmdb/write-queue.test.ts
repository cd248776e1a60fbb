import { dictionaryOf, joinDictionaries } from '../../../src/wire/dictionary.ts';
import { WriteQueue } from '../../../src/storage/lmdb/write/write-queue.ts';
import type { Request } from '../../../src/storage/lmdb/write/messages.ts';
import { MERGE_LAST } from '../../../src/wire/merge.ts';
import { packTexts, textsOf } from '../../../src/wire/packed-strings.ts';
import type { SeriesDictionary } from '../../../src/wire/sample-batch.ts';
import { frameOf } from '../../support/frame.ts';
import { points } from '../../support/points.ts';
import { assert, describe } from '../../support/suite.ts';

const FLUSHES_MAX = 4;

class Recorder {
  readonly posted: Request[] = [];
  readonly dropped: number[] = [];
  readonly outbox = new WriteQueue({
    maxPendingFlushes: FLUSHES_MAX,
    post: (request) => void this.posted.push(request),
    onDropped: ({ job }) => void this.dropped.push(job),
  });

  frame(job: number, series: Record<string, number> = { a: job }, firstId = 0): void {
    const batch = frameOf(job * 10, series, { firstId });
    this.outbox.push({ kind: 'batch', job, now: job * 10, batch });
  }

  /** `3` for a flush of job 3, `names a b` for names without values. */
  get texts(): string[] {
    return this.posted.map((request) =>
      request.kind === 'dictionary'
        ? `names ${namesOf(request.series).join(' ')}`
        : String(request.job),
    );
  }
}

/** `ref=name` of each name that is declared. */
function namesOf({ refs, names }: SeriesDictionary): string[] {
  return textsOf(names).map((name, i) => `${refs[i]}=${name}`);
}

describe('storage/lmdb/outbox', (it) => {
  it('hands a few over, the next when one is answered', () => {
    const { outbox, posted } = new Recorder();
    for (let job = 1; job <= 4; job++) outbox.push({ kind: 'register', job, name: 'x' });
    assert.equal(
      posted.map(({ job }) => job),
      [1, 2],
    );
    outbox.answered(1);
    assert.is(posted.length, 3);
    outbox.answered(2);
    assert.is(posted.length, 4);
  });

  it('gives the oldest waiting flush up, and keeps its names in its place', () => {
    const recorder = new Recorder();
    recorder.frame(1);
    recorder.frame(2);
    recorder.frame(3, { c: 3 }, 7);
    recorder.frame(4, { d: 4 }, 8);
    assert.equal(recorder.dropped, []);
    recorder.frame(5);
    assert.equal(recorder.dropped, [3]);
    recorder.frame(6);
    assert.equal(recorder.dropped, [3, 4]);
    assert.is(recorder.outbox.droppedFlushes, 2);
    recorder.outbox.answered(2);
    recorder.outbox.answered(2);
    assert.equal(recorder.texts, ['1', '2', 'names 7=c 8=d', '5', '6']);
  });

  it('gives points up, but not what they declare, and nothing else', () => {
    const recorder = new Recorder();
    const names = points(['a', 'b'], [1, 1], [1, 1]);
    const nothing = { ...names.series, ...points([], [], []).series, isReset: false };
    for (let job = 1; job <= 8; job++) {
      const series = job === 3 || job === 4 ? names.series : nothing;
      recorder.outbox.push({ kind: 'batch', job, now: 0, batch: { ...names, series } });
      recorder.outbox.push({ kind: 'delete', job: job + 100, names: [] });
    }
    assert.equal(recorder.dropped, [2, 3, 4, 5, 6]);
    assert.is(recorder.outbox.droppedFlushes, 0);
    for (let i = 0; i < 14; i++) recorder.outbox.answered(1);
    const expected = '102 names 0=a 1=b 103 names 0=a 1=b 104 105 106 7 107 8 108';
    assert.equal(recorder.texts.slice(2).join(' '), expected);
  });

  it('joins what a producer declared, whatever other producers sent in between', () => {
    const recorder = new Recorder();
    const ofOther = points(['x'], [1], [1]);
    recorder.frame(1);
    recorder.frame(2);
    for (let job = 3; job <= 7; job++) {
      recorder.frame(job, { [`n${job}`]: 1 }, job);
      recorder.outbox.push({ kind: 'batch', job: job + 100, now: 0, batch: ofOther });
    }
    for (let i = 0; i < 12; i++) recorder.outbox.answered(1);
    const expected = '1 2 names 3=n3 4=n4 5=n5 names 0=x 6 106 7 107';
    assert.equal(recorder.texts.join(' '), expected);
    assert.is(recorder.outbox.droppedFlushes, 3);
  });

  it('lets a close through with all that waits before it', () => {
    const recorder = new Recorder();
    for (let job = 1; job <= 4; job++) recorder.frame(job);
    recorder.outbox.push({ kind: 'close', job: 9 });
    assert.equal(recorder.texts, ['1', '2', '3', '4', '9']);
  });

  it('joins names: the later meaning of a ref counts, retired refs stay retired', () => {
    const first = frameOf(10, { a: 1, b: 2, c: 3 }).series;
    first.retired = Uint32Array.of(20, 21);
    const second = frameOf(20, { d: 1 }, { firstId: 1 }).series;
    second.retired = Uint32Array.of(2);
    const third = frameOf(30, { e: 1 }, { firstId: 20 }).series;
    const joined = joinDictionaries(joinDictionaries(first, second), third);
    assert.equal(namesOf(joined), ['0=a', '1=d', '20=e']);
    assert.equal(Array.from(joined.retired.sort()), [2, 21]);
    assert.is(joined.merges.length, 3);
  });

  it('joins names: what was declared before a reset is gone', () => {
    const first = frameOf(10, { a: 1, b: 2 }).series;
    const second = { ...frameOf(20, { c: 1 }).series, isReset: true };
    const joined = joinDictionaries(joinDictionaries(first, second), frameOf(30, {}).series);
    assert.equal(namesOf(joined), ['0=c']);
    assert.is(joined.isReset, true);
  });

  it('joins the names of sketches by their ref', () => {
    const withSketches = (refs: number[], names: string[]): SeriesDictionary => ({
      ...dictionaryOf(new Uint32Array(0), packTexts([]), MERGE_LAST),
      sketches: {
        refs: Uint32Array.from(refs),
        kinds: new Uint8Array(refs.length),
        names: packTexts(names),
      },
    });
    const { sketches } = joinDictionaries(
      withSketches([1, 2], ['aa', 'bbb']),
      withSketches([2, 5], ['c', 'dd']),
    );
    assert.equal([...sketches!.refs], [1, 2, 5]);
    assert.equal(textsOf(sketches!.names), ['aa', 'c', 'dd']);
  });
});
