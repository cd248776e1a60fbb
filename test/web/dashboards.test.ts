/** Dashboards in a browser: kept, reopened, changed by two people at once, with variables, pasted. */
import type { Page } from 'playwright-core';
import type { TestServer } from '../http/client.ts';
import { assert, describe } from '../support/suite.ts';
import { open, seen, texts, withBrowser } from './browser.ts';
import { pageServer } from './page-server.ts';

interface Kept {
  title: string;
  panels: { title: string; targets: string[]; options: Record<string, unknown> }[];
}

describe('dashboards of the page', (it) => {
  withBrowser(it, 'all of the dashboards', () => {
    let server: TestServer;
    it.before(async () => {
      server = await pageServer({
        'app.web1.rate': (i) => 100 + 20 * Math.sin(i / 20),
        'app.web2.rate': (i) => 50 + i / 10,
      });
    });
    it.after(() => server.close());

    const retitle = async (page: Page, title: string): Promise<void> => {
      await page.click('text="Edit"');
      await page.fill('.dashboard-head input[aria-label="Title"]', title);
      await page.click('text="Save"');
    };

    it.slow('keeps what is seen as a panel, and opens it again as it was', async () => {
      const view = 'target=app.*.rate&areaMode=stacked&from=-30min';
      await seen(server.port, view, {}, async ({ page, shoot }) => {
        await page.waitForSelector('.legend tbody tr:nth-child(2)');
        await page.click('text="Keep"');
        await page.fill('[aria-label="Title of the panel"]', 'Rates of all');
        await page.fill('[aria-label="Title of the new dashboard"]', 'Shop & more');
        await page.click('.keep button');
        await page.waitForSelector('#said >> text=/Kept in/');
        const kept = (await server.json('/dashboards/shop-more')) as Kept;
        assert.equal(kept.panels[0]!.targets, ['app.*.rate']);
        assert.equal(kept.panels[0]!.options, { areaMode: 'stacked' });
        await page.click('.tabs >> text="Dashboards"');
        await page.click('.cards >> text="Shop & more"');
        await page.waitForSelector('.short-legend li:nth-child(2)');
        assert.equal(await texts(page, '.panel h3'), ['Rates of all']);
        await retitle(page, 'Shop');
        await page.waitForSelector('#said >> text="Saved"');
        await shoot('dashboard');
        await page.reload();
        await page.waitForSelector('.dashboard-head h2 >> text="Shop"');
        await page.waitForSelector('.short-legend li:nth-child(2)');
        await page.click('.panel h3 a');
        await page.waitForSelector('.legend tbody tr:nth-child(2)');
        assert.match(page.url(), /areaMode=stacked/);
      });
    });

    it.slow('says when two people change one at once, and loses neither', async () => {
      await server.ask('/dashboards/both', {
        method: 'PUT',
        body: JSON.stringify({
          title: 'Both',
          panels: [{ title: 'P', targets: ['app.web1.rate'] }],
        }),
        headers: { 'content-type': 'application/json', 'if-none-match': '*' },
      });
      const view = 'page=dashboard&dashboard=both';
      const other = await open(server.port, view);
      await seen(server.port, view, {}, async ({ page, shoot }) => {
        for (const one of [page, other.page]) await one.waitForSelector('.short-legend li');
        await retitle(other.page, 'Theirs');
        await other.page.waitForSelector('#said >> text="Saved"');
        await retitle(page, 'Mine');
        await page.waitForSelector('text=/Somebody else has changed/');
        await shoot('dashboard-two-people');
        assert.is(((await server.json('/dashboards/both')) as Kept).title, 'Theirs');
        await page.click('text="Keep mine under another name"');
        await page.waitForSelector('.dashboard-head h2 >> text="Mine (mine)"');
        assert.match(page.url(), /dashboard=mine-mine/);
        assert.is(((await server.json('/dashboards/mine-mine')) as Kept).title, 'Mine (mine)');
      });
      await other.close();
    });

    it.slow('has variables, and takes what is pasted', async () => {
      await seen(server.port, 'page=dashboards', {}, async ({ page, shoot }) => {
        await page.click('text="Paste one"');
        const dashboard = {
          title: 'By host',
          variables: [{ name: 'host', query: 'app.*' }],
          panels: [
            { title: 'Rate of $host', targets: ['app.$host.rate'] },
            { title: 'Twice', targets: ['scale(app.$host.rate,2)'], options: { logBase: 10 } },
          ],
        };
        await page.fill('dialog textarea', JSON.stringify(dashboard));
        await page.click('text="Take over"');
        await page.waitForSelector('.short-legend li:nth-child(2)');
        await page.selectOption('.variable select', 'web2');
        await page.waitForSelector('.panel h3 >> text="Rate of web2"');
        assert.match(page.url(), /var-host=web2/);
        await page.waitForSelector('.short-legend >> text="scale(app.web2.rate,2)"');
        assert.is(await page.locator('.short-legend li').count(), 2);
        await shoot('dashboard-variables');
      });
    });

    it.slow(
      'opens those that come with tallyd, to be kept as one of the reader’s own',
      async () => {
        await seen(server.port, 'page=dashboard&dashboard=golden-signals', {}, async ({ page }) => {
          await page.click('text="Keep as my own"');
          await page.waitForSelector('#said >> text="Saved"');
          assert.match(page.url(), /dashboard=four-golden-signals/);
          const kept = (await server.json('/dashboards/four-golden-signals')) as Kept;
          assert.ok(kept.panels.length > 3);
        });
      },
    );
  });
});
