/** A keeper that does what it is asked, and lies in its answer. */
import { expect } from 'chai';
import { toHex } from '../../src/core/hex.js';
import { addVector, fromBytes, fromSigned, toBytes, toSigned } from '../../src/core/ring.js';
import { sha256 } from '../../src/crypto/primitives.js';
import { type KnownNetwork } from '../../src/protocol/check-plan.js';
import { type MessageOf } from '../../src/protocol/messages.js';
import { type RoundOutcome } from '../../src/protocol/tally-state.js';
import { Scene, type Sent } from '../protocol/scene.js';
import { testNetwork } from '../support/test-network.js';
import { signedBy, statementOf, trueCount } from './our-round.js';
import { plus, tableOf } from './original-numbers.js';
import { OriginalWorld, startConfig, trueCounts } from './original-world.js';

const LIE = 1_000_000n;
const LIAR = 'keeper-2';

/** The liar's answer: its sums for these holder sets, or for all, are too small by LIE in the first cell. */
function lyingAnswer(answer: MessageOf<'answer'>, lieAbout: readonly number[]): MessageOf<'answer'> {
  const [signedAnswer, ...vectors] = answer.parts;
  const changed = vectors.map((bytes, at) => (lieAbout.includes(answer.send[at]!) ? withLie(bytes) : bytes));
  const statement = statementOf(signedAnswer!) as { sums: { set: number; digest: string }[] };
  const sums = statement.sums.map(({ set, digest }) => {
    const at = answer.send.indexOf(set);
    if (!lieAbout.includes(set)) return { set, digest };
    // Of sums that it is not asked to send whole the digest is the lie.
    return { set, digest: at < 0 ? 'ee'.repeat(32) : toHex(sha256(changed[at]!)) };
  });
  return { ...answer, parts: [signedBy(LIAR, 'answer', { ...statement, sums }), ...changed] };
}

function withLie(bytes: Uint8Array): Uint8Array {
  const vector = fromBytes(bytes);
  const lie = fromSigned(toSigned(vector).map((_, cell) => (cell === 0 ? -LIE : 0n)));
  addVector(vector, lie);
  return toBytes(vector);
}

/** A round in which the liar lies about these holder sets, of which it is in two with 2 of 3. */
function roundWithLies(known: KnownNetwork, lieAbout: readonly number[]): RoundOutcome {
  const meddle = (sent: Sent): readonly Sent[] =>
    sent.from === LIAR && sent.message.kind === 'answer'
      ? [{ ...sent, message: lyingAnswer(sent.message, lieAbout) }]
      : [sent];
  return new Scene({ known, meddle }).run('over').outcome!;
}

const ALL = Array.from({ length: 10 }, (_, set) => set);

describe('a keeper that lies in its sum', () => {
  it('has a total published in the original that is wrong by its lie, as if it were right', () => {
    const world = new OriginalWorld();
    const [, liar] = world.keepers;
    const { counters } = startConfig();
    const lie = tableOf(counters, (name) => (name === 'ExitStreamCount' ? LIE : 0n));
    const tally = world.run(startConfig({ sigma: 0 }), {
      counts: (counts, from) => (from === liar ? plus(counts!, lie) : counts),
    });
    const truth = trueCounts(0, 1, 2);
    const wrong = { ...truth, ExitStreamCount: [truth['ExitStreamCount']![0]! + LIE] };
    expect(tally.tallies).to.deep.equal(wrong);
    expect(tally.hasFailed).to.equal(false);
  });

  it('has nothing released here, and is named where all that differs is explained by it alone', () => {
    for (const known of [testNetwork(), testNetwork({ keepers: 4, threshold: 3 })]) {
      const outcome = roundWithLies(known, ALL);
      expect(outcome).to.include({ kind: 'aborted' });
      expect(outcome).to.deep.include({ culprits: [LIAR] });
    }
  });

  it('has nothing released here, and is among the suspects where one other keeper may be the liar as well', () => {
    // With 3 of 4, a set has two members; the sets of keeper-2 are those with keeper-1, keeper-3 and keeper-4.
    const outcome = roundWithLies(testNetwork({ keepers: 4, threshold: 3 }), [0]);
    expect(outcome).to.deep.include({ kind: 'aborted', culprits: ['keeper-1', LIAR] });
  });

  it('is not noticed here where no other keeper holds its seeds, and the outcome says whose word it is', () => {
    const outcome = roundWithLies(testNetwork({ keepers: 3, threshold: 3 }), ALL);
    if (outcome.kind !== 'released') throw new Error('nothing was released');
    expect(toSigned(outcome.totals)[0]! - LIE).to.equal(
      trueCount(['collector-1', 'collector-2', 'collector-3']),
    );
    expect(outcome.unconfirmedKeepers).to.include(LIAR);
  });
});
