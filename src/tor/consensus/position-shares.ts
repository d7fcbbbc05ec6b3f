/**
 * The share of all observations that some relays make in each position of a circuit, from a consensus (spec/rounds.md,
 * section 17): bandwidths by the consensus's weights, and places on the ring of onion-service directories.
 */
import { type Consensus, type ConsensusRelay } from './parse-consensus.js';

export type PositionShares = {
  readonly guard: number;
  readonly middle: number;
  readonly exit: number;
  /** Of the ring of version 2: what lies between a relay and the third before it. */
  readonly hsdir2: number;
  /** Of the relays that are directories of version 3. */
  readonly hsdir3: number;
  readonly intro: number;
  readonly rend2: number;
  readonly rend3: number;
};

const RING = 1n << 160n;
/** Descriptors of version 2 are kept by the three directories after their place. */
const RING_SPREAD = 3;
const HSDIR3_SINCE: readonly number[] = [0, 3, 0, 8];

type Eligible = (relay: ConsensusRelay) => boolean;
type WeightKeys = {
  readonly both: string;
  readonly guard: string;
  readonly exit: string;
  readonly neither: string;
};

const GUARD_KEYS: WeightKeys = { both: 'Wgd', guard: 'Wgg', exit: 'Wge', neither: 'Wgm' };
const MIDDLE_KEYS: WeightKeys = { both: 'Wmd', guard: 'Wmg', exit: 'Wme', neither: 'Wmm' };
const EXIT_KEYS: WeightKeys = { both: 'Wed', guard: 'Weg', exit: 'Wee', neither: 'Wem' };

/** Shares from 0 to 1 of the relays with these fingerprints; 0 for positions that no relay can take. */
export function positionShares(consensus: Consensus, fingerprints: ReadonlySet<string>): PositionShares {
  const shareOf = (isEligible: Eligible, keys: WeightKeys): number =>
    bandwidthShare(consensus, fingerprints, { isEligible, keys });
  const middle = shareOf(() => true, MIDDLE_KEYS);
  return {
    guard: shareOf(({ flags }) => ['Guard', 'Fast', 'Stable'].every((flag) => flags.has(flag)), GUARD_KEYS),
    middle,
    exit: shareOf(({ flags, allowsExiting }) => allowsExiting && !flags.has('BadExit'), EXIT_KEYS),
    hsdir2: ringShare(consensus, fingerprints),
    hsdir3: countShare(consensus, fingerprints),
    intro: shareOf(({ flags }) => flags.has('Stable'), MIDDLE_KEYS),
    rend2: middle,
    rend3: shareOf((relay) => speaks(relay, 'HSRend', 2), MIDDLE_KEYS),
  };
}

function bandwidthShare(
  { relays, weights }: Consensus,
  fingerprints: ReadonlySet<string>,
  { isEligible, keys }: { isEligible: Eligible; keys: WeightKeys },
): number {
  let ours = 0;
  let all = 0;
  for (const relay of relays) {
    if (!isEligible(relay)) continue;
    const weight = relay.bandwidth * (weights.get(keyOf(relay, keys)) ?? 1);
    all += weight;
    if (fingerprints.has(relay.fingerprint)) ours += weight;
  }
  return all === 0 ? 0 : ours / all;
}

function keyOf({ flags }: ConsensusRelay, keys: WeightKeys): string {
  if (flags.has('Guard')) return flags.has('Exit') ? keys.both : keys.guard;
  return flags.has('Exit') ? keys.exit : keys.neither;
}

function ringShare({ relays }: Consensus, fingerprints: ReadonlySet<string>): number {
  const places = relays
    .filter(({ flags }) => flags.has('HSDir'))
    .map(({ fingerprint }) => fingerprint)
    .sort();
  if (places.length < RING_SPREAD) return 0;
  let covered = 0n;
  places.forEach((fingerprint, at) => {
    if (!fingerprints.has(fingerprint)) return;
    const before = BigInt(`0x${places.at(at - RING_SPREAD)!}`);
    const distance = BigInt(`0x${fingerprint}`) - before;
    // The third before the first is on the other side of zero; with three in all it is the relay itself.
    covered += distance > 0n ? distance : distance + RING;
  });
  return Number(covered) / Number(RING) / RING_SPREAD;
}

function countShare({ relays }: Consensus, fingerprints: ReadonlySet<string>): number {
  const directories = relays.filter(
    (relay) => relay.flags.has('HSDir') && isSince(relay.version, HSDIR3_SINCE) && speaks(relay, 'HSDir', 2),
  );
  const ours = directories.filter(({ fingerprint }) => fingerprints.has(fingerprint));
  return directories.length === 0 ? 0 : ours.length / directories.length;
}

/** True if the list of versions and ranges that the relay states, as `1-2,4`, has this one. */
function speaks({ protocols }: ConsensusRelay, protocol: string, version: number): boolean {
  return (protocols.get(protocol) ?? '').split(',').some((range) => {
    const [low, high] = range.split('-').map(Number);
    return low !== undefined && low <= version && version <= (high ?? low);
  });
}

function isSince(version: readonly number[], since: readonly number[]): boolean {
  for (const [at, number] of since.entries()) {
    const own = version[at] ?? -1;
    if (own !== number) return own > number;
  }
  return true;
}
