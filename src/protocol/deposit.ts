/**
 * Deposits: how a collector deals its seeds to the keepers (design, "Sealed seeds instead of share vectors").
 *
 * One box a keeper, with the seeds of that keeper's holder sets, and one statement that the collector signs: a commitment
 * to each seed and the digest of each box. All keepers see the same commitments, so all members of a set hold the same
 * seed, or say so.
 */
import { toHex } from '../core/hex.js';
import { setsOfKeeper, type HolderSets } from '../core/holder-sets.js';
import { commitToSeed, SEED_BYTES, type SetSeed } from '../core/masks.js';
import { encodeParts } from '../core/parts.js';
import { nodePrimitives, sha256 } from '../crypto/primitives.js';
import { openSealed, seal, SEAL_OVERHEAD_BYTES, X25519_KEY_BYTES } from '../crypto/sealing.js';
import { type MessageOf } from './messages.js';
import { type Roster } from './roster.js';
import { maskContext, signerOf, type RoundFacts, type Self } from './round.js';
import { readStatement, signStatement, statementDigest, type Statement } from './statements.js';

const LABEL_BYTES = 1;
const LABELLED_SEED_BYTES = LABEL_BYTES + SEED_BYTES;

type BoxLabel = { readonly collector: string; readonly generation: number; readonly roster: string };

/** Fresh random bytes that one deposit uses up: a seed for each set, and an ephemeral key for each box. */
export function depositEntropyBytes({ holders }: Pick<RoundFacts, 'holders'>): number {
  return holders.sets.length * SEED_BYTES + holders.keepers * X25519_KEY_BYTES;
}

/** The length of a keeper's box: the tally keeps boxes that it can't open, and takes no longer ones. */
export function boxBytes(holders: HolderSets, keeper: number): number {
  return SEAL_OVERHEAD_BYTES + setsOfKeeper(holders, keeper).length * LABELLED_SEED_BYTES;
}

function boxContext({ plan }: RoundFacts, keeper: string, label: BoxLabel): Uint8Array {
  const { collector, generation, roster } = label;
  return encodeParts([plan.networkId, plan.roundId, collector, keeper, String(generation), roster]);
}

export type Dealt = {
  readonly seeds: readonly SetSeed[];
  /** The signed deposit, then a box for each keeper of the roster, in its order. */
  readonly parts: readonly Uint8Array[];
};

/**
 * Deals fresh seeds. The seeds are views of `entropy`, which the caller wipes as soon as the masks are added. Undefined if a
 * keeper's key is of small order.
 */
export function dealSeeds(
  self: Self,
  facts: RoundFacts,
  { roster, generation, entropy }: { roster: Roster; generation: number; entropy: Uint8Array },
): Dealt | undefined {
  const seeds = facts.holders.sets.map((_, set) => ({
    set,
    seed: entropy.subarray(set * SEED_BYTES, (set + 1) * SEED_BYTES),
  }));
  const ephemerals = entropy.subarray(seeds.length * SEED_BYTES);
  const label = { collector: self.name, generation, roster: roster.digest };
  const boxes: Uint8Array[] = [];
  for (const [at, keeper] of roster.keepers.entries()) {
    const payload = labelSeeds(setsOfKeeper(facts.holders, keeper.index).map((set) => seeds[set]!));
    const box = seal(payload, {
      recipient: keeper.key,
      ephemeralSecret: ephemerals.subarray(at * X25519_KEY_BYTES, (at + 1) * X25519_KEY_BYTES),
      context: boxContext(facts, keeper.name, label),
    });
    payload.fill(0);
    if (box === undefined) return undefined;
    boxes.push(box);
  }
  const context = maskContext(facts, self.name, generation);
  const statement = {
    roundId: facts.plan.roundId,
    plan: facts.planDigest,
    ...label,
    commitments: seeds.map((seed) => toHex(commitToSeed(nodePrimitives, seed, context))),
    boxes: boxes.map((box, at) => ({ keeper: roster.keepers[at]!.name, digest: toHex(sha256(box)) })),
  };
  return { seeds, parts: [signStatement('deposit', statement, signerOf(self)), ...boxes] };
}

