/** Finding in a browser: any part of a name or a tag's value, as one types, by keys alone. */
import { assert, describe } from '../support/suite.ts';
import { seen, texts, withBrowser } from './browser.ts';
import { pageServer } from './page-server.ts';

const APPS = 'shop checkout search billing login catalog mail cart stock ads'.split(' ');
const STATS = 'count mean median upper upper_90 upper_99 lower sum std count_ps'.split(' ');

function* names(count: number): Generator<string> {
  for (let i = 0; i < count; i++) {
    const host = `web${String(Math.floor(i / 100)).padStart(5, '0')}`;
    yield `stats.timers.${host}.${APPS[Math.floor(i / 10) % 10]}.latency.${STATS[i % 10]}`;
  }
}

async function findIn(count: number, picture: string): Promise<void> {
  const found = 'stats.timers.web00007.checkout.latency.upper_99';
  const server = await pageServer({ [found]: (i) => i, 'disk;host=web<b>7': () => 1 });
  server.store.declare(names(count));
  try {
    await seen(server.port, '', {}, async ({ page, shoot }) => {
      await page.keyboard.press('/');
      await page.keyboard.type('upper_99 CHECK web00007');
      await page.waitForSelector(`#hits li[title="${found}"]`, { timeout: 60_000 });
      assert.is((await texts(page, '#hits li'))[0], found);
      await page.keyboard.press('Enter');
      await page.waitForSelector('.legend tbody tr');
      assert.equal(await texts(page, '.legend tbody .text'), [found]);

      await page.fill('.find input', 'latency');
      await page.waitForSelector('.find .note >> text=/50 of .*shown/');
      await shoot(picture);
      await page.fill('.find input', 'nowhere to be found');
      await page.waitForSelector('.find .note >> text=/nothing holds/');

      await page.fill('.find input', 'service=web0000* what=shop.latency stat=upper_99 by service');
      await page.waitForSelector('#hits li >> text="all 10 lines"');
      assert.is((await texts(page, '#hits li'))[1], 'web00000');
      await page.keyboard.press('Enter');
      await page.waitForSelector('.legend tbody tr:nth-child(10)');
      assert.is((await texts(page, '.legend tbody .text'))[9], 'web00009');
      await shoot(`${picture}-by-tags`);
      await page.fill('.find input', 'service=web00007 by');
      await page.waitForSelector('.find .note >> text=/expected/');

      await page.fill('.find input', 'b>7');
      await page.waitForSelector('#hits li.tag');
      await page.keyboard.press('Shift+Enter');
      await page.waitForSelector('.legend tbody tr:nth-child(2)');
      assert.ok((await texts(page, '.legend tbody .text')).includes('disk;host=web<b>7'));
    });
  } finally {
    await server.close();
  }
}

describe('the find box', (it) => {
  withBrowser(it, 'all of the find box', () => {
    it.slow('finds any part of a name, ranked, and draws it by Enter', async () => {
      await findIn(5000, 'search');
    });

    const million = async (): Promise<void> => findIn(1_000_000, 'search-million');
    it.slow('does so among 1,000,000 names', million, { timeoutMs: 60_000 });
  });
});
