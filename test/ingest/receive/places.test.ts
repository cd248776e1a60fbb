import type { Socket } from 'node:net';
import { Places } from '../../../src/ingest/receive/places.ts';
import { assert, describe } from '../../support/suite.ts';

/** Names stand for sockets; `take` tells what is in the way, and who had to go. */
function placesOf(connections: number, connectionsPerSource: number) {
  let now = 0;
  const gone: string[] = [];
  const places = new Places({ connections, connectionsPerSource }, () => now);
  const socket = (name: string): Socket => name as unknown as Socket;
  return {
    places,
    gone,
    wait: (ms: number) => (now += ms),
    heard: (name: string) => places.heard(socket(name)),
    leave: (name: string) => places.leave(socket(name)),
    take: (name: string, source?: string) =>
      places.take(socket(name), source, (silent) => gone.push(silent as unknown as string)),
  };
}

describe('places for connections', (it) => {
  it('are free again when one is left', () => {
    const { places, take, leave } = placesOf(2, 2);
    assert.equal([take('a'), take('b'), take('c')], [undefined, undefined, 'tooMany']);
    leave('a');
    leave('a');
    assert.equal([places.count, take('c'), take('d')], [1, undefined, 'tooMany']);
  });

  it('are given up by the longest silent, once that is long', () => {
    const { gone, take, heard, wait } = placesOf(3, 3);
    for (const name of ['a', 'b', 'c']) take(name);
    wait(60_000);
    heard('a');
    wait(29_000);
    assert.is(take('d'), 'tooMany');
    wait(1000);
    assert.equal([take('d'), take('e'), take('f')], [undefined, undefined, 'tooMany']);
    assert.equal(gone, ['b', 'c']);
  });

  it('of one address are given up by its own', () => {
    const { gone, take, wait } = placesOf(10, 2);
    take('other', '10.0.0.1');
    for (const name of ['a', 'b']) take(name, '10.0.0.2');
    assert.is(take('c', '10.0.0.2'), 'tooManyFromSource');
    wait(90_000);
    assert.is(take('c', '10.0.0.2'), undefined);
    assert.equal(gone, ['a']);
    assert.is(take('d', '10.0.0.1'), undefined);
  });

  it('are kept where nobody was listened to', () => {
    const { places, gone, take, wait } = placesOf(1, 1);
    take('a');
    wait(100_000);
    places.heardAll();
    assert.equal([take('b'), gone], ['tooMany', []]);
  });
});
