import { modelStore } from '../model/model-store.ts';
import { assert, describe } from '../support/suite.ts';
import { NOW, testServer, type TestServer } from './client.ts';

const size = (png: Buffer): string => `${png.readUInt32BE(16)} x ${png.readUInt32BE(20)}`;

describe('http: pictures', (it) => {
  let server: TestServer;
  it.before(async () => {
    server = await testServer(modelStore({ names: ['a.1', 'a.2'] }));
  });
  it.after(() => server.close());

  const ask = (query: string) => server.ask(`/render?now=${NOW}&target=a.*&${query}`);

  it('draws a png unless another format is asked for', async () => {
    for (const format of ['', 'format=png', 'format=xlsx']) {
      const { status, type, bytes } = await ask(format);
      assert.equal([status, type], [200, 'image/png']);
      assert.is(bytes.toString('latin1', 1, 4), 'PNG');
      assert.is(size(bytes), '330 x 250');
    }
    assert.is(size((await ask('width=640&height=480&pixelRatio=2')).bytes), '1280 x 960');
    const svg = await ask('format=svg&title=a+%3Cb%3E');
    assert.is(svg.type, 'image/svg+xml');
    assert.match(svg.text, /<svg [^>]*width="330px" height="250px"/);
    assert.match(svg.text, />a &lt;b&gt;<\/text>/);
    const pdf = await ask('format=pdf');
    assert.is(pdf.type, 'application/x-pdf');
    assert.match(pdf.text, /^%PDF-1/);
    const script = await ask('format=svg&jsonp=show');
    assert.is(script.type, 'text/javascript');
    assert.match(script.text, /^show\("<\?xml .*\)$/);
  });

  it('answers the same request with the same bytes', async () => {
    for (const format of ['png', 'svg', 'pdf']) {
      const [one, other] = [await ask(`format=${format}`), await ask(`format=${format}&noCache=1`)];
      assert.ok(one.bytes.equals(other.bytes), format);
    }
  });

  it('says in the picture what is wrong with the request', async () => {
    const wrong: [string, number, RegExp][] = [
      ['width=abc', 400, /width="abc": expected a whole number from 1/],
      ['lineMode=zigzag', 400, /lineMode="zigzag": expected slope,/],
      ['colorList=red,mauvish', 400, /colorList=.*expected a colour/],
      ['graphType=bar', 400, /graphType="bar": expected line or pie/],
      ['width=20000&height=20000', 422, /20000 x 20000 has 400000000 dots, at most/],
      ['target=nosuch(a.1)', 400, /nosuch/],
      ['target=color(a.1,"mauvish")', 400, /mauvish.*expected a colour/],
      ['from=bogus', 400, /bogus/],
    ];
    for (const [query, status, sentence] of wrong) {
      const svg = await ask(`format=svg&${query}`);
      assert.equal([svg.status, svg.type], [status, 'image/svg+xml'], query);
      const texts = [...svg.text.matchAll(/>([^<>]*)<\/text>/g)].map(([, text]) => text).join(' ');
      assert.match(texts.replaceAll('&quot;', '"'), sentence);
      const png = await ask(query);
      assert.equal([png.status, png.type], [status, 'image/png'], query);
      assert.is(png.headers['cache-control'], 'no-store');
    }
  });

  it('draws pies, of numbers in the request too', async () => {
    const pie = await server.ask(
      `/render?now=${NOW}&graphType=pie&format=svg&target=tea:3&target=coffee:1&valueLabels=percent`,
    );
    assert.is(pie.status, 200);
    for (const text of ['tea', 'coffee', '75.00%', '25.00%']) assert.match(pie.text, `>${text}<`);
  });
});
