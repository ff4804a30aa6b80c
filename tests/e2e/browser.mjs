import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { kRoot } from './platform.mjs';

const kScreenshots = join(kRoot, 'build', 'screenshots');
const kArguments = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const kWaitMs = 15_000;

/** Headless Chromium with a profile of its own, which goes when it is closed. */
export function launchBrowser() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
    headless: true,
    args: kArguments,
  });
}

/** Runs `task` in a browser session of its own, which ends in any case. */
export async function visiting(browser, url, options, task) {
  const visit = await Visit.begin(browser, url, options);
  try {
    await task(visit);
  } catch (error) {
    const complaints = visit.complaints.join('\n');
    await visit.context.close();
    if (complaints) error.message += `\nThe page complained:\n${complaints}`;
    throw error;
  }
  await visit.end();
}

/** One person's visit to the page, in a browser session of its own. */
export class Visit {
  /** What the page complained about: errors on the console, exceptions, breaches of its policy. */
  complaints = [];
  #ignored = [];

  static async begin(browser, url, { theme = 'light', width = 1440, height = 900 } = {}) {
    const visit = new Visit();
    visit.theme = theme;
    visit.width = width;
    visit.context = await browser.newContext({
      baseURL: url,
      colorScheme: theme,
      viewport: { width, height },
    });
    visit.context.setDefaultTimeout(kWaitMs);
    await visit.context.addInitScript(() => {
      document.addEventListener('securitypolicyviolation', (event) => {
        console.error(`content security policy: ${event.violatedDirective} ${event.blockedURI}`);
      });
    });
    visit.page = await visit.context.newPage();
    visit.page.on('pageerror', (error) => visit.#complain(String(error.stack ?? error)));
    visit.page.on('console', (message) => {
      if (message.type() !== 'error') return;
      visit.#complain(`${message.text()} (${message.location().url})`);
    });
    // Without a cookie the page asks for its session all the same, and is told that there is none.
    visit.ignore(/401 .*\/api\/auth\/refresh\)$/);
    return visit;
  }

  #complain(text) {
    if (!this.#ignored.some((pattern) => pattern.test(text))) this.complaints.push(text);
  }

  /** From now on, complaints like this are expected. */
  ignore(pattern) {
    this.#ignored.push(pattern);
  }

  /** Ends the visit. Fails when the page has complained. */
  async end() {
    await this.context.close();
    assert.deepEqual(this.complaints, []);
  }

  by(testId) {
    return this.page.getByTestId(testId);
  }

  async login({ email, password }) {
    await this.page.goto('/login');
    await this.by('login-email').fill(email);
    await this.by('login-password').fill(password);
    await this.by('login-submit').click();
    await this.by('live-state').waitFor();
  }

  /** By the navigation that this width shows. */
  async go(path) {
    const link = this.page.locator(`a[href="${path}"]`).filter({ visible: true });
    const more = this.page.locator('nav').getByRole('button', { name: 'More' });
    if (!(await link.count()) && (await more.isVisible())) await more.click();
    await link.first().click();
    await this.page.waitForURL((url) => url.pathname === path);
  }

  /** Waits until the connection is in one of these states, as the page tells it. */
  async liveState(...states) {
    const texts = states.map((state) => `(?:${state})`).join('|');
    await this.by('live-state')
      .filter({ hasText: new RegExp(`^(?:${texts})$`) })
      .waitFor();
  }

  /** Waits until a chart's newest reading is newer than `than`, and returns its time. */
  async newerReading(field, than = 0) {
    const chart = this.by(`chart-${field}`);
    await chart.waitFor();
    const newest = async () => Date.parse((await chart.getAttribute('data-last')) ?? '') || 0;
    await this.page.waitForFunction(
      ([id, time]) => {
        const { last, points } = document.querySelector(`[data-testid="${id}"]`)?.dataset ?? {};
        return Number(points) > 0 && Date.parse(last) > time;
      },
      [`chart-${field}`, than],
    );
    return newest();
  }

  /** Waits until nothing is loading any more. */
  async settle() {
    const loading = this.page.locator('.MuiSkeleton-root, main .MuiLinearProgress-root');
    await loading.filter({ visible: true }).first().waitFor({ state: 'detached' });
    await this.page.evaluate(() => document.fonts.ready);
  }

  /** Fails when the page is wider than the window, naming what sticks out. */
  async fitsWidth() {
    const { width, available, wide } = await this.page.evaluate(() => ({
      width: document.scrollingElement.scrollWidth,
      available: window.innerWidth,
      wide: [...document.body.querySelectorAll('*')]
        .filter((element) => element.getBoundingClientRect().right > window.innerWidth + 1)
        .slice(0, 5)
        .map((element) => element.outerHTML.slice(0, 120)),
    }));
    const where = `${new URL(this.page.url()).pathname} at ${this.width}`;
    assert.ok(width <= available, `${where} is ${width} px wide: ${wide.join('\n')}`);
  }

  /** Fails when the page is wider than the window; else a screenshot. */
  async look(name) {
    await this.settle();
    await this.fitsWidth();
    await this.screenshot(name);
  }

  /** build/screenshots/<name>-<theme>-<width>.png, of what the window shows. */
  async screenshot(name) {
    await this.settle();
    const theme = await this.page.locator('html').getAttribute('data-theme');
    assert.equal(theme, this.theme, 'the page follows the colour scheme of the system');
    mkdirSync(kScreenshots, { recursive: true });
    await this.page.mouse.move(0, 0);
    await this.page.screenshot({
      path: join(kScreenshots, `${name}-${this.theme}-${this.width}.png`),
      animations: 'disabled',
    });
  }
}
