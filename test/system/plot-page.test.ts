/** The page that plot writes, in a real browser. */
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { writeFileSync } from 'node:fs';
import { expect } from 'chai';
import { type Browser } from 'playwright-core';
import { runCommand } from '../cli/run-command.js';
import { withFolderAsync } from '../io/temporary-folder.js';
import { axeViolations, describeWithChromium, startBrowser, watchPage } from '../support/chromium.js';

const EXAMPLE = resolve('doc/examples/privcount.outcome.1795296528-1795296536.json');
const HOSTILE = `"><img src=x onerror=alert(1)><script>alert('1')</script>`;

describeWithChromium('the page of privcount plot in a browser', function () {
  let browser: Browser;
  before(async () => {
    browser = await startBrowser();
  });
  after(() => browser.close());

  for (const [scheme, width] of [
    ['light', 1100],
    ['dark', 360],
  ] as const) {
    it(
      `has nothing that keeps people out, asks nobody and runs nothing: ${scheme}, ${width} pixels`,
      withFolderAsync(async (folder) => {
        const tallies = join(folder, 'hostile.json');
        const bins = Array.from({ length: 200 }, (_, at) => [at, at + 1, String(at - 50)]);
        writeFileSync(tallies, JSON.stringify({ [HOSTILE]: { bins, effective_sigma: 10 } }));
        const run = await runCommand(
          'plot',
          EXAMPLE,
          '-o',
          tallies,
          HOSTILE,
          '--formats',
          'html',
          '--folder',
          folder,
        );
        expect(run.message).to.equal('');
        const context = await browser.newContext({ colorScheme: scheme, viewport: { width, height: 800 } });
        const page = await context.newPage();
        const { errors, asked } = watchPage(page);
        const address = pathToFileURL(join(folder, 'privcount.results.html')).href;
        await page.goto(address);
        await page.locator('summary').first().click();
        expect(await page.locator('table').first().isVisible()).to.equal(true);
        expect(await page.locator('img, script').count()).to.equal(0);
        expect(await axeViolations(page)).to.deep.equal([]);
        expect(Number(await page.evaluate('document.documentElement.scrollWidth'))).to.be.at.most(width);
        expect([errors, asked]).to.deep.equal([[], [address]]);
        await context.close();
      }),
    );
  }
});
