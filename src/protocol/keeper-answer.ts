/** A keeper's answer to a certificate: the sums of its holder sets' masks over the certified set of collectors. */
import { toHex } from '../core/hex.js';
import { setsOfKeeper } from '../core/holder-sets.js';
import { sumOfMasks, type DealtSeed } from '../core/masks.js';
import { toBytes } from '../core/ring.js';
import { nodePrimitives, sha256 } from '../crypto/primitives.js';
import { type KeeperAnswer, type KeeperStep, type LiveKeeperRound as Live } from './keeper-state.js';
import { type MessageOf } from './messages.js';
import * as round from './round.js';
import { log, maskContext, signerOf, type Self } from './round.js';
import { readStatement, signStatement, type Statement } from './statements.js';

type Voted = Extract<Live, { phase: 'voted' }>;

/** Answers if t distinct keepers voted for the very set that this keeper voted for. */
export function answerCertificate(self: Self, state: Live, message: MessageOf<'certificate'>): KeeperStep {
  const { roundId } = state.facts.plan;
  if (state.phase !== 'voted') {
    return { state, effects: [round.decline(roundId, 'out-of-order', 'this keeper has not voted yet')] };
  }
  const voters = countVoters(self, state, message.parts);
  const { threshold } = self.known.network;
  if (voters < threshold) {
    const reason = `${voters} keepers voted for the set that this keeper voted for; ${threshold} are needed`;
    return {
      state,
      effects: [
        round.decline(roundId, 'certificate-refused', reason),
        log('warn', `round ${roundId}: ${reason}`),
      ],
    };
  }
  const answer = state.answer ?? makeAnswer(self, state);
  const send = [...answer.sums.keys()].filter((set) => message.send.includes(set));
  const vectors = send.map((set) => answer.sums.get(set)!);
  const said = log('info', `round ${roundId}: answered the certified set`);
  return {
    state: { ...state, answer },
    effects: [
      round.send({ kind: 'answer', roundId, send, parts: [answer.signed, ...vectors] }),
      ...(state.answer === undefined ? [said] : []),
    ],
  };
}

function makeAnswer(self: Self, state: Voted): KeeperAnswer {
  const { facts, index, proposalDigest } = state;
  const sums = new Map(setsOfKeeper(facts.holders, index).map((set) => [set, toBytes(sumOfSet(state, set))]));
  const statement = {
    roundId: facts.plan.roundId,
    plan: facts.planDigest,
    keeper: self.name,
    proposal: proposalDigest,
    sums: [...sums].map(([set, bytes]) => ({ set, digest: toHex(sha256(bytes)) })),
  } satisfies Statement<'answer'>;
  return { signed: signStatement('answer', statement, signerOf(self)), sums };
}

function countVoters(self: Self, { facts, proposalDigest }: Voted, votes: readonly Uint8Array[]): number {
  const { network, id } = self.known;
  return network.keepers.filter(({ name, identity }) =>
    votes.some((signed) => {
      const vote = readStatement('vote', signed, { publicKey: identity, networkId: id });
      return vote?.keeper === name && vote.plan === facts.planDigest && vote.proposal === proposalDigest;
    }),
  ).length;
}

function sumOfSet({ facts, held, proposal }: Voted, set: number) {
  const dealt = proposal.set.flatMap(({ collector, generations }) =>
    generations.map((generation): DealtSeed => {
      const { seeds } = held.get(collector)!.get(generation)!;
      const { seed } = seeds.find((entry) => entry.set === set)!;
      return { context: maskContext(facts, collector, generation), seed };
    }),
  );
  return sumOfMasks(nodePrimitives, dealt, { set, cells: facts.layout.cells });
}
