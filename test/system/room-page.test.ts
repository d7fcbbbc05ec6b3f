/** The tally room's page in a real browser, with a state in the test's hand. */
import { expect } from 'chai';
import { type Browser, type Page } from 'playwright-core';
import { type RoomState } from '../../src/roles/room-state.js';
import {
  axeViolations,
  describeWithChromium,
  type PageFaults,
  startBrowser,
  untilSo,
  watchPage,
} from '../support/chromium.js';
import {
  COUNTERS,
  node,
  outcomeJson,
  outcomeName,
  pastLine,
  roomState,
  runningRound,
} from '../support/room-states.js';
import { openRoom, type RoomWorld } from '../support/room-world.js';

const RELEASED = 1_795_298_074;
const ABORTED = 1_795_298_374;
const LARGE = 1_795_298_674;
const REASON = "2 collectors are fewer than network.yaml's dc_threshold, 3";
/** Item 3 of the tally room: gzipped, in all. */
const PAGE_BYTES_MAX = 150_000;

const MANY = Object.fromEntries(
  Array.from({ length: 300 }, (_, at) => [
    `Own${at}Histogram`,
    { bins: [[0, 10, String(at)] as const, [10, 'Infinity', '-3'] as const], sigma: 9 },
  ]),
);

const RESULTS = {
  [outcomeName(RELEASED)]: outcomeJson({ begin: RELEASED, counters: COUNTERS }),
  [outcomeName(ABORTED)]: outcomeJson({ begin: ABORTED, reason: REASON }),
  [outcomeName(LARGE)]: outcomeJson({ begin: LARGE, counters: MANY }),
};
const PAST: RoomState['past'] = {
  rounds: [
    pastLine(LARGE),
    pastLine(ABORTED, { outcome: 'aborted', reason: REASON, collectors: 0, leftOut: 1 }),
    pastLine(RELEASED),
  ],
  faults: [{ file: outcomeName(9), problem: 'it is not JSON' }],
  unread: 0,
};
const { now, budget } = roomState();
const FULL = roomState({
  past: PAST,
  nodes: [
    node('keeper-1'),
    node('collector-1', { skewMs: 95_000 }),
    node('collector-2', { state: 'silent' }),
  ],
  now: {
    ...now,
    rounds: [runningRound({ phase: 'voting', waitingFor: ['keeper-2'] })],
    refusals: [{ reason: 'too soon', fromMs: 5 }],
    warnings: [
      { names: ['collector-2', 'collector-3'], text: 'is not connected', advice: 'ask its operator' },
    ],
  },
  budget: {
    ...budget,
    spentEpsilon: 0.3,
    entries: [{ roundId: 'ab'.repeat(16), atMs: now.atMs - 9_000, epsilon: 0.3, togetherEpsilon: 0.3 }],
  },
});

