/** The page of a running tallyd: the first metric on an empty server, tags, a phone, the dark. */
import { execFileSync } from 'node:child_process';
import { Server } from '../support/server.ts';
import { assert, describe } from '../support/suite.ts';
import { seen, withBrowser } from './browser.ts';

describe('the page of a running server', (it) => {
  withBrowser(it, 'all of a running server', () => {
    let server: Server;
    it.before(async () => {
      server = await Server.start();
    });
    it.after(() => server.remove());

    it.slow('shows lines to paste on an empty server, and draws what they send', async () => {
      await seen(server.port('http'), '', {}, async ({ page, shoot }) => {
        await page.waitForSelector('.first pre');
        const lines = await page.locator('.first code').allInnerTexts();
        assert.is(lines.length, 3);
        await shoot('empty-server');
        // The line as it stands, as its reader would run it.
        execFileSync('bash', ['-c', lines[1]!]);
        await page.waitForSelector('.legend tbody tr');
        assert.match(page.url(), /target=stats.*first\.metric/);
        await page.waitForSelector('.first', { state: 'detached' });
        await shoot('first-metric');
      });
    });

    it.slow('is readable on a phone and in the dark', async () => {
      const view = 'target=tallyd.*.received&target=tallyd.flush.series&from=-5min';
      await seen(server.port('http'), view, { phone: true }, async ({ page, shoot }) => {
        await page.waitForSelector('.legend tbody tr:nth-child(2)');
        const wide = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
        assert.ok((wide as number) <= 0, `${String(wide)} px wider than the phone`);
        await shoot('phone');
      });
      await seen(server.port('http'), view, { dark: true }, async ({ page, shoot }) => {
        await page.waitForSelector('.legend tbody tr:nth-child(2)');
        const back = await page.evaluate('getComputedStyle(document.body).backgroundColor');
        assert.is(back, 'rgb(18, 21, 26)');
        await shoot('dark');
      });
    });

    it.slow(
      'says in the overview what comes in and what was turned away, with a hint',
      async () => {
        const port = server.port('statsd udp');
        execFileSync('bash', ['-c', `echo 'lat<b>ency:1|zz' > /dev/udp/127.0.0.1/${port}`]);
        await seen(server.port('http'), 'page=overview', {}, async ({ page, shoot }) => {
          const turnedAway = page.locator('section[aria-label="Turned away"]');
          await turnedAway.locator('code >> text="lat<b>ency:1|zz"').waitFor();
          assert.match(await turnedAway.innerText(), /lines\.bad: badType/);
          await page.waitForSelector('.panels .short-legend li');
          await shoot('overview');
          await page.click('.figures a >> nth=0');
          await page.waitForSelector('.legend tbody tr');
          assert.match(page.url(), /#target=tallyd/);
        });
      },
    );

    it.slow('lists tagged series by tag and value', async () => {
      const port = server.port('statsd udp');
      execFileSync('bash', [
        '-c',
        `echo 'hits:1|c|#host:web1,zone:a' > /dev/udp/127.0.0.1/${port}`,
      ]);
      await server.until(async () => {
        const tags = await server.json<unknown[]>('/tags');
        return tags.length > 0;
      }, 'tags');
      await seen(server.port('http'), '', {}, async ({ page }) => {
        await page.click('.names >> text="Tags"');
        await page.click('.tags summary >> text="zone"');
        await page.click('.tags li >> text="a"');
        await page.waitForSelector('.legend tbody tr');
        assert.is(await page.inputValue('.targets textarea'), "seriesByTag('zone=a')");
      });
    });
  });
});
