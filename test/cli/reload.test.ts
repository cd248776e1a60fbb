import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { reloader, watchFiles } from '../../src/cli/reload.ts';
import { readSettings } from '../../src/cli/settings.ts';
import type { Settings } from '../../src/intake/settings.ts';
import { assert, describe } from '../support/suite.ts';
import { until } from '../support/until.ts';

const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'tallyd-reload-'));

/** A file that is watched, and the daemon that is told; `next` waits for the next event. */
function open(name: string, text: string) {
  const file = path.join(dir, name);
  fs.writeFileSync(file, text);
  const events: string[] = [];
  let wake = () => {};
  const say = (event: string) => {
    events.push(event);
    wake();
  };
  const logger = {
    info: () => {},
    warn: (message: string) => say(`warn ${message}`),
    error: (message: string) => say(`error ${message}`),
  };
  const daemon = {
    async reconfigure({ config }: Settings): Promise<void> {
      if (config.title === 'broken') throw new Error('no');
      say(`flush ${config.aggregation.flushIntervalMs}`);
    },
  };
  // Without rules there is no warning of an interval that is not their finest step.
  const read = () => readSettings(file, {}, { storageSchemas: empty, storageAggregation: empty });
  const reload = reloader({ daemon, logger, read, first: read() });
  const close = watchFiles([file], () => reload('change'));
  return {
    file,
    events,
    reload,
    close,
    async until(count: number): Promise<void> {
      while (events.length < count) await new Promise<void>((resolve) => (wake = resolve));
    },
  };
}
const empty = path.join(dir, 'empty.conf');
fs.writeFileSync(empty, '# no rules\n');

