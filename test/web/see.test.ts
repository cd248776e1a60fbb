/** Seeing in a browser: events, values, axes, and the distribution of a timer. */
import type { TestServer } from '../http/client.ts';
import { testServer } from '../http/client.ts';
import { sketchStore } from '../query/support/sketch-store.ts';
import { assert, describe } from '../support/suite.ts';
import { seen, texts, withBrowser } from './browser.ts';
import { nowSeconds, pageServer } from './page-server.ts';

describe('drawings of the page', (it) => {
  withBrowser(it, 'all of the drawings', () => {
    let server: TestServer;
    it.before(async () => {
      server = await pageServer({
        'app.web1.rate': (i) => 100 + 20 * Math.sin(i / 20),
        'app.web2.rate': (i) => (i % 90 > 70 ? NaN : 10_000 + 5000 * Math.cos(i / 30)),
        ...Object.fromEntries(Array.from({ length: 250 }, (_, i) => [`many.n${i}`, () => i])),
      });
      const event = { what: 'deploy <b>42</b>', tags: ['shop'], when: nowSeconds() - 1200 };
      await server.ask('/events', {
        body: JSON.stringify(event),
        headers: { 'content-type': 'application/json' },
      });
    });
    it.after(() => server.close());

    it.slow('marks events, and lists them as text', async () => {
      await seen(server.port, 'target=app.web1.rate', {}, async ({ page, shoot }) => {
        await page.waitForSelector('.events li');
        assert.match(await page.innerText('.events'), /deploy <b>42<\/b>\s*shop/);
        await shoot('events');
        await page.click('text="Look"');
        await page.selectOption('.look label:has-text("Events") select', 'off');
        await page.waitForSelector('.events:empty', { state: 'attached' });
      });
    });

    it.slow('has two axes, a logarithmic scale, stacks, and a table of values', async () => {
      const view = 'target=app.web1.rate&target=secondYAxis(app.web2.rate)';
      await seen(server.port, view, {}, async ({ page, shoot }) => {
        await page.waitForSelector('.legend tbody tr:nth-child(2)');
        await shoot('two-axes');
        await page.click('text="Look"');
        await page.selectOption('.look label:has-text("Areas") select', 'stacked');
        await page.selectOption('.look label:has-text("Scale") select', '10');
        await page.selectOption('.look label:has-text("Nulls") select', 'true');
        assert.match(page.url(), /areaMode=stacked&logBase=10&drawNullAsZero=true/);
        await page.keyboard.press('Escape');
        await page.click('text="Values"');
        await page.waitForSelector('.values tbody tr:nth-child(200)');
        assert.match(
          await page.innerText('.note >> text=/times shown/'),
          /^200 of 36\d times shown$/,
        );
        await shoot('stacked-logarithmic');
      });
    });

    it.slow('says how many of how many series are shown', async () => {
      await seen(server.port, 'target=many.*&from=-10min', {}, async ({ page }) => {
        await page.waitForSelector('.said >> text="100 of 250 series shown"');
        assert.is((await texts(page, '.legend tbody tr')).length, 100);
      });
    });

    it.slow('draws the distribution of a timer with its percentiles', async () => {
      const slots = Array.from({ length: 60 }, (_, i) =>
        Array.from({ length: 30 }, (_, j) => 10 + ((i * 7 + j * j) % 90) + (j === 7 ? 300 : 0)),
      );
      const sketched = { 'stats.timers.web1.latency': { step: 60, slots } };
      const column = { step: 60, values: slots.map((values) => Math.max(...values)) };
      const store = sketchStore(sketched, { 'stats.timers.web1.latency.upper_90': column });
      const timers = await testServer(store, { nowSeconds: () => 3600 });
      try {
        const view = 'target=alias(stats.timers.web1.latency.upper_90,"p90")&from=0&until=3600';
        await seen(timers.port, view, {}, async ({ page, shoot }) => {
          await page.waitForSelector('.legend tbody tr');
          await page.click('summary[title=Functions]');
          await page.click('.functions >> text="Distribution as a heatmap"');
          await page.waitForSelector('.legend tbody tr:nth-child(3)');
          assert.is(await page.innerText('.heat code'), 'stats.timers.web1.latency');
          assert.match((await texts(page, '.legend tbody .text')).join(), /,50\).*,90\).*,99\)/);
          await page.waitForTimeout(100);
          await shoot('heatmap');
          await page.click('text="Back to the lines"');
          await page.waitForSelector('.legend >> text="p90"');
        });
      } finally {
        await timers.close();
      }
    });
  });
});
