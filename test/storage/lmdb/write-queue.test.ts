import { joinNames, namesOnly } from '../../../src/storage/lmdb/write/names-only.ts';
import { WriteQueue } from '../../../src/storage/lmdb/write/write-queue.ts';
import type { Request } from '../../../src/storage/lmdb/write/messages.ts';
import type { FlushFrame } from '../../../src/wire/sample-batch.ts';
import { frameOf } from '../../support/frame.ts';
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
    this.outbox.push({ kind: 'frame', job, frame: frameOf(job * 10, series, { firstId }) });
  }

  /** `3` for a flush of job 3, `names a b` for names without values. */
  get texts(): string[] {
    return this.posted.map((request) =>
      request.kind === 'names' ? `names ${namesOf(request.frame).join(' ')}` : String(request.job),
    );
  }
}

/** `id=name` of each name that a frame brings. */
function namesOf(frame: FlushFrame): string[] {
  const text = Buffer.from(frame.bornNames);
  return Array.from(frame.bornIds, (id, i) => {
    const from = i === 0 ? 0 : frame.bornNameEnds[i - 1]!;
    return `${id}=${text.toString('utf8', from, frame.bornNameEnds[i])}`;
  });
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

  it('gives points up without a trace, and nothing else', () => {
    const recorder = new Recorder();
    const columns = { ids: new Int32Array(1), names: [], values: new Float64Array(1) };
    const times = new Float64Array(1);
    for (let job = 1; job <= 8; job++) {
      recorder.outbox.push({ kind: 'points', job, now: 0, times, ...columns });
      recorder.outbox.push({ kind: 'delete', job: job + 100, names: [] });
    }
    assert.equal(recorder.dropped, [2, 3, 4, 5, 6]);
    assert.is(recorder.outbox.droppedFlushes, 0);
    for (let i = 0; i < 12; i++) recorder.outbox.answered(1);
    assert.equal(recorder.texts.slice(2).join(' '), '102 103 104 105 106 7 107 8 108');
  });

  it('lets a close through with all that waits before it', () => {
    const recorder = new Recorder();
    for (let job = 1; job <= 4; job++) recorder.frame(job);
    recorder.outbox.push({ kind: 'close', job: 9 });
    assert.equal(recorder.texts, ['1', '2', '3', '4', '9']);
  });

  it('joins names: the later meaning of an id counts, dead ids stay dead', () => {
    const first = namesOnly(frameOf(10, { a: 1, b: 2, c: 3 }));
    first.deadIds = Uint32Array.of(20, 21);
    const second = namesOnly(frameOf(20, { d: 1 }, { firstId: 1 }));
    second.deadIds = Uint32Array.of(2);
    const third = namesOnly(frameOf(30, { e: 1 }, { firstId: 20 }));
    const joined = joinNames(joinNames(first, second), third);
    assert.equal(namesOf(joined), ['0=a', '1=d', '20=e']);
    assert.equal(Array.from(joined.deadIds.sort()), [2, 21]);
    assert.is(joined.ids.length + joined.values.length, 0);
    assert.is(joined.bornMerge.length, 3);
    assert.is(joined.time, 30);
  });

  it('joins the names of sketches by their number', () => {
    const withSketches = (numbers: number[], names: string[]): FlushFrame => ({
      ...namesOnly(frameOf(10, {})),
      bornSketches: Uint32Array.from(numbers),
      bornSketchKinds: new Uint8Array(numbers.length),
      bornSketchNames: new Uint8Array(Buffer.from(names.join(''))),
      bornSketchNameEnds: Uint32Array.from(names, (_, i) => names.slice(0, i + 1).join('').length),
    });
    const joined = joinNames(
      withSketches([1, 2], ['aa', 'bbb']),
      withSketches([2, 5], ['c', 'dd']),
    );
    assert.equal([...joined.bornSketches], [1, 2, 5]);
    assert.is(Buffer.from(joined.bornSketchNames).toString(), 'aacdd');
    assert.equal([...joined.bornSketchNameEnds], [2, 3, 5]);
  });
});
