/** `tallyd top` and `GET /admin/top`, which it asks. */
import type { TopAnswer } from '../../src/http/top.ts';
import { topText } from '../../src/cli/top.ts';
import { NOW, REPORT, testServer } from '../http/client.ts';
import { modelStore } from '../model/model-store.ts';
import { assert, describe } from '../support/suite.ts';
import { runVerb } from './run-here.ts';

async function answering(body: (url: string) => Promise<void>): Promise<void> {
  const names = ['disk;host=a;dc=x', 'disk;host=b;dc=x', 'disk;host=c;dc=y', 'plain.name'];
  const server = await testServer(modelStore({ names }), {
    top: async () => ({
      newPerMinute: 12,
      flush: {
        time: NOW,
        seconds: 10,
        names: [{ name: 'shop.\x1b[2Jpay', kind: 'timers', count: 1200 }],
        prefixes: [{ prefix: 'shop.cart', count: 50, names: 31 }],
      },
    }),
    health: async () => ({
      ...REPORT,
      receive: { ...REPORT.receive, sources: [{ sender: '10.0.0.5', metrics: 40 }] },
      refusals: [
        {
          what: 'lines.bad',
          reason: 'noType',
          count: 7,
          last: { example: 'x:1', time: NOW, sender: '10.0.0.9' },
        },
      ],
    }),
  });
  try {
    await body(`http://127.0.0.1:${server.port}`);
  } finally {
    await server.close();
  }
}

describe('top', (it) => {
  it('answers programs of this machine, with rates', () =>
    answering(async (url) => {
      const answer = (await (await fetch(`${url}/admin/top`)).json()) as TopAnswer;
      assert.equal(answer.names, [{ name: 'shop.\x1b[2Jpay', kind: 'timers', perSecond: 120 }]);
      assert.equal(answer.prefixes, [{ prefix: 'shop.cart', perSecond: 5, names: 31 }]);
      assert.equal(answer.tags, [
        { tag: 'host', values: 3 },
        { tag: 'dc', values: 2 },
      ]);
      assert.equal(answer.senders, [{ sender: '10.0.0.5', metrics: 40 }]);
      assert.is(answer.newNames.perMinute, 12);
      assert.is(answer.rejections[0]!.count, 7);
      const asked = await fetch(`${url}/admin/top`, { headers: { origin: 'http://elsewhere' } });
      assert.is(asked.status, 403);
    }));

  it('prints once where the output is no terminal, and nothing that a terminal obeys', () =>
    answering(async (url) => {
      const { code, stdout, stderr } = await runVerb(['top', '--url', url]);
      assert.equal([code, stderr], [0, '']);
      assert.match(stdout, /^flush of 22:13:20 \(UTC\), 12 new names in the last minute\n/);
      assert.match(stdout, /^120 +timers +shop\.\\x1b\[2Jpay$/m);
      assert.match(stdout, /^5 +31 +shop\.cart$/m);
      assert.match(stdout, /^3 +host$/m);
      assert.match(stdout, /^40 +10\.0\.0\.5$/m);
      assert.match(stdout, /^7 +lines\.bad noType +x:1 +10\.0\.0\.9$/m);
      const json = await runVerb(['top', '--json', '--url', url]);
      assert.is((JSON.parse(json.stdout) as TopAnswer).newNames.perMinute, 12);
    }));

  it('leaves out lists that are empty', () => {
    const nothing = { names: [], prefixes: [], tags: [], senders: [], rejections: [] };
    const text = topText({ ...nothing, time: 0, newNames: { perMinute: 0, recent: [] } }, 5);
    assert.is(text, 'no flush yet (UTC), 0 new names in the last minute\n');
  });
});
