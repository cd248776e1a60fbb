import { assert, describe } from '../../support/suite.ts';
import { NOW, testServer } from '../../http/client.ts';
import { modelStore } from '../../model/model-store.ts';

describe('graphite: tags with commas', (it) => {
  it('a question for events splits them as an event does', async () => {
    const server = await testServer(modelStore());
    const body = `{"what":"deploy","tags":"deploy,prod","when":${NOW - 5}}`;
    assert.is((await server.ask('/events/', { body })).status, 200);
    for (const tags of ['deploy,prod', 'deploy+prod', 'deploy,+prod', 'prod', ',deploy,']) {
      const found = (await server.json(`/events/get_data?tags=${tags}`)) as object[];
      assert.is(found.length, 1, tags);
    }
    for (const tags of ['', ',', 'nosuch,nothing']) {
      assert.equal(await server.json(`/events/get_data?tags=${tags}`), [], tags);
    }
    const both = await server.json('/events/get_data?tags=deploy,nosuch&set=intersection');
    assert.equal(both, []);
    for (const target of ['events("deploy,prod")', 'events("deploy","prod")', 'events("*")']) {
      const query = `format=json&noNullPoints=1&from=-10s&target=${encodeURIComponent(target)}`;
      const [drawn] = (await server.json(`/render?${query}`)) as { datapoints: unknown[] }[];
      assert.equal(drawn!.datapoints, [[1, NOW - 5]], target);
    }
    await server.close();
  });
});
