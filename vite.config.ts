/** The tally room's page (doc/decisions/0035): from src/page to build/page, which the package brings along. */
import { defineConfig } from 'vite';

export default defineConfig({
  root: 'src/page',
  logLevel: 'warn',
  build: {
    outDir: '../../build/page',
    emptyOutDir: true,
    // Browsers of 2024 on: `light-dark()` of CSS.
    target: ['chrome123', 'firefox120', 'safari17.5'],
    // Everything is in one file, and the policy of the page allows no script in the page itself.
    modulePreload: false,
    assetsInlineLimit: 0,
    sourcemap: false,
  },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
});
