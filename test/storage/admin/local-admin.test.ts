import type { StoreAdmin } from '../../../src/storage/admin/calls.ts';
import { ADMIN_PAGE, ADMIN_POINTS } from '../../../src/storage/admin/limits.ts';
import {
  namePages,
  putArchives,
  readArchives,
  readValues,
} from '../../../src/storage/admin/whole-series.ts';
import { localAdmin } from '../../../src/storage/admin/local-admin.ts';
import { MemoryStore } from '../../model/memory-store.ts';
import { DEFAULT_RULES } from '../../../src/storage/retention/default-rules.ts';
import type { SeriesInfo } from '../../../src/storage/roles.ts';
import { assert, describe } from '../../support/suite.ts';

const NOW = 1_700_000_000;

function series(name: string, archives = [{ step: 60, points: 100 }]): SeriesInfo {
  return { name, archives, aggregationMethod: 'average', xFilesFactor: 0.5 };
}

async function adminOf(names: string[]): Promise<{ admin: StoreAdmin; store: MemoryStore }> {
  const store = new MemoryStore(DEFAULT_RULES);
  for (const name of names) await store.importSeries(series(name), []);
  return { admin: localAdmin(store, 'memory'), store };
}

async function allOf(admin: StoreAdmin, query: string): Promise<string[]> {
  const names: string[] = [];
  for await (const page of namePages(admin, [query])) names.push(...page);
  return names;
}

async function names(admin: StoreAdmin, after?: string): Promise<string[]> {
  const query = 'm.*';
  return (await admin.names(after === undefined ? { query } : { query, after })).names;
}

async function refusal(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'nothing',
    (error: Error) => error.message,
  );
}

const NAMES = [
  'a.x',
  'a.y',
  'b.x',
  'b.x.deep',
  'disk.used;host=a',
  'disk.used;host=b',
  'cpu;host=a',
];

