/** Asking in a browser: completion with its help, functions by menu, what is taken elsewhere. */
import type { TestServer } from '../http/client.ts';
import { assert, describe } from '../support/suite.ts';
import { seen, texts, withBrowser } from './browser.ts';
import { pageServer } from './page-server.ts';

const INPUT = '.targets textarea';

describe('targets of the page', (it) => {
  withBrowser(it, 'all of the targets', () => {
    let server: TestServer;
    it.before(async () => {
      server = await pageServer({
        'app.web1.rate': (i) => i,
        'app.web2.rate': (i) => 2 * i,
        'disk;host=web1': () => 1,
        'disk;host=web2': () => 2,
      });
    });
    it.after(() => server.close());

    it.slow('completes names, functions, arguments and tags, by keys alone', async () => {
      await seen(server.port, '', {}, async ({ page, shoot }) => {
        await page.keyboard.press('a');
        await page.keyboard.type('movingAv');
        await page.waitForSelector('.completion li >> text="movingAverage"');
        await page.keyboard.press('Tab');
        await page.waitForSelector('.help b >> text="seriesList"');
        await page.keyboard.type('ap');
        await page.waitForSelector('.completion li >> text="app"');
        await page.keyboard.press('Tab');
        await page.waitForSelector('.completion li >> text="web2"');
        await shoot('completion');
        for (const key of ['ArrowDown', 'Enter']) await page.keyboard.press(key);
        await page.waitForSelector('.completion li >> text="rate"');
        await page.keyboard.press('Tab');
        await page.keyboard.type(",'1m");
        await page.waitForSelector('.completion li >> text="1min"');
        await shoot('completion-arguments');
        await page.keyboard.press('Tab');
        await page.keyboard.type("')");
        await page.keyboard.press('Enter');
        await page.waitForSelector('.legend tbody tr');
        assert.is(await page.inputValue(INPUT), "movingAverage(app.*.rate,'1min')");
        assert.is((await texts(page, '.legend tbody .text')).length, 2);

        await page.fill(INPUT, "seriesByTag('ho");
        await page.waitForSelector('.completion li >> text="host"');
        await page.keyboard.press('Tab');
        await page.waitForSelector('.completion li >> text="web2"');
        await page.keyboard.press('Tab');
        assert.is(await page.inputValue(INPUT), "seriesByTag('host=web1");
      });
    });

    it.slow('puts functions around a target by menu, and takes them off', async () => {
      await seen(server.port, 'target=app.*.rate', {}, async ({ page, shoot }) => {
        await page.waitForSelector('.legend tbody tr:nth-child(2)');
        await page.click('summary[title=Functions]');
        await shoot('function-menu');
        await page.click('.nodes >> nth=0 >> text="*"');
        await page.waitForSelector('.legend >> text="web1"');
        assert.is(await page.inputValue(INPUT), "groupByNode(app.*.rate,1,'sum')");
        await page.click('summary[title=Functions]');
        await page.fill('.functions input', 'highest deviation');
        await page.waitForSelector('.functions >> text="no function of this name"');
        await page.fill('.functions input', 'scaletosec');
        await page.click('.functions >> text="scaleToSeconds"');
        await page.waitForSelector('.legend >> text=/scaleToSeconds/');
        await page.click('summary[title=Functions]');
        await page.click('.functions >> text="Without scaleToSeconds"');
        await page.click('summary[title=Functions]');
        await page.click('.functions >> text="Beside it a week ago"');
        await page.waitForSelector('.targets > li:nth-child(2)');
        assert.is(
          await page.inputValue(`${INPUT} >> nth=1`),
          `timeShift(groupByNode(app.*.rate,1,'sum'),'7d')`,
        );
      });
    });

    it.slow('gives what is seen to others: curl, Graphite, Grafana', async () => {
      const view = "target=app.*.rate&target=alias(scale(%23A,2),'it')&off=A&areaMode=stacked";
      await seen(server.port, view, {}, async ({ page }) => {
        const copied = async (what: string): Promise<string> => {
          await page.click('text="Share"');
          await page.click(`.share >> text="${what}"`);
          await page.waitForSelector(`#said >> text="${what}: copied"`);
          return (await page.evaluate('navigator.clipboard.readText()')) as string;
        };
        const url = new URL(await copied('Graphite URL'));
        assert.is(url.pathname, '/render');
        assert.equal(url.searchParams.getAll('target'), ["alias(scale(app.*.rate,2),'it')"]);
        assert.is(url.searchParams.get('areaMode'), 'stacked');
        const curl = await copied('curl');
        assert.match(curl, /^curl 'http:.*format=json'$/);
        const asked = await server.json(curl.slice("curl 'http://127.0.0.1:".length + 5, -1));
        assert.is((asked as unknown[]).length, 2);
        const panel = JSON.parse(await copied('Grafana panel')) as { targets: unknown };
        assert.equal(panel.targets, [{ refId: 'B', target: "alias(scale(app.*.rate,2),'it')" }]);
        assert.match(await copied('Link to this view'), /off=A/);
      });
    });
  });
});
