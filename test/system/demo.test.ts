/** `privcount demo`, as a newcomer runs it: from keys to charts. */
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { grouped } from '../../src/results/decimal.js';
import { parseResultFile } from '../../src/results/result-file.js';
import { withFolderAsync } from '../io/temporary-folder.js';

const MAIN = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));
const run = promisify(execFile);

describe('privcount demo', function () {
  // Ten processes on a machine that tests keep busy.
  this.timeout(300_000);

  it(
    'prints its totals and draws them, each with the number that was published',
    withFolderAsync(async (parent) => {
      const folder = join(parent, 'demo');
      const { stdout } = await run(process.execPath, [MAIN, 'demo', '--folder', folder, '--seconds', '4']);
      const results = join(folder, 'network/tally/results');
      const outcome = readdirSync(results).find((name) => name.startsWith('privcount.outcome.'))!;
      const { counters } = parseResultFile(readFileSync(join(results, outcome), 'utf8'));
      const drawn = counters.filter(({ name }) => name !== 'ZeroCount');
      const page = readFileSync(join(folder, 'charts/privcount.results.html'), 'utf8');
      for (const { name, bins } of drawn) {
        for (const { total } of bins) {
          expect(stdout).to.include(total);
          expect(page).to.include(`<td>${grouped(total)}</td>`);
        }
        expect(readFileSync(join(folder, `charts/${name}.svg`), 'utf8')).to.include(`aria-label="${name}: `);
      }
      expect(drawn.length).to.be.greaterThan(5);
      expect(stdout).to.match(/^Charts: .*charts\/privcount\.results\.html, a page for your browser/m);
    }),
  );
});
