/** The tally room of a real tally, through whole rounds of real processes, in a real browser. */
import { spawnSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { type Browser } from 'playwright-core';
import { freePorts } from '../../src/cli/child-process.js';
import { packagedConfig } from '../../src/cli/package-files.js';
import { type RoomState } from '../../src/roles/room-state.js';
import {
  axeViolations,
  describeWithChromium,
  startBrowser,
  untilSo,
  watchPage,
} from '../support/chromium.js';
import { ProcessNetwork } from '../support/process-network.js';

const MAIN = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));
const SIZE = { keepers: 3, threshold: 2 };
const EVENT_LOGS = [1, 2].map((at) => packagedConfig(`demo/exit-${at}.events.gz`));

/** With noise, which alone costs of the budget. */
async function startWithRoom(): Promise<{ network: ProcessNetwork; port: number; monitorPort: number }> {
  const [port, monitorPort] = (await freePorts(2)) as [number, number];
  const room = `{ listen_port: ${port}, stay: true }\n  monitor: { listen_port: ${monitorPort} }`;
  const network = await ProcessNetwork.start({
    ...SIZE,
    eventLogs: EVENT_LOGS,
    isNoiseOff: false,
    isTest: false,
    room,
  });
  return { network, port, monitorPort };
}

describe('the tally room of a real tally', function () {
  this.timeout(400_000);

  let network: ProcessNetwork;
  let url: string;
  let port: number;
  let monitorPort: number;

  before(async () => {
    ({ network, port, monitorPort } = await startWithRoom());
    url = `http://127.0.0.1:${port}`;
  });

  after(() => network.stop());

  const state = async (): Promise<RoomState> =>
    (await fetch(`${url}/api/state`)).json() as Promise<RoomState>;

  it('shows the totals that are in the results, and nothing of a single collector', async () => {
    await network.logged('tally', 'the tally room stays until the tally is told to stop');
    const { past, budget, nodes, now } = await state();
    expect(now.isOver).to.equal(true);
    expect(nodes).to.deep.equal([]);
    expect(past.rounds.map(({ outcome, noise }) => [outcome, noise])).to.deep.equal([['released', 'on']]);
    expect(budget.entries.map(({ roundId }) => roundId)).to.deep.equal([past.rounds[0]!.roundId]);
    const { file } = past.rounds[0]!;
    const detail = (await (await fetch(`${url}/api/rounds/${file}`)).json()) as {
      counters: { name: string; bins: { total: string }[] }[];
    };
    const [tallies] = network.tallies();
    for (const { name, bins } of detail.counters)
      expect(bins.map(({ total }) => total)).to.deep.equal(tallies![name]!.bins.map(([, , total]) => total));
    expect(detail.counters.map(({ name }) => name)).to.include('ExitStreamByteHistogram');
    expect(await (await fetch(`${url}/results/${file}`)).json()).to.have.property('Tally');
  });

  it('stays alone: a monitor would warn of nodes that are away for good', async () => {
    const health = await fetch(`http://127.0.0.1:${monitorPort}/health`).catch(() => undefined);
    expect(health).to.equal(undefined);
    expect(network.linesOf('tally').join()).to.include(`the monitor listens at port ${monitorPort}`);
  });

  it('ends with the tally, when that is told to stop', async () => {
    const child = network.childOf('tally');
    child.process.kill('SIGTERM');
    expect(await child.ended).to.equal(0);
    expect(await fetch(url).catch(() => undefined)).to.equal(undefined);
  });

  it('does not let a tally start whose room has no port, or no good token', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(port, '127.0.0.1', resolve));
    const start = () =>
      spawnSync(process.execPath, [MAIN, 'ts', network.configOf('tally')], { encoding: 'utf8' });
    const refused = start();
    expect(refused.status).to.equal(4);
    expect(refused.stderr).to.include('change tally_server.room.listen_host or listen_port');
    await new Promise((resolve) => taken.close(resolve));
    const token = join(network.folder, 'room.token');
    const check = () => {
      const config = join(network.folder, 'network/tally/with-token.yaml');
      writeFileSync(config, network.textOf('tally').replace('stay: true', `token: ${token}`));
      return spawnSync(process.execPath, [MAIN, 'check', config], { encoding: 'utf8' });
    };
    expect(check().stderr).to.include('room.token: is missing; wanted: 32 to 256 characters');
    writeFileSync(token, 'x'.repeat(31), { mode: 0o600 });
    expect(check().stderr).to.include('holds no token').and.not.include('xxxx');
    writeFileSync(token, 'x'.repeat(32));
    chmodSync(token, 0o644);
    expect(check().stderr).to.include('can be used by others');
    chmodSync(token, 0o600);
    expect(check().stdout).to.include(`tally room: at 127.0.0.1 port ${port}`);
  });
});

describeWithChromium('the tally room of a real tally, in a browser', function () {
  this.timeout(400_000);

  let network: ProcessNetwork;
  let browser: Browser;

  before(async () => {
    browser = await startBrowser();
  });

  after(async () => {
    await browser.close();
    await network.stop();
  });

  it('follows a round from its first phase to its totals', async () => {
    const started = await startWithRoom();
    network = started.network;
    const url = `http://127.0.0.1:${started.port}`;
    const page = await browser.newPage();
    page.setDefaultTimeout(120_000);
    const { errors, asked } = watchPage(page);
    await untilSo(
      () =>
        fetch(url).then(
          ({ ok }) => ok,
          () => false,
        ),
      'the room is open',
    );
    await page.goto(url);
    await page.locator('[aria-current=step]', { hasText: 'Counting' }).waitFor();
    await page.getByText('3 of 3 keepers ready · 2 of 2 collectors ready').waitFor();
    // Nothing was loaded again: what comes now comes by itself.
    await page.getByText('All rounds are over. The tally takes no nodes any more').waitFor();
    await page.getByRole('link', { name: /^Round / }).click();
    await page.getByRole('row', { name: /^ExitStreamCount/ }).waitFor();
    await page.locator('.chart img').first().scrollIntoViewIfNeeded();
    await untilSo(
      () => page.evaluate<boolean>("document.querySelector('.chart img').naturalWidth > 100"),
      'a chart is drawn',
    );
    expect(await axeViolations(page)).to.deep.equal([]);
    expect(errors).to.deep.equal([]);
    expect(asked.filter((address) => !address.startsWith(`${url}/`))).to.deep.equal([]);
  });
});
