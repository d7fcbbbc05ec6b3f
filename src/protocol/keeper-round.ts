/**
 * A keeper's part of a round.
 *
 *     plan                deposits: opened, checked, acknowledged        proposal: voted, once
 *     ------> keyed ----> keyed -----------------------------------------------------> voted ----> voted
 *               |                                                                        |  certificate of t votes: answered
 *               v                                                                        v
 *             ended <-------------------- end, or the round's time is up -------------- ended
 *
 * Votes come before answers because a keeper can't see what the others are asked: were it to answer on its own, a hostile
 * tally could ask each for another set of collectors and get several totals by linear algebra. A vote is on disk before it
 * leaves; t votes for one set mean that no other set can have t (2t > n, up to 2t-n-1 dishonest keepers).
 * Every request may come twice: the answer is the same bytes. What comes out of order is declined and changes nothing.
 */
import { sendRoundKey } from './keeper-begin.js';
import { answerCertificate, onSummed } from './keeper-answer.js';
import {
  type HeldDeposit,
  type KeeperInput,
  type KeeperRound,
  type KeeperStep,
  type LiveKeeperRound as Live,
} from './keeper-state.js';
import { setObjection } from './check-plan.js';
import { openDeposit } from './deposit.js';
import { type MessageOf, type RoundMessage } from './messages.js';
import * as round from './round.js';
import { log, send, signerOf, type Self } from './round.js';
import { readStatement, signStatement, statementDigest, type Statement } from './statements.js';

export function stepKeeper(self: Self, state: KeeperRound, input: KeeperInput, nowMs: number): KeeperStep {
  if (state.phase === 'ended') return { state, effects: [] };
  switch (input.kind) {
    case 'message':
      return onMessage(self, state, input.message);
    case 'summed':
      return state.phase === 'voted' ? onSummed(self, state, input.sums) : { state, effects: [] };
    case 'wake':
      return nowMs < state.expiresAtMs
        ? { state, effects: [] }
        : forget(state, 'aborted', 'the tally did not end it in time');
  }
}

function onMessage(self: Self, state: Live, message: RoundMessage): KeeperStep {
  switch (message.kind) {
    case 'plan':
      return onPlanAgain(state, message);
    case 'deposit':
      return onDeposit(self, state, message);
    case 'proposal':
      return onProposal(self, state, message);
    case 'certificate':
      return answerCertificate(self, state, message);
    case 'end':
      return onEnd(self, state, message);
    case 'round-key':
    case 'acknowledgement':
    case 'start':
    case 'started':
    case 'report-request':
    case 'report':
    case 'vote':
    case 'answer':
    case 'decline':
      return refuse(state, 'out-of-order', `a ${message.kind} has no place at a keeper`);
  }
}

function refuse(
  state: Live,
  code: MessageOf<'decline'>['code'],
  reason: string,
  about?: { collector: string; generation: number },
): KeeperStep {
  const { roundId } = state.facts.plan;
  return {
    state,
    effects: [
      round.decline(roundId, code, reason, about),
      log('warn', `round ${roundId}: refused, ${reason}`),
    ],
  };
}

/** A plan that comes again is answered as the first time; another one of the same round is not taken. */
function onPlanAgain(state: Live, message: MessageOf<'plan'>): KeeperStep {
  const [signedPlan] = message.parts;
  if (signedPlan === undefined || statementDigest(signedPlan) !== state.facts.planDigest) {
    return refuse(state, 'round-seen', 'this round already has another plan');
  }
  return { state, effects: [sendRoundKey(state)] };
}

function onDeposit(self: Self, state: Live, message: MessageOf<'deposit'>): KeeperStep {
  const before = findHeld(state, message);
  if (before !== undefined) return { state, effects: [sendAcknowledgement(state, before)] };
  const { facts, index, keys } = state;
  const opened = openDeposit(self, facts, { message, keeper: index, keys });
  if ('fault' in opened) {
    const about = opened.deposit && {
      collector: opened.deposit.collector,
      generation: opened.deposit.generation,
    };
    return refuse(state, 'deposit-refused', `a deposit: ${opened.fault}`, about);
  }
  const { collector, generation } = opened.deposit;
  if (state.held.get(collector)?.has(generation) === true) {
    for (const { seed } of opened.seeds) seed.fill(0);
    const reason = `collector ${collector} has made another deposit of generation ${generation} before`;
    return refuse(state, 'deposit-refused', reason, { collector, generation });
  }
  if (state.phase !== 'keyed') {
    return refuse(state, 'out-of-order', 'a deposit after the vote', { collector, generation });
  }
  const statement = {
    roundId: facts.plan.roundId,
    plan: facts.planDigest,
    keeper: self.name,
    collector,
    generation,
    deposit: opened.digest,
  } satisfies Statement<'acknowledgement'>;
  const { digest, seeds, deposit } = opened;
  const acknowledgement = signStatement('acknowledgement', statement, signerOf(self));
  const held = { digest, seeds, roster: deposit.roster, acknowledgement };
  const ofCollector = new Map(state.held.get(collector)).set(generation, held);
  return {
    state: { ...state, held: new Map(state.held).set(collector, ofCollector) },
    effects: [sendAcknowledgement(state, held)],
  };
}

