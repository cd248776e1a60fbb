import { assert, describe } from '../support/suite.ts';
import { modelStore } from '../model/model-store.ts';
import { testServer } from './client.ts';

describe('http explore', (it) => {
  it('answers targets by tags, and refuses in a sentence', async () => {
    const names = ['stats.timers.shop.pay.mean', 'stats.timers.shop.pay.upper', 'a;service=shop'];
    const server = await testServer(modelStore({ names }));
    try {
      const query = encodeURIComponent('service=shop stat=mean by service');
      assert.equal(await server.json(`/explore?query=${query}`), {
        query: 'service=shop stat=mean by service',
        common: { kind: 'timer', service: 'shop', what: 'pay', stat: 'mean' },
        groups: [
          {
            by: { service: 'shop' },
            targets: [
              {
                target: 'alias(stats.timers.shop.pay.mean,"shop")',
                alias: 'shop',
                name: 'stats.timers.shop.pay.mean',
                tags: { kind: 'timer', service: 'shop', what: 'pay', stat: 'mean' },
              },
            ],
            series: 1,
          },
        ],
        series: 1,
        shown: 1,
        total: 1,
      });
      const { status, text } = await server.ask('/explore?query=by+host');
      assert.equal([status, /expected tag=value/.test(text)], [400, true]);
      assert.is((await server.ask('/explore?query=a&limit=0')).status, 400);
    } finally {
      await server.close();
    }
  });
});
