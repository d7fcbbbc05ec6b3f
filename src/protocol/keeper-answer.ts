/** A keeper's answer to a certificate: the sums of its holder sets' masks over the certified set of collectors. */
import { toHex } from '../core/hex.js';
import { setsOfKeeper } from '../core/holder-sets.js';
import { sumOfMasks, type DealtSeed } from '../core/masks.js';
import { toBytes } from '../core/ring.js';
import { nodePrimitives, sha256 } from '../crypto/primitives.js';
import {
  type KeeperAnswer,
  type KeeperEffect,
  type KeeperStep,
  type LiveKeeperRound as Live,
  type VotedKeeperRound as Voted,
} from './keeper-state.js';
import { type MessageOf } from './messages.js';
import * as round from './round.js';
import { log, maskContext, signerOf, type Self } from './round.js';
import { readStatement, signStatement, type Statement } from './statements.js';

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
  const wanted = message.send;
  if (state.answer !== undefined) return { state, effects: [sendAnswer(state, state.answer, wanted)] };
  const next = { ...state, asked: wanted };
  return { state: next, effects: state.asked === undefined ? [{ kind: 'sum', state: next }] : [] };
}

/** The sums are made: they are signed, and sent as they were asked for last. */
export function onSummed(self: Self, state: Voted, sums: ReadonlyMap<number, Uint8Array>): KeeperStep {
  const { facts, proposalDigest, asked } = state;
  if (asked === undefined) return { state, effects: [] };
  const { roundId } = facts.plan;
  const statement = {
    roundId,
    plan: facts.planDigest,
    keeper: self.name,
    proposal: proposalDigest,
    sums: [...sums].map(([set, bytes]) => ({ set, digest: toHex(sha256(bytes)) })),
  } satisfies Statement<'answer'>;
  const answer = { signed: signStatement('answer', statement, signerOf(self)), sums };
  return {
    state: { ...state, answer, asked: undefined },
    effects: [sendAnswer(state, answer, asked), log('info', `round ${roundId}: answered the certified set`)],
  };
}

function sendAnswer(
  { facts }: Voted,
  { signed, sums }: KeeperAnswer,
  wanted: readonly number[],
): KeeperEffect {
  const send = [...sums.keys()].filter((set) => wanted.includes(set));
  const vectors = send.map((set) => sums.get(set)!);
  return round.send({ kind: 'answer', roundId: facts.plan.roundId, send, parts: [signed, ...vectors] });
}

/** The sums of masks of this keeper's sets over the certified set of collectors; pauses after each mask. */
export function* sumsOfMasks(state: Voted): Generator<undefined, Map<number, Uint8Array>> {
  const { facts, index, held, proposal } = state;
  const sums = new Map<number, Uint8Array>();
  for (const set of setsOfKeeper(facts.holders, index)) {
    const dealt = proposal.set.flatMap(({ collector, generations }) =>
      generations.map((generation): DealtSeed => {
        const { seeds } = held.get(collector)!.get(generation)!;
        const { seed } = seeds.find((entry) => entry.set === set)!;
        return { context: maskContext(facts, collector, generation), seed };
      }),
    );
    const sum = yield* sumOfMasks(nodePrimitives, dealt, { set, cells: facts.layout.cells });
    sums.set(set, toBytes(sum));
  }
  return sums;
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