describeWithChromium('the page of the tally room', function () {
  // A loaded machine takes long to start a browser; what hangs fails all the same.
  this.timeout(180_000);

  let browser: Browser;
  let room: RoomWorld;
  let page: Page;
  let faults: PageFaults;

  before(async () => {
    browser = await startBrowser();
  });

  after(() => browser.close());

  async function enter(state: RoomState, options: Parameters<Browser['newPage']>[0] = {}): Promise<void> {
    room = await openRoom({ state, results: RESULTS });
    page = await browser.newPage(options);
    page.setDefaultTimeout(60_000);
    faults = watchPage(page);
    await page.goto(room.url);
    await page.getByText('live', { exact: true }).waitFor();
  }

  afterEach(async () => {
    await page.close();
    await room.close();
  });

  const looks = {
    'in light': { colorScheme: 'light' },
    'in dark': { colorScheme: 'dark' },
    'on a phone': { viewport: { width: 360, height: 740 } },
  } as const;

  for (const [look, options] of Object.entries(looks)) {
    it(`has no barrier that axe finds, ${look}, and fits`, async () => {
      await enter(FULL, options);
      const fits = () => page.evaluate<boolean>('document.documentElement.scrollWidth <= innerWidth');
      expect(await axeViolations(page)).to.deep.equal([]);
      expect(await fits()).to.equal(true);
      for (const begin of [RELEASED, ABORTED]) {
        await page.goto(`${room.url}/#round=${outcomeName(begin)}`);
        await page.getByRole('heading', { name: 'Downloads' }).waitFor();
        expect(await axeViolations(page)).to.deep.equal([]);
        expect(await fits()).to.equal(true);
      }
      expect(faults.errors).to.deep.equal([]);
    });
  }

  it('asks for nothing but its own tally, and is small', async () => {
    await enter(FULL);
    await page.goto(`${room.url}/#round=${outcomeName(RELEASED)}`);
    await page.locator('.chart img').first().scrollIntoViewIfNeeded();
    await untilSo(() => faults.asked.some((address) => address.includes('/charts/')), 'a chart is asked for');
    expect(faults.asked.filter((address) => !address.startsWith(`${room.url}/`))).to.deep.equal([]);
    expect(await faults.bytes()).to.be.within(5_000, PAGE_BYTES_MAX);
    expect(faults.errors).to.deep.equal([]);
  });

  it('shows what changes as it changes, and the name of each phase', async () => {
    await enter(roomState());
    await page.getByText('Waiting for 3 keepers.').waitFor();
    for (const [phase, title] of [
      ['keying', 'Keys'],
      ['collecting', 'Counting'],
      ['answering', 'Opening'],
    ] as const) {
      room.show({ ...FULL, now: { ...FULL.now, rounds: [runningRound({ phase })] } });
      await page.locator('[aria-current=step]', { hasText: title }).waitFor();
    }
    await page.getByText('2 nodes, each is not connected').waitFor();
    await page.getByText('Too soon.').waitFor();
  });

  it('shows totals with their intervals, and says which may be noise alone', async () => {
    await enter(FULL);
    await page.goto(`${room.url}/#round=${outcomeName(RELEASED)}`);
    const streams = page.getByRole('row', { name: /^ExitStreamCount/ });
    await streams.waitFor();
    expect(await streams.innerText()).to.match(/12,345 streams\s+12,267 to 12,423/);
    const ipv6 = page.getByRole('row', { name: /^ExitIPv6StreamCount/ });
    expect(await ipv6.innerText()).to.match(/May be noise alone.*\s−17 streams\s+−95 to 61/s);
    await page.getByText('1 of 3 totals may be noise alone').waitFor();
    expect(await page.getByText('ZeroCount').count()).to.equal(0);
  });

  it('shows no total without its interval on a phone', async () => {
    const width = 360;
    await enter(FULL, { viewport: { width, height: 740 } });
    await page.goto(`${room.url}/#round=${outcomeName(RELEASED)}`);
    for (const interval of ['12,267 to 12,423', '−95 to 61', '42 to 120', '1,035 to 1,113']) {
      const cell = await page.getByRole('cell', { name: interval }).boundingBox();
      expect(cell!.x + cell!.width, interval).to.be.at.most(width);
    }
  });

  it('draws a chart in the colours of the theme that is chosen', async () => {
    await enter(FULL, { colorScheme: 'light' });
    await page.goto(`${room.url}/#round=${outcomeName(RELEASED)}`);
    const image = page.locator('.chart img');
    const isDrawn = () =>
      image.evaluate((element) => (element as unknown as { naturalWidth: number }).naturalWidth > 100);
    await image.scrollIntoViewIfNeeded();
    await untilSo(isDrawn, 'the chart is drawn');
    expect(await image.getAttribute('src')).to.match(/\.svg$/);
    await page.getByLabel('Theme').selectOption('dark');
    await page.locator('.chart img[src$="?dark"]').waitFor();
    await untilSo(isDrawn, 'the chart is drawn in dark');
    await page.reload();
    await page.locator('html[data-theme=dark]').waitFor();
  });

  it('gives what there is to download, byte by byte', async () => {
    await enter(FULL);
    await page.goto(`${room.url}/#round=${outcomeName(RELEASED)}`);
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: /\.csv$/ }).click(),
    ]);
    expect(download.suggestedFilename()).to.equal(outcomeName(RELEASED).replace('json', 'csv'));
    const chunks: Buffer[] = [];
    for await (const chunk of await download.createReadStream()) chunks.push(chunk as Buffer);
    expect(Buffer.concat(chunks).toString()).to.match(/^experiment,.*ExitStreamCount/s);
  });

  it('never shows totals of an aborted round, but why there are none', async () => {
    await enter(FULL);
    await page
      .getByRole('link', { name: /21 Nov 2026/ })
      .nth(1)
      .click();
    await page.getByText(`Nothing was released: ${REASON}.`).waitFor();
    await page.getByText('Who caused it: collector-3.').waitFor();
    expect(await page.getByRole('table').count()).to.equal(0);
    expect(await page.locator('img').count()).to.equal(0);
  });

  it('can be used by keyboard alone: to a round and back', async () => {
    await enter(FULL);
    const focused = () => page.evaluate<string>('document.activeElement.textContent');
    await page.keyboard.press('Tab');
    expect(await focused()).to.equal('Skip to the content');
    const tabTo = async (text: string): Promise<void> => {
      for (let at = 0; at < 60 && !(await focused()).includes(text); at += 1)
        await page.keyboard.press('Tab');
      expect(await focused()).to.include(text);
    };
    await tabTo('Rounds');
    await tabTo('Round 00000000 of');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Totals' }).waitFor();
    expect(await page.evaluate('document.activeElement.tagName')).to.equal('H1');
    await page.getByRole('link', { name: 'Skip to the content' }).focus();
    await page.keyboard.press('Enter');
    expect(await page.evaluate('document.activeElement.id')).to.equal('main');
    await page.keyboard.press('Tab');
    expect(await focused()).to.equal('← All rounds');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Privacy budget' }).waitFor();
  });

  it('finds one of hundreds of counters, and shows more when asked', async () => {
    await enter(FULL);
    await page.goto(`${room.url}/#round=${outcomeName(LARGE)}`);
    await page.getByText('300 counters').waitFor();
    expect(await page.locator('.counter').count()).to.equal(12);
    await page.getByRole('button', { name: /Show more/ }).click();
    expect(await page.locator('.counter').count()).to.equal(24);
    await page.getByLabel('Find a counter').fill('own299');
    await page.getByText('1 counter', { exact: true }).waitFor();
    expect(await page.locator('.counter h3').allInnerTexts()).to.deep.equal(['Own299Histogram']);
  });

  it('works while 500 nodes report each second', async () => {
    const nodes = Array.from({ length: 500 }, (_, at) => node(`collector-${at}`));
    const state = (round: number): RoomState => ({
      ...FULL,
      nodes: nodes.map((one) => ({ ...one, skewMs: 1_000 * round })),
      now: { ...now, phase: `second ${round}` },
    });
    await enter(state(0));
    await page.getByRole('button', { name: 'Show all 500 nodes' }).click();
    for (let round = 1; round <= 5; round += 1) {
      room.show(state(round));
      await page.getByText(`Second ${round}.`).waitFor();
      expect(await page.locator('#nodes tbody tr', { hasText: `${round} s ahead` }).count()).to.equal(500);
    }
    room.show({
      ...state(5),
      nodes: nodes.map((one, at) => (at === 321 ? node(one.name, { state: 'away' }) : one)),
    });
    await page.getByText('499 of 500 collectors ready').waitFor();
    expect(await page.locator('#nodes tbody tr').first().innerText()).to.include('collector-321');
    await page.getByLabel('Find by name or state').fill('away');
    expect(await page.locator('#nodes tbody tr').count()).to.equal(1);
    expect(faults.errors).to.deep.equal([]);
  });

  it('says loudly that noise is off', async () => {
    const { about } = roomState();
    await enter({ ...FULL, about: { ...about, isTest: true, isNoiseOff: true } });
    await page.getByText('NOISE IS OFF.').waitFor();
    expect(await axeViolations(page)).to.deep.equal([]);
  });

  it('says when the tally is gone, since when, and goes on when it is back', async () => {
    await enter(FULL);
    const { port } = room;
    await room.close();
    await page.getByText(/The tally has not answered since \d/).waitFor();
    await page.getByText('not connected', { exact: true }).waitFor();
    room = await openRoom({ state: roomState(), results: RESULTS, port });
    await page.getByText('live', { exact: true }).waitFor();
    await page.getByText('Waiting for 3 keepers.').waitFor();
    expect(await page.getByText('has not answered').count()).to.equal(0);
  });
});