describe('local admin', (it) => {
  it('finds names by glob, by tags and exactly, in byte order', async () => {
    const { admin } = await adminOf(NAMES);
    assert.equal(await allOf(admin, '*.x'), ['a.x', 'b.x']);
    assert.equal(await allOf(admin, 'b'), [], 'a branch is no series');
    assert.equal(await allOf(admin, 'b.**'), ['b.x', 'b.x.deep']);
    assert.equal(await allOf(admin, '**'), [...NAMES].sort());
    assert.equal(await allOf(admin, 'disk.*'), [], 'tagged names have a spelling of their own');
    assert.equal(await allOf(admin, 'disk.*;**'), ['disk.used;host=a', 'disk.used;host=b']);
    assert.equal(await allOf(admin, '**;**'), [
      'cpu;host=a',
      'disk.used;host=a',
      'disk.used;host=b',
    ]);
    assert.equal(await allOf(admin, 'disk.used;host=b'), ['disk.used;host=b']);
    assert.equal(await allOf(admin, 'disk.used;host=c'), []);
    assert.equal(await allOf(admin, "seriesByTag('host=a')"), ['cpu;host=a', 'disk.used;host=a']);
    assert.equal(await allOf(admin, 'seriesByTag("host=a", "name=~disk")'), ['disk.used;host=a']);
    assert.match(await refusal(admin.names({ query: '' })), 'no query');
    assert.match(
      await refusal(admin.names({ query: 'seriesByTag(host=a)' })),
      "expected such as seriesByTag('",
    );
    assert.match(await refusal(admin.names({ query: "seriesByTag('host')" })), 'expected such as');
    assert.match(
      await refusal(admin.names({ query: 'seriesByTag()' })),
      'expected a tag expression',
    );
  });

  it('gives pages of names, also when series come and go meanwhile', async () => {
    const many = Array.from({ length: 2 * ADMIN_PAGE + 7 }, (_, i) => `m.s${i}`).sort();
    const { admin, store } = await adminOf(many);
    assert.equal(await allOf(admin, 'm.*'), many);
    const first = await names(admin);
    assert.is(first.length, ADMIN_PAGE);
    assert.equal(first, many.slice(0, ADMIN_PAGE));
    await store.delete(first);
    await store.importSeries(series('m.a'), []);
    const rest = [
      ...(await names(admin, first.at(-1))),
      ...(await names(admin, many[2 * ADMIN_PAGE - 1])),
    ];
    assert.equal(rest, many.slice(ADMIN_PAGE));
    assert.equal(await names(admin, 'm.z'), []);
    const exact = many.slice(0, ADMIN_PAGE).map((name) => name.replace('m.', 'e.'));
    const { admin: even } = await adminOf(exact);
    assert.equal(await allOf(even, 'e.*'), exact, 'a last page that is full');
  });

  it('tells what is known, in the order asked', async () => {
    const { admin } = await adminOf(['a.x']);
    const [unknown, known, spelled] = (await admin.info({ names: ['no', 'a.x', 'a.x'] })).series;
    assert.is(unknown, undefined);
    assert.equal(known, spelled);
    assert.is(known?.name, 'a.x');
    assert.equal(known?.archives, [{ step: 60, points: 100 }]);
    assert.ok(known !== undefined && known.bytesMax > 0);
    assert.equal((await admin.info({ names: [] })).series, []);
  });

  it('reads archives longer than a page whole, in parts, bit for bit', async () => {
    const points = ADMIN_POINTS + 5;
    const archives = [
      { step: 1, points },
      { step: 60, points: 10_000 },
    ];
    const { admin, store } = await adminOf([]);
    const start = NOW - points + 1;
    const times = Float64Array.from({ length: points }, (_, i) => start + i);
    const values = Float64Array.from(times, (_, i) => (i % 3 === 0 ? -0 : i * 1e-310));
    const minute = NOW - (NOW % 60);
    const coarse = {
      step: 60,
      times: Float64Array.of(minute - 60 * 9000, minute),
      values: Float64Array.of(1, -2),
    };
    const given = [{ step: 1, times, values }, coarse];
    await putArchives(admin, series('long', archives), given);
    const newest = Object.assign(Object.create(store) as MemoryStore, {
      newestTimes: () => [NOW, minute],
    });
    const reader = localAdmin(newest, 'memory');
    assert.equal(await readArchives(reader, 'long'), given);
    const { page } = await reader.points({ name: 'long', archive: 0, after: start + 99 });
    assert.is(page?.times[0], start + 100);
    assert.is(page?.next, undefined);
    assert.is(await readArchives(reader, 'no'), undefined);
    assert.is((await reader.points({ name: 'long', archive: 2, after: 0 })).page, undefined);
  });

  it('puts, fetches, deletes; a name without text is refused', async () => {
    const { admin, store } = await adminOf([]);
    const data = [{ step: 60, times: Float64Array.of(NOW - 20 - 60), values: Float64Array.of(7) }];
    assert.equal(await putArchives(admin, series('t;b=1;a=2'), data), [{ step: 60, points: 100 }]);
    const window = { from: NOW - 200, until: NOW, now: NOW };
    const [none, found] = await readValues(admin, ['no', 't;a=2;b=1'], window);
    assert.is(none, undefined);
    assert.is(found?.values.filter((value) => value === 7).length, 1);
    const valueCount = found?.values.length ?? 0;
    const limited = (max: number) => localAdmin(store, 'memory', max);
    const names = ['t;a=2;b=1'];
    assert.is((await limited(valueCount).fetch({ names, ...window })).series.length, 1);
    assert.is(
      await refusal(limited(valueCount - 1).fetch({ names, ...window })),
      `"t;a=2;b=1": ${valueCount} values, expected up to ${valueCount - 1}`,
    );
    assert.match(await refusal(putArchives(admin, series(''), [])), '"" is no name: ');
    assert.is((await admin.delete({ names: ['no', 't;a=2;b=1'] })).count, 1);
    assert.match(await refusal(admin.backup({ file: '/nowhere' })), 'cannot copy itself');
  });

  it('keeps notes apart from other records', async () => {
    const { admin, store } = await adminOf([]);
    await admin.putNote({ key: 'import', text: 'here' });
    assert.is((await admin.note({ key: 'import' })).text, 'here');
    assert.is((await admin.note({ key: 'imp' })).text, undefined);
    assert.equal(store.listRecords('import'), []);
    await admin.putNote({ key: 'import' });
    assert.is((await admin.note({ key: 'import' })).text, undefined);
  });

  it('says when the store is full', async () => {
    const store = new MemoryStore(DEFAULT_RULES, { maxSeries: 1 });
    const admin = localAdmin(store, 'memory');
    assert.ok(await putArchives(admin, series('a'), []));
    assert.is(await putArchives(admin, series('b'), []), undefined);
  });
});
