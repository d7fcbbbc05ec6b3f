/** What the three round machines have in common: who runs one, what it knows of the round, and what it may ask for. */
import { layOutCounters, type CounterLayout } from '../core/counters.js';
import { holderSets, type HolderSets } from '../core/holder-sets.js';
import { type MaskContext } from '../core/masks.js';
import { type Identity } from '../crypto/identity.js';
import { type KnownNetwork } from './check-plan.js';
import { REASON_LENGTH_MAX } from './limits.js';
import { type DeclineCode, type MessageOf, type RoundMessage } from './messages.js';
import { toPlan, type Plan } from './plan.js';
import { readStatement, type Signer } from './statements.js';

/** A node in its network. */
export type Self = {
  readonly known: KnownNetwork;
  readonly name: string;
  readonly identity: Identity;
};

export function signerOf({ identity, known }: Self): Signer {
  return { identity, networkId: known.id };
}

/** The plan in the message, if the tally of network.yaml signed it for this round. */
export function readPlan({ known }: Self, { roundId, parts }: MessageOf<'plan'>): Plan | undefined {
  const speaker = { publicKey: known.network.tallyServer.identity, networkId: known.id };
  const json = parts[0] && readStatement('plan', parts[0], speaker);
  return json?.roundId === roundId ? toPlan(json) : undefined;
}

/** A plan that was found good, with what follows from it. */
export type RoundFacts = {
  readonly plan: Plan;
  readonly planDigest: string;
  readonly holders: HolderSets;
  readonly layout: CounterLayout;
};

export function toRoundFacts(plan: Plan, planDigest: string, { network }: KnownNetwork): RoundFacts {
  return {
    plan,
    planDigest,
    holders: holderSets({ keepers: network.keepers.length, threshold: network.threshold }),
    layout: layOutCounters(plan.counters, plan.scaleBits),
  };
}

/** The context of one collector's masks (src/core/masks.ts). */
export function maskContext({ plan }: RoundFacts, collector: string, generation: number): MaskContext {
  return { networkId: plan.networkId, roundId: plan.roundId, collector, generation };
}

export type LogLevel = 'error' | 'warn' | 'info' | 'debug';

/** Effects that every machine has. The shell performs a step's effects in order. */
export type LogEffect = { readonly kind: 'log'; readonly level: LogLevel; readonly text: string };
export type SendEffect = { readonly kind: 'send'; readonly message: RoundMessage };
/** Secrets that are used up: the shell overwrites them. */
export type WipeEffect = { readonly kind: 'wipe'; readonly secrets: readonly Uint8Array[] };

export function log(level: LogLevel, text: string): LogEffect {
  return { kind: 'log', level, text };
}

export function send(message: RoundMessage): SendEffect {
  return { kind: 'send', message };
}

/** One line of a length that peers take. */
export function toReason(text: string): string {
  return text.slice(0, REASON_LENGTH_MAX).replace(/\p{Cc}/gu, ' ');
}

export function decline(
  roundId: string,
  code: DeclineCode,
  reason: string,
  about?: NonNullable<MessageOf<'decline'>['about']>,
): SendEffect {
  return send({
    kind: 'decline',
    roundId,
    code,
    reason: toReason(reason),
    parts: [],
    ...(about === undefined ? {} : { about }),
  });
}
