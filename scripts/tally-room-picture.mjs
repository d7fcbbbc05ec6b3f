// Makes doc/pictures/tally-room.png: the tally room of a real network on this machine, after a round and during the next. Needs
// Chromium (.ci/install-chromium) and a build: `npm run build && node scripts/tally-room-picture.mjs`.
import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts, startChild } from '../build/src/cli/child-process.js';
import { packagedConfig } from '../build/src/cli/package-files.js';
import { startBrowser } from '../build/test/support/chromium.js';
import { ProcessNetwork } from '../build/test/support/process-network.js';

const FILE = 'doc/pictures/tally-room.png';
const WIDTH = 1280;
// As all pictures of the documents.
const BYTES_MAX = 150_000;
const ROUNDS = 2;

// Slow enough to last for all rounds: a collector whose relay has gone takes no part in the next.
const EVENTS_A_SECOND = 60;

const [port, ...relayPorts] = await freePorts(4);
const logs = mkdtempSync(join(tmpdir(), 'privcount-picture-'));
const relays = relayPorts.map((relayPort, at) => {
  const events = packagedConfig(`demo/exit-${at + 1}.events.gz`);
  const pace = ['--rate', String(EVENTS_A_SECOND), '--stay'];
  const args = ['inject', '--port', String(relayPort), '--ip', '127.0.0.1', ...pace, '--log', events];
  return startChild(args, { logFile: join(logs, `relay-${at + 1}.log`) });
});
const network = await ProcessNetwork.start({
  name: 'demo',
  keepers: 3,
  threshold: 2,
  eventLogs: [],
  relayPorts,
  isTest: false,
  isNoiseOff: false,
  collectPeriod: 8,
  rounds: ROUNDS,
  room: `{ listen_port: ${port} }`,
});
const browser = await startBrowser();
try {
  const page = await browser.newPage({ viewport: { width: WIDTH, height: 900 }, colorScheme: 'light' });
  page.setDefaultTimeout(120_000);
  await network.logged('tally', ': keying');
  await page.goto(`http://127.0.0.1:${port}/`);
  // The first round is over, and the last one counts.
  await page
    .locator('.past-round')
    .nth(ROUNDS - 2)
    .waitFor();
  await page.locator('[aria-current=step]', { hasText: 'Counting' }).waitFor();
  await page.waitForTimeout(3_000);
  mkdirSync('doc/pictures', { recursive: true });
  const { y: footer } = await page.locator('footer').boundingBox();
  const clip = { x: 0, y: 0, width: WIDTH, height: Math.floor(footer) };
  await page.screenshot({ path: FILE, fullPage: true, clip });
} finally {
  await browser.close();
  await network.stop();
  await Promise.all(relays.map((relay) => relay.stop()));
  rmSync(logs, { recursive: true });
}
const { size } = statSync(FILE);
if (size > BYTES_MAX) throw new Error(`${FILE} has ${size} bytes, more than ${BYTES_MAX}`);
console.log(`${FILE}: ${size} bytes`);
