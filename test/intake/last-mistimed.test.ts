import { LastMistimed } from '../../src/intake/last-mistimed.ts';
import { NO_RULES, parsePatternList } from '../../src/intake/carbon-rules.ts';
import { ReadyPoints } from '../../src/intake/ready-points.ts';
import { MemoryStore } from '../model/memory-store.ts';
import { rulesOf } from '../storage/rules-of.ts';
import { points } from '../support/points.ts';
import { assert, describe } from '../support/suite.ts';

const NOW = 1_700_000_000;

describe('samples whose times the store has no place for', (it) => {
  it('are shown with the line, the moment and the sender', async () => {
    const store = new MemoryStore(rulesOf({ '': '10s:1h' }));
    const intake = new ReadyPoints(
      store,
      NO_RULES,
      () => {},
      () => NOW,
    );
    const batch = points(
      ['good', 'old', 'skew', 'skew'],
      [NOW, NOW - 7200, NOW + 500, NOW + 600],
      [1, 2, 3, 4],
    );
    const senders = { starts: [0, 1, 3], senders: ['10.0.0.1', '10.0.0.2', undefined] };
    await intake.take({ ...batch, senders });
    assert.equal(intake.lastMistimed.of('tooOld'), {
      example: `old 2 ${NOW - 7200}`,
      time: NOW,
      sender: '10.0.0.2',
    });
    assert.equal(intake.lastMistimed.of('inFuture'), {
      example: `skew 4 ${NOW + 600}`,
      time: NOW,
    });
    await store.close();
  });

  it("have their sender behind carbon's rules, which leave out some of them", async () => {
    const store = new MemoryStore(rulesOf({ '': '10s:1h' }));
    const blacklist = parsePatternList('^no', 'b.conf').rules;
    const intake = new ReadyPoints(
      store,
      { ...NO_RULES, blacklist },
      () => {},
      () => NOW,
    );
    const batch = points(
      ['no.a', 'old', 'no.b', 'skew', 'no.c'],
      [NOW, NOW - 7200, NOW, NOW + 500, NOW],
      [1, 2, 3, 4, 5],
    );
    const senders = { starts: [0, 1, 2, 3], senders: ['10.0.0.1', '10.0.0.2', undefined, 'c'] };
    await intake.take({ ...batch, senders });
    assert.is(intake.lastMistimed.of('tooOld')?.sender, '10.0.0.2');
    assert.is(intake.lastMistimed.of('inFuture')?.sender, 'c');
    await intake.take(batch);
    assert.is(intake.lastMistimed.of('inFuture')?.sender, undefined);
    await store.close();
  });

  it('are none where nothing was mistimed, whatever the reason is called', () => {
    const lasts = new LastMistimed();
    lasts.note(
      { stored: 1, notFinite: 0, tooOld: 0, inFuture: 0, overLimit: 0 },
      points([], [], []),
      () => 'a',
      NOW,
    );
    for (const reason of ['tooOld', 'late', 'constructor']) assert.is(lasts.of(reason), undefined);
  });
});
