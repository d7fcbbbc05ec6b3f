/** How a keeper's round begins: the plan is checked, a key for the round made; and how it is there again after a restart. */
import { toHex } from '../core/hex.js';
import { x25519PublicKey } from '../crypto/sealing.js';
import { planObjections, type SigmaFloor } from './check-plan.js';
import { type KeeperRound, type KeeperStep, type LiveKeeperRound as Live } from './keeper-state.js';
import { type MessageOf } from './messages.js';
import { keeperMsMax, type Plan } from './plan.js';
import * as round from './round.js';
import { log, readPlan, send, signerOf, toReason, toRoundFacts, type Self } from './round.js';
import { signStatement, statementDigest, type Statement } from './statements.js';

/**
 * Takes up a plan, or declines it. `secretKey` are 32 fresh random bytes; `isSeen`: this keeper has taken part in a round
 * of this id before, whatever it has forgotten of it.
 */
export function beginKeeperRound(
  self: Self,
  message: MessageOf<'plan'>,
  given: { secretKey: Uint8Array; sigmaFloor: SigmaFloor; isSeen: boolean; nowMs: number },
): KeeperStep {
  const { roundId } = message;
  const plan = readPlan(self, message);
  if (plan === undefined) {
    return declined(roundId, 'not-genuine', 'the plan is not one that the tally of network.yaml signed');
  }
  if (given.isSeen) return declined(roundId, 'round-seen', 'this keeper has seen a round of this id before');
  const { sigmaFloor, nowMs } = given;
  const objections = planObjections(plan, { known: self.known, sigmaFloor, nowMs });
  if (objections.length > 0) return declined(roundId, 'plan-refused', objections.join('; '));
  const state = keyedRound(self, plan, { message, ...given });
  return {
    state,
    effects: [sendRoundKey(state), log('info', `round ${roundId}: plan accepted, key for it sent`)],
  };
}

/** The state that beginKeeperRound gave for a plan which it accepted; undefined if this is not a plan of this network. */
export function resumeKeeperRound(
  self: Self,
  message: MessageOf<'plan'>,
  given: { secretKey: Uint8Array; nowMs: number },
): KeeperRound | undefined {
  const plan = readPlan(self, message);
  return plan && keyedRound(self, plan, { message, ...given });
}

function keyedRound(
  self: Self,
  plan: Plan,
  { message, secretKey, nowMs }: { message: MessageOf<'plan'>; secretKey: Uint8Array; nowMs: number },
): Live {
  const facts = toRoundFacts(plan, statementDigest(message.parts[0]!), self.known);
  const publicKey = x25519PublicKey(secretKey);
  const statement = {
    roundId: plan.roundId,
    plan: facts.planDigest,
    keeper: self.name,
    key: toHex(publicKey),
  } satisfies Statement<'round-key'>;
  return {
    phase: 'keyed',
    facts,
    index: self.known.network.keepers.findIndex(({ name }) => name === self.name),
    keys: { secretKey, publicKey },
    roundKey: signStatement('round-key', statement, signerOf(self)),
    held: new Map(),
    expiresAtMs: nowMs + keeperMsMax(plan),
  };
}

function declined(roundId: string, code: MessageOf<'decline'>['code'], reason: string): KeeperStep {
  return {
    state: { phase: 'ended', outcome: 'declined' },
    effects: [
      round.decline(roundId, code, reason),
      log('warn', `round ${roundId}: declined, ${toReason(reason)}`),
    ],
  };
}

export function sendRoundKey({ facts, roundKey }: Live): round.SendEffect {
  return send({ kind: 'round-key', roundId: facts.plan.roundId, parts: [roundKey] });
}
