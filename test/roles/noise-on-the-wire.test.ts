/** Whatever comes over the wire, no role throws, and a round ends: with the right total, or with none. */
import { expect } from 'chai';
import { encodeMessage } from '../../src/protocol/codec.js';
import { type Message } from '../../src/protocol/messages.js';
import { RandomSource } from '../support/random-source.js';
import { STREAM_ENDED } from './role-fakes.js';
import { outcomeIn, RoleWorld, totalsIn } from './role-world.js';

/** A message as somebody in the middle might change it, who has broken TLS. */
function mangled(message: Message, random: RandomSource): Uint8Array {
  const frame = encodeMessage(message);
  switch (random.below(4)) {
    case 0:
      frame[random.below(frame.length)]! ^= 1 << random.below(8);
      return frame;
    case 1:
      return frame.subarray(0, random.below(frame.length));
    case 2:
      return encodeMessage({ ...message, parts: message.parts.map(() => random.bytes(random.below(200))) });
    default:
      return encodeMessage({ ...message, parts: [...message.parts].reverse() });
  }
}

describe('changed bytes on the wire', () => {
  for (let seed = 1; seed <= 12; seed += 1) {
    it(`end no role, and give no wrong total (seed ${seed})`, async () => {
      const random = new RandomSource(seed);
      const world = new RoleWorld({ seed, settings: { collectMs: 20_000, phaseMs: 20_000 } });
      world.loopback.mangle = (message, frame) =>
        message.kind !== 'hello' && random.isLikely(0.04) ? mangled(message, random) : frame;
      await world.start();
      const counting = () =>
        [...world.collectors.values()].some(({ source }) => source.request !== undefined);
      await world.until(() => counting() || world.summary !== undefined, 300_000);
      const counts = new Map([...world.collectors].map(([name], at) => [name, at + 1]));
      for (const [name, { source }] of world.collectors) {
        if (source.request === undefined) counts.set(name, 0);
        for (let line = 0; line < counts.get(name)!; line += 1) source.tell(STREAM_ENDED);
      }
      await world.until(() => world.summary !== undefined, 300_000);
      const [result] = world.results;
      if (outcomeIn(result!).Result.outcome === 'aborted') {
        expect(result!.tallies).to.equal(undefined);
        return;
      }
      const names = outcomeIn(result!).Result.collectors!;
      const streams = names.reduce((sum, name) => sum + BigInt(counts.get(name)!), 0n);
      expect(totalsIn(result!)['ExitStreamCount']).to.deep.equal([streams + world.noiseOf(names)[0]!]);
    });
  }
});