/** The very deposit that was opened before. Its signature need not be checked again: the statement is the same. */
function findHeld({ held }: Live, { collector, parts }: MessageOf<'deposit'>): HeldDeposit | undefined {
  const digest = parts[0] && statementDigest(parts[0]);
  return [...(held.get(collector)?.values() ?? [])].find((entry) => entry.digest === digest);
}

function sendAcknowledgement({ facts }: Live, { acknowledgement }: HeldDeposit): round.SendEffect {
  return send({ kind: 'acknowledgement', roundId: facts.plan.roundId, parts: [acknowledgement] });
}

function onProposal(self: Self, state: Live, { parts }: MessageOf<'proposal'>): KeeperStep {
  const { network, id } = self.known;
  const [signed] = parts;
  const speaker = { publicKey: network.tallyServer.identity, networkId: id };
  const proposal = signed && readStatement('proposal', signed, speaker);
  if (proposal?.plan !== state.facts.planDigest) {
    return refuse(state, 'not-genuine', 'the proposal is not one that the tally signed for this plan');
  }
  const proposalDigest = statementDigest(signed!);
  if (state.phase === 'voted') {
    return state.proposalDigest === proposalDigest
      ? { state, effects: [sendVote(state)] }
      : refuse(state, 'voted-otherwise', 'this keeper has voted for another set of collectors in this round');
  }
  const fault = proposalFault(self, state, proposal);
  if (fault !== undefined) return refuse(state, fault.code, fault.reason);
  const { roundId } = state.facts.plan;
  const statement = {
    roundId,
    plan: state.facts.planDigest,
    keeper: self.name,
    proposal: proposalDigest,
  } satisfies Statement<'vote'>;
  const vote = signStatement('vote', statement, signerOf(self));
  const voted = {
    ...state,
    phase: 'voted',
    proposal,
    proposalDigest,
    vote,
    answer: undefined,
    asked: undefined,
  } as const;
  return {
    state: voted,
    effects: [
      { kind: 'persist-vote', roundId, proposalDigest, vote },
      sendVote(voted),
      log('info', `round ${roundId}: voted for a total over ${proposal.set.length} collectors`),
    ],
  };
}

function sendVote({ facts, vote }: Extract<Live, { phase: 'voted' }>): round.SendEffect {
  return send({ kind: 'vote', roundId: facts.plan.roundId, parts: [vote] });
}

/** Why this set must not be opened, or can't be by this keeper. Only deposits that it acknowledged count. */
function proposalFault(
  self: Self,
  { facts, held }: Live,
  { set, roster }: Statement<'proposal'>,
): { code: 'set-refused' | 'deposit-missing'; reason: string } | undefined {
  const names = set.map(({ collector }) => collector);
  if (new Set(names).size !== names.length)
    return { code: 'set-refused', reason: 'a collector stands in the set twice' };
  for (const { collector, generations } of set) {
    const ofCollector = held.get(collector);
    const isHeld = generations.every((generation) => ofCollector?.get(generation)?.roster === roster);
    if (!isHeld) {
      return {
        code: 'deposit-missing',
        reason: `this keeper does not hold the seeds of collector ${collector}`,
      };
    }
    if (new Set(generations).size !== generations.length) {
      return {
        code: 'set-refused',
        reason: `a generation of collector ${collector} stands in the set twice`,
      };
    }
  }
  const objection = setObjection(facts.plan, self.known.network, names);
  return objection === undefined ? undefined : { code: 'set-refused', reason: objection };
}

function onEnd(self: Self, state: Live, { parts }: MessageOf<'end'>): KeeperStep {
  const { network, id } = self.known;
  const [signed] = parts;
  const end =
    signed && readStatement('end', signed, { publicKey: network.tallyServer.identity, networkId: id });
  if (end?.plan !== state.facts.planDigest)
    return refuse(state, 'not-genuine', 'the end is not signed by the tally');
  return forget(state, end.outcome, end.outcome === 'released' ? 'its total is released' : end.reason);
}

/** The round's key and seeds are wiped: what was recorded on the wire opens nothing from here on. */
function forget(state: Live, outcome: 'released' | 'aborted', why: string): KeeperStep {
  return {
    state: { phase: 'ended', outcome },
    effects: [
      { kind: 'wipe', secrets: secretsOfKeeper(state) },
      log('info', `round ${state.facts.plan.roundId}: over, ${why}`),
    ],
  };
}

/** All that a keeper holds of a round and nobody else may ever have: its key, and the seeds. */
export function secretsOfKeeper(state: KeeperRound): Uint8Array[] {
  if (state.phase === 'ended') return [];
  const seeds = [...state.held.values()].flatMap((ofCollector) =>
    [...ofCollector.values()].flatMap((held) => held.seeds.map(({ seed }) => seed)),
  );
  return [state.keys.secretKey, ...seeds];
}
