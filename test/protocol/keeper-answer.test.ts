import { expect } from 'chai';
import { toHex } from '../../src/core/hex.js';
import { setsOfKeeper } from '../../src/core/holder-sets.js';
import { sumOfMasks } from '../../src/core/masks.js';
import { toBytes } from '../../src/core/ring.js';
import { nodePrimitives, sha256 } from '../../src/crypto/primitives.js';
import { type Json } from '../../src/protocol/canonical-json.js';
import { type RoundMessage } from '../../src/protocol/messages.js';
import { maskContext } from '../../src/protocol/round.js';
import { readStatement, signStatement, statementDigest } from '../../src/protocol/statements.js';
import { runOut } from '../support/run-out.js';
import { testSelf } from '../support/test-network.js';
import { messagesOf, summary } from './effects.js';
import {
  dealAgain,
  keyed,
  known,
  plan,
  proposal,
  roundId,
  set,
  signedBy,
  speakerOf,
  take,
  takeAndSum,
} from './keeper-scene.js';
import { DIGEST } from './sample-statements.js';

describe('a keeper that is shown votes', () => {
  const mine = take(keyed, proposal()).state;
  const digest = statementDigest(proposal().parts[0]!);
  const otherDigest = statementDigest(proposal({ set: set.slice(1) }).parts[0]!);
  const vote = (keeper: string, changes: { readonly [key: string]: Json } = {}, by = keeper) =>
    signedBy(by, 'vote', { roundId, plan, keeper, proposal: digest, ...changes });
  const certificate = (parts: readonly Uint8Array[], send: number[] = []): RoundMessage => ({
    kind: 'certificate',
    roundId,
    send,
    parts,
  });

  it('answers if t distinct keepers voted as it did, whoever they are', () => {
    for (const voters of [
      ['keeper-1', 'keeper-2'],
      ['keeper-2', 'keeper-3'],
      ['keeper-3', 'keeper-1', 'keeper-2'],
    ]) {
      expect(summary(takeAndSum(mine, certificate(voters.map((name) => vote(name)))))).to.deep.equal([
        'answer',
      ]);
    }
    const among = [new Uint8Array(3), vote('keeper-3'), vote('keeper-2', { plan: DIGEST }), vote('keeper-1')];
    expect(summary(takeAndSum(mine, certificate(among)))).to.deep.equal(['answer']);
  });

  const wrong: readonly [what: string, parts: readonly Uint8Array[]][] = [
    ['of one keeper', [vote('keeper-2')]],
    ['of one keeper twice', [vote('keeper-2'), vote('keeper-2')]],
    ['for another set', [vote('keeper-1'), vote('keeper-2', { proposal: otherDigest })]],
    [
      'for another set only',
      [vote('keeper-2', { proposal: otherDigest }), vote('keeper-3', { proposal: otherDigest })],
    ],
    ['of another plan', [vote('keeper-1'), vote('keeper-2', { plan: DIGEST })]],
    ['that one keeper signed for another', [vote('keeper-2'), vote('keeper-3', {}, 'keeper-2')]],
    ['of no keeper', [vote('keeper-1'), vote('collector-1'), vote('tally')]],
    ['that are none', [vote('keeper-1'), new Uint8Array(64), new Uint8Array(0)]],
    [
      'of another network',
      [
        vote('keeper-1'),
        signStatement(
          'vote',
          { roundId, plan, keeper: 'keeper-2', proposal: digest },
          { identity: testSelf(known, 'keeper-2').identity, networkId: DIGEST },
        ),
      ],
    ],
    ['not at all', []],
  ];
  for (const [what, parts] of wrong) {
    it(`does not answer for votes ${what}`, () => {
      const step = takeAndSum(mine, certificate(parts));
      expect(summary(step)).to.deep.equal(['certificate-refused']);
      expect(step.state).to.equal(mine);
    });
  }

  const votes = [vote('keeper-2'), vote('keeper-3')];

  it('answers with the sums of the masks of exactly this set, by holder set', () => {
    const [answer] = messagesOf(takeAndSum(mine, certificate(votes, [0, 1, 2])));
    if (answer?.kind !== 'answer' || mine.phase !== 'voted') throw new Error('there is no answer');
    const sets = setsOfKeeper(mine.facts.holders, 0);
    expect(answer.send).to.deep.equal(sets);
    const statement = readStatement('answer', answer.parts[0]!, speakerOf('keeper-1'))!;
    expect(statement).to.include({ roundId, plan, keeper: 'keeper-1', proposal: digest });
    sets.forEach((number, at) => {
      const dealt = set.map(({ collector }) => ({
        context: maskContext(mine.facts, collector, 1),
        seed: mine.held
          .get(collector)!
          .get(1)!
          .seeds.find((seed) => seed.set === number)!.seed,
      }));
      const sum = toBytes(
        runOut(sumOfMasks(nodePrimitives, dealt, { set: number, cells: mine.facts.layout.cells })),
      );
      expect(answer.parts[at + 1]).to.deep.equal(sum);
      expect(statement.sums[at]).to.deep.equal({ set: number, digest: toHex(sha256(sum)) });
    });
  });

  it('sends the sums that are asked for, with the same signed digests every time', () => {
    const none = messagesOf(takeAndSum(mine, certificate(votes)))[0]!;
    expect(none).to.deep.include({ kind: 'answer', send: [] });
    expect(none.parts).to.have.length(1);
    for (const [asked, sent] of [
      [[1], [1]],
      [
        [2, 1, 0],
        [0, 1],
      ],
      [[2], []],
      [[251, 1, 1], [1]],
    ]) {
      const step = takeAndSum(mine, certificate(votes, asked));
      const [answer] = messagesOf(step);
      expect(answer).to.deep.include({ kind: 'answer', send: sent });
      expect(answer!.parts[0]).to.deep.equal(none.parts[0]);
      expect(messagesOf(takeAndSum(step.state, certificate(votes, asked)))).to.deep.equal([answer]);
    }
  });

  it('adds the masks of every generation that stands in the set', () => {
    const two = take(keyed, dealAgain('collector-1', 2)).state;
    const generations = [{ ...set[0]!, generations: [1, 2] }, ...set.slice(1)];
    const message = proposal({ set: generations });
    const state = take(two, message).state;
    const both = votes.map((_, at) =>
      vote(`keeper-${at + 2}`, { proposal: statementDigest(message.parts[0]!) }),
    );
    const [answer] = messagesOf(takeAndSum(state, certificate(both, [0])));
    if (state.phase !== 'voted') throw new Error('it has not voted');
    const dealt = [
      ['collector-1', 1],
      ['collector-1', 2],
      ['collector-2', 1],
      ['collector-3', 1],
    ] as const;
    const seeds = dealt.map(([collector, generation]) => ({
      context: maskContext(state.facts, collector, generation),
      seed: state.held.get(collector)!.get(generation)!.seeds[0]!.seed,
    }));
    const sum = runOut(sumOfMasks(nodePrimitives, seeds, { set: 0, cells: state.facts.layout.cells }));
    expect(answer!.parts[1]).to.deep.equal(toBytes(sum));
  });
});
