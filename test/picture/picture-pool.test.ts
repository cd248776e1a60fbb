import type { PictureRequest } from '../../src/picture/draw-picture.ts';
import { PicturePool } from '../../src/picture/picture-pool.ts';
import { assert, describe } from '../support/suite.ts';

const LIMITS = { threads: 1, waiting: 2, waitingBytes: 100_000, drawMs: 60_000 };
const wanted = (): boolean => true;

function request(points: number, more: Partial<PictureRequest> = {}): PictureRequest {
  const values = Float64Array.from({ length: points }, (_, i) => Math.sin(i));
  const series = [
    {
      name: 'a',
      start: 0,
      step: 60,
      values,
      options: {},
      consolidateBy: 'average',
      xFilesFactor: 0,
    },
  ];
  return { graphType: 'line', parameters: {}, series, tz: 'UTC', format: 'svg', ...more };
}

const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString();
const reasonOf = (picture: Promise<unknown>): Promise<string> =>
  picture.then(
    () => 'drawn',
    (error: Error) => error.message,
  );

describe('threads that draw', (it) => {
  it('draw in order, and say what is wrong with a request', async () => {
    const pool = new PicturePool(LIMITS);
    const good = await pool.enter(request(100), wanted);
    const parameters = { yMin: 5, yMax: 1 };
    const bad = await pool.enter(request(100, { parameters }), wanted);
    const message = await pool.enter(request(0, { message: 'so it is' }), wanted);
    assert.match(textOf(await good.picture), /^<\?xml/);
    assert.match(await reasonOf(bad.picture), /yMin=5, yMax=1: expected the lower one first/);
    assert.match(textOf(await message.picture), />so it is</);
    await pool.close();
  });

  it('keep no more waiting than may wait, and leave out what nobody wants', async () => {
    const pool = new PicturePool(LIMITS);
    let isWanted = true;
    const first = await pool.enter(request(10), wanted);
    // One is being drawn; two may wait, of so many bytes.
    const second = await pool.enter(request(10_000), () => isWanted);
    const third = pool.enter(request(10_000), wanted);
    const state = await Promise.race([third, Promise.resolve('at the door')]);
    assert.is(state, 'at the door');
    isWanted = false;
    await first.picture;
    assert.match(await reasonOf(second.picture), /given up by its sender/);
    assert.is(await reasonOf((await third).picture), 'drawn');
    assert.equal([pool.drawn, pool.abandoned], [2, 1]);
    await pool.close();
  });

  it('end with a picture that takes too long, and others are drawn after it', async () => {
    const pool = new PicturePool({ ...LIMITS, drawMs: 1 });
    const slow = await pool.enter(request(1_000_000), wanted);
    assert.match(await reasonOf(slow.picture), /over 1 ms to draw: ask for a smaller one/);
    await pool.close();
    const patient = new PicturePool(LIMITS);
    assert.is(await reasonOf((await patient.enter(request(9), wanted)).picture), 'drawn');
    const late = await patient.enter(request(1_000_000), wanted);
    await patient.close();
    assert.match(await reasonOf(late.picture), /the server stops/);
    assert.match(await reasonOf(patient.enter(request(9), wanted)), /the server stops/);
  });
});
