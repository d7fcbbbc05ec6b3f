/** A real browser: Debian's Chromium (.ci/install-chromium), without a window. */
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import axe from 'axe-core';
import { type Browser, chromium, type Page } from 'playwright-core';

const NAMES = ['chromium', 'chromium-browser'];

const found = (process.env['PATH'] ?? '')
  .split(delimiter)
  .flatMap((folder) => NAMES.map((name) => join(folder, name)))
  .find((path) => existsSync(path));

/** A suite that needs a browser; where there is none it is skipped by name. */
export function describeWithChromium(title: string, define: (this: Mocha.Suite) => void): void {
  if (found !== undefined) describe(title, define);
  else describe.skip(`${title} (there is no chromium on the PATH)`, define);
}

export function startBrowser(): Promise<Browser> {
  // Containers give neither the rights of its sandbox nor much shared memory; it sees our own pages only.
  return chromium.launch({ executablePath: found!, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
}

export type PageFaults = {
  /** What the page's console or a script of it said was wrong. */
  readonly errors: string[];
  /** Every address that was asked for. */
  readonly asked: string[];
  /** How many bytes came for the page's own files, as they were sent. */
  bytes: () => Promise<number>;
};

/** Notes from now on what the page does. */
export function watchPage(page: Page): PageFaults {
  const errors: string[] = [];
  const asked: string[] = [];
  const sizes: Promise<number>[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text());
  });
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('request', (request) => asked.push(request.url()));
  page.on('requestfinished', (request) => {
    const { pathname } = new URL(request.url());
    if (/^\/(api|results|charts)\//.test(pathname)) return;
    sizes.push(
      request
        .sizes()
        .then(({ responseBodySize, responseHeadersSize }) => responseBodySize + responseHeadersSize),
    );
  });
  return {
    errors,
    asked,
    bytes: async () => (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0),
  };
}

/** What the accessibility checker finds wrong, in a line each. */
export async function axeViolations(page: Page): Promise<string[]> {
  // The page's policy lets no script in; the debugger's own is not asked.
  await page.evaluate(axe.source);
  const found = await page.evaluate(async () => {
    const { axe: inPage } = globalThis as unknown as { axe: Pick<typeof axe, 'run'> };
    const { violations } = await inPage.run();
    return violations.map(({ id, nodes }) => ({ id, targets: nodes.map(({ target }) => String(target)) }));
  });
  return found.map(({ id, targets }) => `${id}: ${targets.join(', ')}`);
}

/** Long, for a loaded machine. */
const SO_MS_MAX = 60_000;

export async function untilSo(isSo: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const startMs = performance.now();
  while (!(await isSo())) {
    if (performance.now() - startMs > SO_MS_MAX) throw new Error(`not within ${SO_MS_MAX} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
