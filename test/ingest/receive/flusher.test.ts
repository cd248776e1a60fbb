/** Flushes on a clock that the test turns: slices, frames in flight, the last flush. */
import { Flusher, type FlushClock } from '../../../src/ingest/receive/flusher.ts';
import type { FlushBatch } from '../../../src/wire/sample-batch.ts';
import { assert, describe } from '../../support/suite.ts';

/** A clock whose timers run when the test moves it. */
class FakeClock implements FlushClock {
  now = 1_000_000_000_000;
  turns: (() => void)[] = [];
  /** How much later than asked a timer runs. */
  lateMs = 0;
  private timer: { at: number; callback: () => void } | undefined;

  nowMs(): number {
    return this.now;
  }

  after(ms: number, callback: () => void): () => void {
    this.timer = { at: this.now + ms + this.lateMs, callback };
    return () => (this.timer = undefined);
  }

  nextTurn(callback: () => void): void {
    this.turns.push(callback);
  }

  /** Moves on, running timers at their time and all turns in between. */
  advance(ms: number): void {
    const end = this.now + ms;
    while (this.timer !== undefined && this.timer.at <= end) {
      const { at, callback } = this.timer;
      this.timer = undefined;
      this.now = at;
      callback();
      this.runTurns();
    }
    this.now = end;
  }

  runTurns(): void {
    while (this.turns.length > 0) this.turns.shift()?.();
  }

  get sleeping(): boolean {
    return this.timer !== undefined;
  }
}

/** Gives a frame after `slices` calls. */
class FakeSource {
  times: number[] = [];
  budgets: number[] = [];
  slices = 1;
  private left = 0;
  private sequence = 0;

  beginFlush(time: number): void {
    assert.is(this.left, 0, 'one flush at a time');
    this.times.push(time);
    this.left = this.slices;
  }

  continueFlush(budgetMs: number): FlushBatch | undefined {
    this.budgets.push(budgetMs);
    this.left = budgetMs === Infinity ? 0 : this.left - 1;
    return this.left > 0 ? undefined : ({ sequence: ++this.sequence } as FlushBatch);
  }
}

function start(aligned = true) {
  const clock = new FakeClock();
  const source = new FakeSource();
  const frames: number[] = [];
  const held: number[] = [];
  const flusher = new Flusher(source, { intervalMs: 10_000, aligned }, clock, {
    onFlush: (frame) => frames.push(frame.sequence),
    onHeld: (heldInARow) => held.push(heldInARow),
  });
  flusher.start();
  return { clock, source, frames, held, flusher };
}

describe('flusher', (it) => {
  it('flushes every interval, stamped in whole seconds', () => {
    const { clock, source, frames, flusher } = start();
    for (let i = 0; i < 3; i++) {
      clock.advance(10_000);
      flusher.acknowledge(i + 1);
    }
    assert.equal(source.times, [1_000_000_010, 1_000_000_020, 1_000_000_030]);
    assert.equal(frames, [1, 2, 3]);
    assert.is(flusher.health.flushes, 3);
    assert.is(flusher.health.framesInFlight, 0);
  });

  it('computes in small slices, one a turn', () => {
    const { clock, source, frames } = start();
    source.slices = 4;
    clock.advance(10_000);
    assert.equal(frames, [1]);
    assert.is(source.budgets.length, 4);
    assert.ok(source.budgets.every((budget) => budget <= 2));
  });

  it('holds flushes back while two frames are unacknowledged, and says so', () => {
    const { clock, frames, held, flusher } = start();
    clock.advance(50_000);
    assert.equal(frames, [1, 2]);
    assert.equal(held, [1, 2, 3]);
    assert.is(flusher.health.flushesHeld, 3);
    assert.is(flusher.health.framesInFlight, 2);
    flusher.acknowledge(1);
    clock.advance(20_000);
    assert.equal(frames, [1, 2, 3]);
    assert.equal(held, [1, 2, 3, 1], 'counted anew');
  });

  it('passes over a boundary that comes while a flush is being computed', () => {
    const { clock, source, frames, flusher } = start();
    source.slices = 1000;
    clock.nextTurn = () => undefined;
    clock.advance(30_000);
    assert.equal(source.times, [1_000_000_010]);
    assert.equal(frames, []);
    assert.is(flusher.health.flushesSkipped, 2);
  });

  it('finishes what was begun, then flushes once more, and is over', () => {
    const { clock, source, frames, flusher } = start();
    source.slices = 3;
    clock.nextTurn = (callback) => void clock.turns.push(callback);
    clock.advance(9_999);
    clock.now += 1;
    source.beginFlush(1);
    source.continueFlush(1);
    source.continueFlush(1);
    source.continueFlush(1);
    flusher.finish();
    flusher.finish();
    clock.advance(100_000);
    assert.equal(source.times, [1, 1_000_000_010]);
    assert.equal(frames, [2]);
    assert.not(clock.sleeping);
  });

  it('the last flush takes no notice of frames in flight or of a half-done one', () => {
    const { clock, source, frames, flusher } = start();
    clock.advance(20_000);
    flusher.acknowledge(1);
    source.slices = 5;
    let turns = 0;
    clock.nextTurn = () => (turns += 1);
    clock.advance(10_000);
    assert.is(turns, 1);
    flusher.finish();
    assert.equal(frames, [1, 2, 3, 4]);
    assert.equal(source.budgets.slice(-2), [Infinity, Infinity]);
  });

  it('follows StatsD when not aligned: stamped with the rounded time of the flush', () => {
    const { clock, source, flusher } = start(false);
    clock.lateMs = 700;
    clock.advance(10_000);
    flusher.acknowledge(1);
    clock.advance(10_700);
    assert.equal(source.times, [1_000_000_010, 1_000_000_021]);
  });

  it('stamps an aligned flush with its boundary, however late it is', () => {
    const { clock, source } = start(true);
    clock.lateMs = 700;
    clock.advance(10_000);
    clock.advance(10_700);
    assert.equal(source.times, [1_000_000_010, 1_000_000_020]);
  });
});
