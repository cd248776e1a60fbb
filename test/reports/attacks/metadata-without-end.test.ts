import { MetadataRecords } from '../../../src/http/metadata-records.ts';
import { assert, describe } from '../../support/suite.ts';
import { testServer } from '../../http/client.ts';
import { modelStore } from '../../model/model-store.ts';

describe('attacks: metadata without end', (it) => {
  const JSON_TYPE = { 'content-type': 'application/json' };

  it('are bounded in number and bytes, and can be removed', async () => {
    const store = modelStore();
    const server = await testServer(store, { metadata: { count: 3, bytes: 500 } });
    const set = async (...operations: object[]): Promise<string> =>
      (
        await server.ask('/metrics/set-metadata', {
          body: JSON.stringify(operations),
          headers: JSON_TYPE,
        })
      ).text;
    const one = (metric: string, value = 'v') => ({ metric, key: 'k', value });
    assert.match(
      await set(one('a'), one('b'), one('a', 'w')),
      '"a":{"old_value":"v","new_value":"w"}',
    );
    const full = JSON.parse(await set(one('c'), one('d'), one('a', 'x'))) as object;
    assert.equal(full, {
      c: { old_value: null, new_value: 'v' },
      d: { error: 'there are 3 records of metadata, maxMetadata allows no more' },
      a: { old_value: 'w', new_value: 'x' },
    });
    assert.match(await set(one('a', 'x'.repeat(600))), 'maxMetadataBytes allows 500');
    assert.match(await set(one('b', '')), '"b":{"old_value":"v","new_value":""}');
    assert.match(await set(one('d')), '"d":{"old_value":null');
    assert.is(store.listRecords('metadata/').length, 3);
    assert.match((await server.ask('/metrics')).text, 'tallyd_metadata_refused_total 2\n');
    // After a restart they are as many.
    const again = new MetadataRecords(store, { count: 3, bytes: 500 });
    assert.match(
      String(await again.set('e', 'k', 'v').catch(String)),
      'maxMetadata allows no more',
    );
    await server.close();
  });

  it('lists have an end, and half a surrogate pair is no 500', async () => {
    const server = await testServer(modelStore());
    const many = Array.from({ length: 1001 }, () => 'metric=a').join('&');
    assert.is((await server.ask(`/metrics/get-metadata?key=k&${many}`)).status, 422);
    const operations = Array.from({ length: 1001 }, () => ({ metric: 'a', key: 'k', value: 'v' }));
    const post = async (body: string): Promise<number> =>
      (await server.ask('/metrics/set-metadata', { body, headers: JSON_TYPE })).status;
    assert.is(await post(JSON.stringify(operations)), 422);
    assert.is(await post('[{"metric":"a","key":"\\ud800","value":"\\ud800"}]'), 200);
    assert.is(await post('[{"metric":"a","key":"","value":"v"}]'), 400);
    assert.is(await post('[null]'), 400);
    assert.is(await post(`[{"metric":"${'m'.repeat(1000)}","key":"k","value":"v"}]`), 400);
    await server.close();
  });
});
