/**
 * `group(None)`, names of Object's prototype as methods, operators, tags and variables, `meta=1` of
 * a series without points: each was a 500, a wrong answer or invalid JSON.
 */
import { modelStore } from '../../model/model-store.ts';
import { assert, describe } from '../../support/suite.ts';
import { NOW, testServer, type TestServer } from '../../http/client.ts';

interface Shown {
  target: string;
  datapoints: unknown[];
}

describe('what functions were not meant to be given', (it) => {
  let server: TestServer;
  it.before(async () => {
    server = await testServer(
      modelStore({
        names: ['a.b', 'x;__proto__=y'],
        find: () => [],
        lookup: (name) => {
          const id = ['a.b', 'x', 'empty'].indexOf(name);
          return id < 0 ? undefined : { id, name };
        },
        findTagged: () => [{ id: 1, name: 'x;__proto__=y' }],
        info: () => undefined,
        fetch: async (ids) =>
          ids.map((id) => ({
            start: NOW - 120,
            end: NOW,
            step: 60,
            values: id === 2 ? new Float64Array(0) : Float64Array.of(1, 2),
            archiveIndex: 0,
          })),
      }),
    );
  });
  it.after(() => server.close());

  const render = (target: string, more = ''): Promise<{ status: number; text: string }> =>
    server.ask(`/render?format=json&target=${encodeURIComponent(target)}${more}`);
  const names = async (target: string): Promise<string[]> => {
    const { status, text } = await render(target);
    assert.is(status, 200, text);
    return (JSON.parse(text) as Shown[]).map((one) => one.target);
  };

  it('None in a list is not given', async () => {
    assert.equal(await names('group(None)'), []);
    assert.equal(await names('group(None,a.b,None)'), ['a.b']);
    assert.equal(await names('countSeries(None)'), ['0']);
    assert.equal(await names('sumSeries(None)'), []);
    assert.equal(await names('aliasByNode(a.b,None,1)'), ['b']);
    assert.equal(await names('lower(a.b,None)'), ['a.b']);
  });

  it("names of Object's prototype are names", async () => {
    for (const word of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
      for (const target of [
        `sloErrorBudget(a.b,'1min','${word}',1,0.9)`,
        `slo(a.b,'1min','${word}',1)`,
        `filterSeries(a.b,'max','${word}',1)`,
        `filterSeries(a.b,'${word}','>',1)`,
        `aggregate(a.b,'${word}')`,
        `consolidateBy(a.b,'${word}')`,
        `groupByNode(a.b,0,'${word}')`,
        `summarize(a.b,'1min','${word}')`,
        `smartSummarize(a.b,'1min','sum','${word}')`,
        `legendValue(a.b,'${word}','${word}')`,
        `timerStat(a.b,'${word}')`,
        `fft(a.b,'${word}')`,
        `pearsonClosest(a.b,a.b,1,'${word}')`,
        `cactiStyle(a.b,'${word}')`,
        `reduceSeries(mapSeries(a.b,0),'${word}',1,'b')`,
        `sortBy(a.b,'${word}')`,
        `movingWindow(a.b,2,'${word}')`,
        `${word}(a.b)`,
        `interpolate(a.b,'${word}')`,
        `setXFilesFactor(a.b,'${word}')`,
      ]) {
        const { status, text } = await render(target);
        assert.ok(status === 400 || status === 200, `${target}: ${status} ${text}`);
        assert.not.match(text, /native code|\[object/, target);
      }
      assert.equal(await names(`aliasByTags(a.b,'${word}')`), ['']);
      assert.equal(await names(`groupByTags(a.b,'sum','${word}')`), [`a.b;${word}=`]);
      assert.equal(await names(`template(a.$${word},${word}='b')`), ['a.b']);
    }
    assert.equal(await names(`aliasByTags(seriesByTag('name=x'),'__proto__')`), ['y']);
  });

  it('meta=1 of a series without points is JSON', async () => {
    for (const [target, count] of [
      ['empty', 0],
      ['group(empty,a.b,empty)', 3],
    ] as const) {
      for (const more of ['', '&noNullPoints=1', '&maxDataPoints=1', '&maxDataPoints=1000']) {
        const { text } = await render(target, `&meta=1${more}`);
        const { series } = JSON.parse(text) as { series: unknown[] };
        assert.ok(series.length === count || more === '&noNullPoints=1', text);
      }
    }
  });
});
