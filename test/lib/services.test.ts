import { type Service, Services } from '../../src/lib/services.ts';
import { assert, describe } from '../support/suite.ts';

async function rejects(work: Promise<unknown>, sentence: RegExp): Promise<void> {
  const outcome = await work.then(
    () => undefined,
    (error: Error) => error,
  );
  assert.match(String(outcome?.message), sentence);
}

/** Services that note what happens to them. */
function recorded() {
  const events: string[] = [];
  const service = (name: string, fails?: 'start' | 'stop'): Service<string> => ({
    name,
    start() {
      if (fails === 'start') throw new Error(`${name} has no port`);
      events.push(`+${name}`);
      return name.toUpperCase();
    },
    async stop(started) {
      if (fails === 'stop') throw new Error('it hangs');
      events.push(`-${started}`);
    },
  });
  return { events, service };
}

describe('services', (it) => {
  it('are started in order and stopped in reverse, with what their start returned', async () => {
    const { events, service } = recorded();
    const services = new Services();
    assert.is(await services.start(service('a')), 'A');
    await services.start({ name: 'only stops', stop: () => void events.push('-it') });
    await services.start({ name: 'only starts', start: () => void events.push('+it') });
    await services.start(service('b'));
    assert.is(services.isStopping, false);
    await services.stop();
    assert.is(services.isStopping, true);
    assert.equal(events, ['+a', '+it', '+b', '-B', '-it', '-A']);
  });

  it('are stopped when one after them cannot start', async () => {
    const { events, service } = recorded();
    const services = new Services();
    await services.start(service('a'));
    await services.start(service('b', 'stop'));
    await rejects(services.start(service('c', 'start')), /^c has no port$/);
    assert.equal(events, ['+a', '+b', '-A']);
  });

  it('are stopped once', async () => {
    const { events, service } = recorded();
    const services = new Services();
    await services.start(service('a'));
    await Promise.all([services.stop(), services.stop()]);
    await services.stop();
    assert.equal(events, ['+a', '-A']);
  });

  it('are all stopped, and the end says which would not', async () => {
    const { events, service } = recorded();
    const services = new Services();
    await services.start(service('a'));
    await services.start(service('b', 'stop'));
    await services.start(service('c', 'stop'));
    await services.start(service('d'));
    const sentence = /^c did not stop: Error: it hangs; b did not stop: Error: it hangs$/;
    await rejects(services.stop(), sentence);
    await rejects(services.stop(), sentence);
    assert.equal(events, ['+a', '+b', '+c', '+d', '-D', '-A']);
  });
});
