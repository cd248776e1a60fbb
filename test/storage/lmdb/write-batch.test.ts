/** One unit of work: what is done once committed is not done when the disk refuses. */
import fs from 'node:fs';
import { UserError } from '../../../src/lib/errors.ts';
import { SERIES_CLASSES, readClasses } from '../../../src/storage/lmdb/db/class-record.ts';
import { type Environment, openEnvironment } from '../../../src/storage/lmdb/db/environment.ts';
import { decodeRecordText, RECORD_CODEC } from '../../../src/storage/lmdb/db/records.ts';
import { commitBatch } from '../../../src/storage/lmdb/db/write-batch.ts';
import { assert, describe } from '../../support/suite.ts';
import { temporaryFolder } from './open.ts';

async function inEnvironment(body: (environment: Environment) => void): Promise<void> {
  const dataDir = temporaryFolder();
  const environment = openEnvironment(dataDir, 2 ** 26);
  try {
    body(environment);
  } finally {
    await environment.root.close();
    fs.rmSync(dataDir, { recursive: true });
  }
}

const textOf = ({ records }: Environment, key: string): string | undefined => {
  const bytes = records.get(Buffer.from(key));
  return bytes === undefined ? undefined : decodeRecordText(Buffer.from(key), bytes);
};

describe('write batch', (it) => {
  it('puts, removes, and then tells its parts in their order', async () => {
    await inEnvironment((environment) => {
      const { records } = environment;
      const changes = new Map<string, string | undefined>([['a', 'one']]);
      const told: string[] = [];
      const answer = commitBatch(environment, (batch) => {
        batch.putChanges(records, RECORD_CODEC, changes);
        batch.onCommitted(() => told.push(`${changes.size} left`));
        batch.onCommitted(() => told.push('second'));
        return 7;
      });
      assert.is(answer, 7);
      assert.equal(told, ['0 left', 'second']);
      assert.is(textOf(environment, 'a'), 'one');
      changes.set('a', undefined).set('b', 'two');
      commitBatch(environment, (batch) => batch.putChanges(records, RECORD_CODEC, changes));
      assert.is(textOf(environment, 'a'), undefined);
      assert.is(textOf(environment, 'b'), 'two');
    });
  });

  it('puts nothing and tells nobody when the transaction fails: the next one has it all', async () => {
    await inEnvironment((environment) => {
      const { records } = environment;
      const changes = new Map<string, string | undefined>([['a', 'one']]);
      const commit = (fails: boolean): void =>
        commitBatch(environment, (batch) => {
          batch.putChanges(records, RECORD_CODEC, changes);
          if (fails) throw new Error('ENOSPC');
        });
      assert.throws(() => commit(true), /ENOSPC/);
      assert.is(textOf(environment, 'a'), undefined);
      assert.is(changes.size, 1);
      changes.set('b', 'two');
      commit(false);
      assert.is(textOf(environment, 'a'), 'one');
      assert.is(textOf(environment, 'b'), 'two');
      assert.is(changes.size, 0);
    });
  });
});

describe('records of classes', (it) => {
  const put = ({ meta }: Environment, classId: number, text: string): void => {
    meta.putSync(Buffer.from(`class/${classId}`), Buffer.from(text));
  };
  const whole = '{"archives":[{"step":10,"points":60}],"imported":false,"sidCount":3,"states":[]}';

  it('are read by the keys of the first version', async () => {
    await inEnvironment((environment) => {
      put(environment, 0, whole);
      assert.equal(readClasses(environment, SERIES_CLASSES).get(0), {
        archives: [{ step: 10, points: 60 }],
        imported: false,
        columnCount: 3,
        states: [],
      });
    });
  });

  it('of series must all be there and whole', async () => {
    for (const texts of [[whole, 'x'], [whole, '{}'], { 0: whole, 2: whole }]) {
      await inEnvironment((environment) => {
        for (const [id, text] of Object.entries(texts)) put(environment, Number(id), text);
        assert.throws(
          () => readClasses(environment, SERIES_CLASSES),
          (error: unknown) =>
            error instanceof UserError &&
            error.code === 'badFile' &&
            /^record "class\/1" .* is damaged or not there; see .*verify --repair/.test(
              error.message,
            ),
        );
      });
    }
  });
});