function labelSeeds(seeds: readonly SetSeed[]): Uint8Array {
  const payload = new Uint8Array(seeds.length * LABELLED_SEED_BYTES);
  seeds.forEach(({ set, seed }, at) => {
    payload[at * LABELLED_SEED_BYTES] = set;
    payload.set(seed, at * LABELLED_SEED_BYTES + LABEL_BYTES);
  });
  return payload;
}

/** The deposit, if this collector of network.yaml is invited and signed it for this plan; else undefined. */
export function readDeposit(
  signed: Uint8Array,
  { collector, facts, self }: { collector: string; facts: RoundFacts; self: Self },
): Statement<'deposit'> | undefined {
  const { network, id } = self.known;
  const publicKey = network.collectors.find(({ name }) => name === collector)?.identity;
  if (publicKey === undefined || !facts.plan.collectors.some(({ name }) => name === collector))
    return undefined;
  const deposit = readStatement('deposit', signed, { publicKey, networkId: id });
  return deposit?.collector === collector && deposit.plan === facts.planDigest ? deposit : undefined;
}

/** A keeper's X25519 key of one round. */
export type RoundKeys = { readonly secretKey: Uint8Array; readonly publicKey: Uint8Array };

export type OpenedDeposit = {
  readonly deposit: Statement<'deposit'>;
  readonly digest: string;
  /** One seed for each of this keeper's sets. */
  readonly seeds: readonly SetSeed[];
};

/** What a keeper finds in a deposit and its own box, or the sentence that tells what is wrong with it. */
export function openDeposit(
  self: Self,
  facts: RoundFacts,
  { message, keeper, keys }: { message: MessageOf<'deposit'>; keeper: number; keys: RoundKeys },
): OpenedDeposit | { readonly fault: string; readonly deposit?: Statement<'deposit'> } {
  const { collector } = message;
  const [signed, box, ...others] = message.parts;
  // Nobody has signed the others, and a keeper writes down all that it takes.
  if (signed === undefined || box === undefined || others.length > 0)
    return { fault: 'a deposit and one box were expected' };
  const deposit = readDeposit(signed, { collector, facts, self });
  if (deposit === undefined) return { fault: `collector ${collector} did not sign it for this plan` };
  const digest = deposit.boxes.find((entry) => entry.keeper === self.name)?.digest;
  if (digest !== toHex(sha256(box)))
    return { fault: 'the box is not the one that its collector signed', deposit };
  const payload = openSealed(box, { ...keys, context: boxContext(facts, self.name, deposit) });
  if (payload === undefined)
    return { fault: "the box was not sealed to this keeper's key and round", deposit };
  const seeds = splitSeeds(payload, setsOfKeeper(facts.holders, keeper));
  if (seeds === undefined || deposit.commitments.length !== facts.holders.sets.length) {
    return { fault: "the box does not hold this keeper's sets", deposit };
  }
  const context = maskContext(facts, deposit.collector, deposit.generation);
  const isCommitted = seeds.every(
    (seed) => toHex(commitToSeed(nodePrimitives, seed, context)) === deposit.commitments[seed.set],
  );
  if (!isCommitted) return { fault: 'a seed is not the one that its collector committed to', deposit };
  return { deposit, digest: statementDigest(signed), seeds };
}

function splitSeeds(payload: Uint8Array, sets: readonly number[]): SetSeed[] | undefined {
  if (payload.length !== sets.length * LABELLED_SEED_BYTES) return undefined;
  const seeds = sets.map((_, at) => {
    const start = at * LABELLED_SEED_BYTES;
    return { set: payload[start]!, seed: payload.subarray(start + LABEL_BYTES, start + LABELLED_SEED_BYTES) };
  });
  return seeds.every(({ set }, at) => set === sets[at]) ? seeds : undefined;
}
