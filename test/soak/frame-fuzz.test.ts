/** The short form of `npm run soak -- frame-fuzz`. */
import { expect } from 'chai';
import { decodeMessage, encodeMessage } from '../../src/protocol/codec.js';
import { RandomSource } from '../support/random-source.js';
import { fuzzNode, fuzzTally, recordFrames } from './frame-fuzz.js';
import { FrameMutations } from './frame-mutations.js';

const FRAMES = Number(process.env['PRIVCOUNT_FRAMES'] ?? 20_000);

describe('mutated frames', function () {
  this.timeout(300_000);

  let recorded: Awaited<ReturnType<typeof recordFrames>>;

  before(async () => {
    recorded = await recordFrames();
  });

  it('are made from every kind of message of a round', () => {
    const kinds = [...recorded.toTally, ...recorded.toNodes].map((frame) => {
      const decoded = decodeMessage(frame);
      return 'message' in decoded ? decoded.message.kind : undefined;
    });
    for (const kind of [
      'hello',
      'status',
      'plan',
      'deposit',
      'start',
      'report',
      'proposal',
      'vote',
      'answer',
      'end',
    ])
      expect(kinds).to.include(kind);
  });

  it('are decoded to a message that is written as it was read, or to a sentence', () => {
    const mutations = new FrameMutations(1, [...recorded.toTally, ...recorded.toNodes]);
    let messages = 0;
    for (let count = 0; count < FRAMES / 2; count += 1) {
      const decoded = decodeMessage(mutations.next('ab'.repeat(16)));
      if ('fault' in decoded) {
        expect(decoded.fault).to.match(/^[a-z][ -~]{5,100}$/);
      } else {
        messages += 1;
        const again = decodeMessage(encodeMessage(decoded.message));
        expect('message' in again && again.message.kind).to.equal(decoded.message.kind);
      }
    }
    expect(messages, 'many pass the codec').to.be.greaterThan(FRAMES / 8);
  });

  it('without sense are no messages', () => {
    const random = new RandomSource(2);
    for (let count = 0; count < FRAMES / 2; count += 1)
      expect(decodeMessage(random.bytes(random.below(300)))).to.have.property('fault');
  });

  it('from a node and from strangers do not disturb the round of honest nodes at the tally', async () => {
    expect(await fuzzTally(3, recorded, FRAMES / 2)).to.be.greaterThan(FRAMES / 4);
  });

  for (const target of ['keeper', 'collector'] as const) {
    it(`from its tally leave a ${target} as it was`, () => {
      expect(fuzzNode(target, 4, recorded, FRAMES / 4)).to.equal(FRAMES / 4);
    });
  }
});
