/** The explorer in a browser: find, tree, targets, chart, legend, range, and the view in the address. */
import type { TestServer } from '../http/client.ts';
import { assert, describe } from '../support/suite.ts';
import { seen, texts, withBrowser } from './browser.ts';
import { pageServer } from './page-server.ts';

const HOSTILE = 'odd.<img src=x onerror=alert(1)> "q" (it\'s) a,b|c*[x]{y}';

describe('the explorer', (it) => {
  withBrowser(it, 'all of the explorer', () => {
    let server: TestServer;
    it.before(async () => {
      server = await pageServer({
        'app.web1.rate': (i) => 100 + 20 * Math.sin(i / 20),
        'app.web2.rate': (i) => 50 + i / 10,
        'app.web3.rate': (i) => (i > 200 && i < 240 ? NaN : 400 - i),
        [HOSTILE]: () => 7,
      });
    });
    it.after(() => server.close());

    it('draws what is clicked in the tree, and more beside it', async () => {
      await seen(server.port, '', {}, async ({ page, shoot }) => {
        await page.click('.tree >> text="app"');
        await page.click('.tree >> text="web1"');
        await page.click('.tree >> text="rate"');
        await page.waitForSelector('.legend tbody tr');
        assert.equal(await texts(page, '.legend tbody .text'), ['app.web1.rate']);
        await page.click('.tree >> text="web2"');
        await page.click('.tree [data-path="app.web2.rate"]', { modifiers: ['Shift'] });
        await page.waitForSelector('.legend tbody tr:nth-child(2)');
        assert.equal(await texts(page, '.legend tbody .text'), ['app.web1.rate', 'app.web2.rate']);
        assert.equal(await texts(page, '.targets .letter'), ['A', 'B']);
        assert.match(page.url(), /#target=app\.web1\.rate&target=app\.web2\.rate$/);
        await shoot('two-targets');
        await page.keyboard.press('ArrowLeft');
        await page.goBack();
      });
    });

    it.slow('reopens a shared address to the same view, and goes back', async () => {
      const view = 'target=app.*.rate&target=scale(%23A,2)&off=B&sort=max down&from=-30min';
      await seen(server.port, view, {}, async ({ page, shoot }) => {
        await page.waitForSelector('.legend tbody tr:nth-child(3)');
        const names = ['app.web3.rate', 'app.web1.rate', 'app.web2.rate'];
        assert.equal(await texts(page, '.legend tbody .text'), names);
        assert.is(await page.innerText('.range summary'), 'last 30min');
        assert.equal(await texts(page, '.targets > .off .letter'), ['B']);
        await shoot('shared-address');
        await page.click('.targets .letter >> text="B"');
        await page.waitForSelector('.legend tbody tr:nth-child(6)');
        assert.ok((await texts(page, '.legend tbody .text')).includes('scale(app.web1.rate,2)'));
        await page.goBack();
        await page.waitForSelector('.targets > .off');
        await page.goForward();
        await page.waitForSelector('.legend tbody tr:nth-child(6)');
      });
    });

    it.slow('zooms by dragging, and back', async () => {
      await seen(server.port, 'target=app.web1.rate', {}, async ({ page, shoot }) => {
        await page.waitForSelector('.legend tbody tr');
        const box = (await page.locator('.u-over').boundingBox())!;
        await page.mouse.move(box.x + box.width * 0.25, box.y + 50);
        await page.mouse.down();
        await page.mouse.move(box.x + box.width * 0.75, box.y + 60, { steps: 4 });
        await page.mouse.up();
        await page.waitForURL(/until=/);
        const params = new URLSearchParams(new URL(page.url()).hash.slice(1));
        const seconds = Number(params.get('until')) - Number(params.get('from'));
        assert.ok(Math.abs(seconds - 1800) < 30, `half an hour is seen, not ${seconds} s`);
        assert.is(await page.getAttribute('text=Live', 'aria-pressed'), 'false');
        await shoot('zoomed');
        await page.goBack();
        await page.waitForURL(/rate$/);
        assert.is(await page.innerText('.range summary'), 'last 1h');
      });
    });

    it.slow('pans with shift: a picture moves, and what comes into sight is asked', async () => {
      await seen(server.port, 'target=app.web1.rate', {}, async ({ page, shoot }) => {
        await page.waitForSelector('.legend tbody tr');
        const box = (await page.locator('.u-over').boundingBox())!;
        const drawn = await page.evaluate('document.querySelector(".plot canvas").toDataURL()');
        await page.keyboard.down('Shift');
        await page.mouse.move(box.x + box.width * 0.5, box.y + 50);
        await page.mouse.down();
        await page.mouse.move(box.x + box.width * 0.75, box.y + 60, { steps: 4 });
        const moved = page.locator('.panned-picture canvas');
        const to = await moved.evaluate((canvas) => canvas.getBoundingClientRect().left);
        assert.ok(Math.abs(to - (box.x + box.width / 4)) < 2, `at ${to}`);
        assert.is(
          await page.evaluate('document.querySelector(".plot > .uplot canvas").toDataURL()'),
          drawn,
        );
        await shoot('panned');
        await page.mouse.up();
        await page.waitForURL(/until=/);
        assert.is(await page.locator('.panned-picture').count(), 0);
        const params = new URLSearchParams(new URL(page.url()).hash.slice(1));
        const seconds = Number(params.get('until')) - Number(params.get('from'));
        assert.ok(Math.abs(seconds - 3600) < 30, `still an hour, not ${seconds} s`);
      });
    });

    it.slow('shows values at the cursor, and sorts by any column', async () => {
      await seen(server.port, 'target=app.*.rate', {}, async ({ page }) => {
        await page.waitForSelector('.legend tbody tr:nth-child(3)');
        await page.hover('.u-over', { position: { x: 300, y: 100 } });
        await page.waitForSelector('.legend td.now:not(:empty)');
        assert.match(await page.innerText('.legend th.now'), /\d\d:\d\d:\d\d/);
        await page.click('.legend >> text="min"');
        await page.waitForSelector('[aria-sort=descending]');
        const names = ['app.web1.rate', 'app.web2.rate', 'app.web3.rate'];
        assert.equal(await texts(page, '.legend tbody .text'), names);
        await page.click('.legend >> text="app.web2.rate"');
        await page.waitForSelector('.legend tr.hidden:nth-child(3)');
        assert.match(page.url(), /hide=/);
      });
    });

    it.slow('shows an error under the column that it names', async () => {
      await seen(
        server.port,
        'target=scale(app.web1.rate)|&target=app.web2.rate',
        {},
        async (at) => {
          const { page, shoot } = at;
          await page.waitForSelector('.said .error');
          assert.match(await page.innerText('.said .error'), /column 22/);
          const lines = (await page.innerText('.said pre')).split('\n');
          assert.is(lines[1]?.indexOf('^'), 21);
          assert.equal(await texts(page, '.legend tbody .text'), ['app.web2.rate']);
          await shoot('error');
        },
      );
    });

    it('draws names that hold markup and the grammar, as text', async () => {
      await seen(server.port, '', {}, async ({ page, shoot }) => {
        await page.click('.tree >> text="odd"');
        await page.click('.tree [aria-label^="<img"]');
        await page.waitForSelector('.legend tbody tr');
        assert.equal(await texts(page, '.legend tbody .text'), [HOSTILE]);
        assert.is(await page.innerText('.legend tbody td:last-of-type'), '');
        assert.is(await page.locator('main img').count(), 0);
        await shoot('hostile-names');
      });
    });
  });
});
