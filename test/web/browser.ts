/**
 * Debian's chromium without a window, and the page in it. Every error of the page, every request to
 * anywhere else and every cookie fails the test that it happens in. With TALLYD_SCREENSHOTS=folder
 * each test leaves pictures there.
 */
import fs from 'node:fs';
import path from 'node:path';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { assert, type It } from '../support/suite.ts';

const CHROMIUM = '/usr/bin/chromium';
/** What is not to be seen in less fails: mostly a missing element. */
const PATIENCE_MS = 15_000;

export interface Opened {
  page: Page;
  context: BrowserContext;
  /** A picture of what is seen, where pictures are wanted. */
  shoot(name: string): Promise<void>;
  /** Answers without the page's errors; throws when there are any. */
  close(): Promise<void>;
}

interface Look {
  dark?: boolean;
  phone?: boolean;
}

let browser: Browser | undefined;

/** Defines tests that need a browser; skips them aloud, by the package's name, where there is none. */
export function withBrowser(it: It, name: string, define: () => void): void {
  if (!fs.existsSync(CHROMIUM)) {
    it.skipAloud(name, 'Debian package chromium');
    return;
  }
  it.after(async () => {
    await browser?.close();
    browser = undefined;
  });
  define();
}

/** Opens the page of a server on this machine; `hash` is the view. */
export async function open(port: number, hash = '', look: Look = {}): Promise<Opened> {
  const { dark = false, phone = false } = look;
  const origin = `http://127.0.0.1:${port}`;
  // Some runs leave every test of a file out.
  browser ??= await chromium.launch({
    executablePath: CHROMIUM,
    args: ['--no-sandbox', '--disable-dev-shm-usage'],
  });
  const context = await browser.newContext({
    viewport: phone ? { width: 390, height: 844 } : { width: 1280, height: 800 },
    colorScheme: dark ? 'dark' : 'light',
    isMobile: phone,
    hasTouch: phone,
    timezoneId: 'UTC',
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  const wrong: string[] = [];
  page.on('pageerror', (error) => wrong.push(`error: ${error.message}`));
  page.on('console', (message) => {
    // Chromium itself tells of each 4xx that a page is answered.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) {
      wrong.push(`console: ${message.text()}`);
    }
  });
  page.on('request', (request) => {
    const url = request.url();
    if (!url.startsWith(`${origin}/`) && !url.startsWith('data:')) wrong.push(`request: ${url}`);
  });
  await page.goto(`${origin}/#${hash}`);
  return {
    page,
    context,
    async shoot(name) {
      const folder = process.env['TALLYD_SCREENSHOTS'];
      if (folder !== undefined) await page.screenshot({ path: path.join(folder, `${name}.png`) });
    },
    async close() {
      const cookies = await context.cookies();
      await context.close();
      assert.equal([...wrong, ...cookies.map(({ name }) => `cookie ${name}`)], []);
    },
  };
}

/** Runs with the page open, and closes it. */
export async function seen(
  port: number,
  hash: string,
  look: Look,
  body: (opened: Opened) => Promise<void>,
): Promise<void> {
  const opened = await open(port, hash, look);
  let isDone = false;
  try {
    await body(opened);
    isDone = true;
  } finally {
    if (isDone) await opened.close();
    else await opened.context.close();
  }
}

/** The texts of all elements of a selector. */
export function texts(page: Page, selector: string): Promise<string[]> {
  return page.locator(selector).allInnerTexts();
}
