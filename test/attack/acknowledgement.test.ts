/**
 * What leaves a collector says nothing of its noise (spec/noise.md, "Drawing it"). How long a sample takes tells its size, and
 * the first test shows how well; so the deposit leaves when the plan's time to draw is over, with the same bytes but for the
 * noise that nobody sees, and whoever is not ready by then gives one and the same answer.
 */
import { expect } from 'chai';
import { fromSigned } from '../../src/core/ring.js';
import { sampleGaussian, toGaussianSampler } from '../../src/privacy/discrete-gaussian.js';
import { RandomWords } from '../../src/privacy/random-words.js';
import { type Message } from '../../src/protocol/messages.js';
import { seededBytes } from '../privacy/seeded-bytes.js';
import { RoleWorld, SETTINGS } from '../roles/role-world.js';
import { rankCorrelation, welch } from './leak-statistics.js';
import { print } from './verdict.js';

const NAME = 'collector-1';

/** Words that count how many were taken. */
class CountedWords extends RandomWords {
  taken = 0;

  override next(): number {
    this.taken += 1;
    return super.next();
  }
}

/** Draws that a test holds back for as long as it likes. */
type HeldDraw = { readonly cells: number; readonly answer: (value: bigint) => void };

type Departure = { readonly atMs: number; readonly message: Message };

class HeldWorld {
  readonly world = new RoleWorld();
  readonly draws: HeldDraw[] = [];
  readonly departures: Departure[] = [];

  async start(): Promise<this> {
    const { world } = this;
    world.collectors.get(NAME)!.noise.draw = (sigmas) =>
      new Promise((resolve) => {
        const cells = sigmas.length;
        this.draws.push({
          cells,
          answer: (value) => resolve(fromSigned(Array.from({ length: cells }, () => value))),
        });
      });
    world.loopback.filter = (message) => {
      const isAbout = message.kind === 'deposit' || message.kind === 'decline';
      if (isAbout) this.departures.push({ atMs: world.clock.nowMs(), message });
      return true;
    };
    await world.start();
    await world.until(() => this.draws.length > 0);
    return this;
  }

  get departuresOfHeld(): Departure[] {
    return this.departures.filter(
      ({ message }) =>
        message.kind === 'decline' || (message.kind === 'deposit' && message.collector === NAME),
    );
  }
}

/** When the collector's answer leaves, from when it was asked to draw, and what it is. */
async function answerTo(
  value: bigint | undefined,
  afterMs: number,
): Promise<{ ms: number; message: Message }> {
  const held = await new HeldWorld().start();
  const { world } = held;
  const askedAtMs = world.clock.nowMs();
  await world.pass(afterMs);
  if (value !== undefined) held.draws[0]!.answer(value);
  await world.until(() => held.departuresOfHeld.length > 0, 60_000);
  const [{ atMs, message }] = held.departuresOfHeld as [Departure];
  return { ms: atMs - askedAtMs, message };
}

describe('an attack on the time and the text of an acknowledgement', function () {
  this.timeout(240_000);

  it('is worth while: the words that a sample takes tell how large it is', () => {
    const words = new CountedWords(seededBytes(1));
    const sampler = toGaussianSampler(1000);
    const pairs = Array.from({ length: 20_000 }, () => {
      const before = words.taken;
      const size = Math.abs(Number(sampleGaussian(sampler, words)));
      return { size, time: words.taken - before };
    });
    const { rho, deviations } = rankCorrelation(pairs);
    print(
      `words against size over ${pairs.length} samples: rank correlation ${rho.toFixed(2)}, ` +
        `${deviations.toFixed(0)} standard deviations; Welch ${welch(pairs).toFixed(0)}`,
    );
    expect(deviations).to.be.above(20);
    expect(welch(pairs)).to.be.above(10);
  });

  it('finds the same time and bytes, however long drawing took and whatever was drawn', async () => {
    const first = await answerTo(0n, 0);
    expect(first.message.kind).to.equal('deposit');
    expect(first.ms).to.equal(SETTINGS.drawMs);
    for (const [value, afterMs] of [
      [1n, 0],
      [-1n, 300],
      [2n ** 100n, 700],
      [-(2n ** 110n), 900],
    ] as const) {
      const other = await answerTo(value, afterMs);
      expect(other.ms, `after ${afterMs} ms`).to.equal(first.ms);
      // The same chance for keys and seeds: so every byte that could differ would be the noise's.
      expect(other.message).to.deep.equal(first.message);
    }
  });

  it('finds one answer, at that time, of whoever is late, whether by a moment or for good', async () => {
    const late = await answerTo(undefined, 0);
    expect(late.message).to.include({ kind: 'decline', code: 'noise-late', reason: 'not ready in time' });
    expect(late.ms).to.equal(SETTINGS.drawMs);
    const later = await answerTo(5n, SETTINGS.drawMs + 100);
    expect(later).to.deep.equal(late);
  });
});