describe('reload', (it) => {
  it.after(() => fs.rmSync(dir, { recursive: true }));

  it('a changed file is taken over, a broken one told and left', async () => {
    const { file, events, until, close } = open('a.json5', '{ flushInterval: 1000 }');
    fs.writeFileSync(file, '{ flushInterval: 2000 }');
    await until(1);
    fs.writeFileSync(file, '{ flushInterval: 3000');
    await until(3);
    fs.writeFileSync(file, '{ flushInterval: 4000 }');
    await until(4);
    assert.equal(events, [
      'flush 2000',
      `error ${file}:1:22: the text ends here, expected a value or a closing bracket`,
      'error the configuration has errors, the one before stays in force',
      'flush 4000',
    ]);
    close();
  });

  it('takes changed rights over; broken ones, and rules read by the way, leave them as they are', async () => {
    const rights = path.join(dir, 'access.json5');
    const file = path.join(dir, 'rights.json5');
    const users = (name: string): void => fs.writeFileSync(rights, `{ users: { ${name}: {} } }`);
    users('ann');
    fs.writeFileSync(file, "{ access: 'access.json5' }");
    const read = () => readSettings(file, {}, { storageSchemas: empty, storageAggregation: empty });
    const first = read();
    const seen: string[] = [];
    let taken = [...first.access!.users.keys()];
    const said = (event: string): number => seen.push(event);
    const daemon = {
      async reconfigure({ access }: Settings): Promise<void> {
        taken = [...(access?.users.keys() ?? ['everybody'])];
        said('taken');
      },
    };
    const logger = { info: said, warn: said, error: said };
    const reload = reloader({ daemon, logger, read, first });
    assert.equal(first.files.includes(rights), true);
    users('bob');
    reload('change');
    await until(() => seen.length === 1);
    assert.equal(taken, ['bob']);
    await until(() => {
      reload('signal');
      return seen.length >= 2;
    });
    seen.length = 0;
    fs.writeFileSync(rights, '{ users: { ann: { read: "all" } } }');
    reload('change');
    await until(() => seen.length >= 2);
    assert.match(seen[0] ?? '', /access.json5:1:25: read "all", expected a list of texts/);
    assert.equal(taken, ['bob']);
    // The configuration without them is not in force yet.
    users('bob');
    fs.writeFileSync(file, '{}');
    reload('rules');
    fs.rmSync(rights);
    fs.writeFileSync(file, "{ access: 'access.json5' }");
    reload('change');
    await until(() => seen.some((one) => one.includes('ENOENT')));
    assert.equal(taken, ['bob']);
  });

  it('sees a file that is replaced by renaming, more than once', async () => {
    const { file, events, until, close } = open('b.json5', '{ flushInterval: 1000 }');
    for (const [i, ms] of [2000, 3000].entries()) {
      fs.writeFileSync(`${file}.new`, `{ flushInterval: ${ms} }`);
      fs.renameSync(`${file}.new`, file);
      await until(i + 1);
    }
    assert.equal(events, ['flush 2000', 'flush 3000']);
    close();
  });

  it('a file that is emptied or says the same changes nothing', async () => {
    const { file, events, until, close } = open('c.json5', '{ flushInterval: 1000 }');
    fs.writeFileSync(file, '');
    await new Promise((resolve) => setTimeout(resolve, 700)); // longer than it takes to settle
    fs.writeFileSync(file, '{ flushInterval: 1000 } // the same');
    await new Promise((resolve) => setTimeout(resolve, 700));
    fs.writeFileSync(file, '{ flushInterval: 5000 }');
    await until(1);
    assert.equal(events, ['flush 5000']);
    close();
  });

  it('takes changed rules over alone, and says once that they are broken', async () => {
    const { file, events, until, close, reload } = open('e.json5', '{ flushInterval: 1000 }');
    close();
    fs.writeFileSync(file, '{ flushInterval: 2000 }');
    reload('rules'); // nothing of its own
    fs.writeFileSync(empty, '[a]\npattern = ^a\nretentions = 1s:1x\n');
    reload('rules');
    reload('rules');
    fs.writeFileSync(empty, '[a]\npattern = ^a\nretentions = 1s:1h\n');
    reload('rules');
    await until(1);
    while (!events.at(-1)!.startsWith('flush')) await until(events.length + 1);
    fs.writeFileSync(empty, '# no rules\n');
    const errors = events.filter((event) => event.includes('unknown unit'));
    assert.is(errors.length, 1);
    assert.match(errors[0]!, 'empty.conf:3:14: retention "1s:1x"');
    assert.is(events.at(-1), 'flush 1000');
  });

  it('a signal always counts, and a daemon that fails is told', async () => {
    const { file, events, until, close, reload } = open('d.json5', '{}');
    close();
    reload('signal');
    await until(1);
    fs.writeFileSync(file, "{ title: 'broken' }");
    reload('signal');
    await until(2);
    assert.equal(events, [
      'flush 10000',
      'error the configuration could not be taken over: Error: no',
    ]);
  });

  it('a signal behind a save that was taken over means the same, a second one counts', async () => {
    const { file, events, reload, until, close } = open('same.json5', '{ flushInterval: 1000 }');
    fs.writeFileSync(file, '{ flushInterval: 2000 }');
    await until(1);
    await new Promise((resolve) => setTimeout(resolve, 150)); // longer than between two reloads
    reload('signal');
    assert.equal(events, ['flush 2000']);
    reload('signal');
    await until(2);
    assert.equal(events, ['flush 2000', 'flush 2000']);
    close();
  });

  it('three thousand signals are a few reloads, never two at once', async () => {
    const { file, close } = open('f.json5', '{}');
    close();
    let [reloads, running, most] = [0, 0, 0];
    const reconfigure = async (): Promise<void> => {
      reloads += 1;
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setTimeout(resolve, 5));
      running -= 1;
    };
    const logger = { info: () => {}, warn: () => {}, error: () => {} };
    const read = () => readSettings(file, {}, {});
    const reload = reloader({ daemon: { reconfigure }, logger, read, first: read() });
    for (let i = 0; i < 3000; i++) reload(i % 2 === 0 ? 'rules' : 'signal');
    await until(() => reloads === 2, 'the one under way, and one for all the rest');
    await new Promise((resolve) => setTimeout(resolve, 250));
    assert.equal([reloads, most], [2, 1]);
  });
});