describeWithChromium('the locked page of the tally room', function () {
  this.timeout(180_000);

  const token = 'a-token-that-nobody-guesses-0123456789';
  let browser: Browser;
  let room: RoomWorld;

  before(async () => {
    browser = await startBrowser();
    room = await openRoom({ state: FULL, results: RESULTS, token });
  });

  after(async () => {
    await browser.close();
    await room.close();
  });

  it('opens to who types the token, and not to who types another', async () => {
    const page = await browser.newPage();
    await page.goto(room.url);
    await page.getByLabel('Token').fill('wrong');
    await page.keyboard.press('Enter');
    await page.getByText('This is not the token.').waitFor();
    expect(await axeViolations(page)).to.deep.equal([]);
    await page.getByLabel('Token').fill(token);
    await page.keyboard.press('Enter');
    await page.getByText('live', { exact: true }).waitFor();
    await page.reload();
    await page.getByText('live', { exact: true }).waitFor();
    await page.close();
  });

  it('opens to a link with the token, which does not stay in the address', async () => {
    const context = await browser.newContext();
    const page = await context.newPage();
    const { asked } = watchPage(page);
    await page.goto(`${room.url}/#token=${token}`);
    await page.getByText('live', { exact: true }).waitFor();
    expect(page.url()).to.equal(`${room.url}/`);
    expect(asked.filter((address) => new URL(address).pathname.includes(token))).to.deep.equal([]);
    await context.close();
  });
});
