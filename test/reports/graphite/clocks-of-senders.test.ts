/**
 * graphite 3 and 13: a sender whose clock is a few seconds ahead loses nothing, one that sends
 * milliseconds is told so.
 */
import fs from 'node:fs';
import { takePlainPoints } from '../../../src/ingest/aggregate/carbon-fast-path.ts';
import { CarbonNames } from '../../../src/ingest/aggregate/carbon-names.ts';
import { readCarbonLine } from '../../../src/ingest/protocol/carbon/plaintext.ts';
import { littleEndianView } from '../../../src/ingest/protocol/words.ts';
import { NO_RULES } from '../../../src/intake/carbon-rules.ts';
import { ReadyPoints } from '../../../src/intake/ready-points.ts';
import { hintFor } from '../../../src/rejections/catalogue.ts';
import { frameOf } from '../../support/frame.ts';
import { points } from '../../support/points.ts';
import { assert, assertValues, describe } from '../../support/suite.ts';
import { openIn, temporaryFolder } from '../../storage/lmdb/open.ts';
import { rulesOf } from '../../storage/rules-of.ts';
import { values } from '../../storage/store-maker.ts';

const NOW = 1_700_000_000;

describe('clocks of senders', (it) => {
  for (const step of [1, 10]) {
    it(`15, 25 and 60 seconds ahead are stored in archives of ${step} s, more is refused aloud`, async () => {
      const dataDir = temporaryFolder();
      const rules = rulesOf({ '': `${step}s:6h` });
      const store = await openIn(dataDir, rules, { futureToleranceMs: 60_000 });
      const intake = new ReadyPoints(
        store,
        NO_RULES,
        () => {},
        () => NOW,
      );
      const times = [15, 25, 60, 75].map((ahead) => NOW + ahead);
      await intake.take({
        ...points(['skew', 'skew', 'skew', 'skew'], times, [1, 2, 3, 4]),
        senders: { starts: [0], senders: ['10.1.2.3'] },
      });
      assert.equal(intake.lastMistimed.of('inFuture'), {
        example: `skew 4 ${NOW + 75}`,
        time: NOW,
        sender: '10.1.2.3',
      });
      await store.append(frameOf(NOW + 60, { other: 1 }));
      const found = await values(store, 'skew', NOW, NOW + 60, NOW + 60);
      assertValues(
        found.filter((value) => value === value),
        [1, 2, 3],
      );
      await store.close();
      fs.rmSync(dataDir, { recursive: true });
    });
  }

  it('milliseconds are a reason of their own, with what to do', () => {
    const line = Buffer.from(`ms.x 1 ${NOW}000\n`);
    const names = new CarbonNames({ names: 16, arenaBytes: 1024 }, 0);
    const columns = {
      times: new Float64Array(4),
      values: new Float64Array(4),
      numbers: new Uint32Array(4),
      length: 0,
    };
    names.numberOf('ms.x');
    assert.is(takePlainPoints(line, littleEndianView(line), 0, line.length, names, columns), 0);
    const reasons: string[] = [];
    readCarbonLine(
      line,
      0,
      line.length,
      { nowSeconds: NOW, nameBytesMax: 100 },
      { point: () => reasons.push('stored'), reject: (reason) => reasons.push(reason) },
    );
    assert.equal(reasons, ['notSeconds']);
    assert.match(hintFor('carbon.refused', 'notSeconds', {})!, /milliseconds.*divide by 1000/);
  });
});
