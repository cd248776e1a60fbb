/** What the daemon does with what ingest hands over, when the store does not take it. */
import { DEFAULT_CONFIG } from '../../src/config/load.ts';
import { Backends } from '../../src/forward/backends.ts';
import { SelfMetrics } from '../../src/health/self-metrics.ts';
import { NO_RULES } from '../../src/intake/carbon-rules.ts';
import { Intake } from '../../src/intake/intake.ts';
import { DEFAULT_SOURCES } from '../../src/intake/settings.ts';
import { PendingWork } from '../../src/lib/pending-work.ts';
import { Services } from '../../src/lib/services.ts';
import { NO_SKETCHES } from '../../src/storage/retention/sketch-rules.ts';
import { MemoryStore } from '../model/memory-store.ts';
import { rulesOf } from '../storage/rules-of.ts';
import { frameOf } from '../support/frame.ts';
import { points } from '../support/points.ts';
import { assert, describe } from '../support/suite.ts';

describe('intake', (it) => {
  it('counts ready-made points that are lost, and gives their columns back', async () => {
    const rules = rulesOf({ '.': '10s:1h' });
    const store = new MemoryStore(rules);
    store.append = () => Promise.reject(new Error('the queue is full'));
    const told: string[] = [];
    const work = new PendingWork({
      error: ({ err }, what) => told.push(`${what}: ${String(err)}`),
    });
    const config = { ...DEFAULT_CONFIG, backends: [] };
    const intake = new Intake(
      { config, rules, sketches: NO_SKETCHES, carbonRules: NO_RULES, sources: DEFAULT_SOURCES },
      {
        store,
        backends: new Backends(config, { nowSeconds: 0, onError: () => {}, print: () => {} }),
        selfMetrics: new SelfMetrics({ version: '1.2.3', nowMs: () => 0 }),
        work,
        services: new Services(),
        nowSeconds: () => 10,
      },
    );
    const { onPoints } = intake.events(() => {});
    onPoints!(points(['a', 'b'], [10, 10], [1, 2]));
    await work.settled();
    assert.is(intake.pointsNotStored, 2);
    assert.equal([told, work.failed], [['points not stored: Error: the queue is full'], 1]);
    await store.close();
  });

  it('gives the memory of a flush back once it is stored and sent, or given up', async () => {
    const rules = rulesOf({ '.': '10s:1h' });
    const store = new MemoryStore(rules);
    const config = { ...DEFAULT_CONFIG, backends: [] };
    const backends = new Backends(config, { nowSeconds: 0, onError: () => {}, print: () => {} });
    const work = new PendingWork({ error: () => {} });
    const intake = new Intake(
      { config, rules, sketches: NO_SKETCHES, carbonRules: NO_RULES, sources: DEFAULT_SOURCES },
      {
        store,
        backends,
        selfMetrics: new SelfMetrics({ version: '1.2.3', nowMs: () => 0 }),
        work,
        services: new Services(),
        nowSeconds: () => 10,
      },
    );
    const given: number[] = [];
    const ingest = { acknowledge: () => {}, giveMemory: (slot: number) => given.push(slot) };
    Object.assign(intake, { ingest });
    let sent = (): void => {};
    backends.flush = () => new Promise((resolve) => (sent = resolve));
    const { onFlush } = intake.events(() => {});
    onFlush({ ...frameOf(10, { a: 1 }), slot: 5 });
    await work.settled();
    assert.equal(given, [], 'not sent yet');
    sent();
    await new Promise(setImmediate);
    assert.equal(given, [5]);
    backends.flush = () => Promise.resolve();
    store.append = () => Promise.reject(new Error('the queue is full'));
    onFlush({ ...frameOf(20, { a: 1 }), slot: 6 });
    await work.settled();
    await new Promise(setImmediate);
    assert.equal(given, [5, 6]);
  });
});
