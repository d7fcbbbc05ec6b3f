/** The roster of a round: the signed round keys of the keepers that take part. */
import { toHex, fromHex } from '../core/hex.js';
import { encodeParts } from '../core/parts.js';
import { sha256 } from '../crypto/primitives.js';
import { isX25519PublicKey } from '../crypto/sealing.js';
import { type KnownNetwork } from './check-plan.js';
import { readStatement, statementDigest } from './statements.js';

export type RosterKeeper = {
  readonly name: string;
  /** The keeper's number in network.yaml, from 0, by which holder sets name it. */
  readonly index: number;
  /** X25519, for this round only. */
  readonly key: Uint8Array;
};

export type Roster = {
  readonly keepers: readonly RosterKeeper[];
  readonly digest: string;
};

/** Round keys in the order of network.yaml; the digest covers keepers, keys and plan. */
export function rosterDigest(signedKeys: readonly Uint8Array[]): string {
  return toHex(sha256(encodeParts(['privcount roster 1', ...signedKeys.map(statementDigest)])));
}

/**
 * The keeper's round key, if it is signed by the keeper that it names, `first` of network.yaml or one after it, and belongs
 * to this plan. A key of small order is none: what is sealed to it everybody could open.
 */
export function readRoundKey(
  signed: Uint8Array,
  planDigest: string,
  { network, id }: KnownNetwork,
  first = 0,
): RosterKeeper | undefined {
  for (const [index, { name, identity }] of network.keepers.entries()) {
    if (index < first) continue;
    const statement = readStatement('round-key', signed, { publicKey: identity, networkId: id });
    if (statement?.keeper !== name || statement.plan !== planDigest) continue;
    const key = fromHex(statement.key);
    return isX25519PublicKey(key) ? { name, index, key } : undefined;
  }
  return undefined;
}

/**
 * The roster, if each key is a keeper's of network.yaml for this plan, they stand in the order of network.yaml, none
 * twice, and at least t are there, so that each holder set has a member; else undefined.
 */
export function readRoster(
  signedKeys: readonly Uint8Array[],
  planDigest: string,
  known: KnownNetwork,
): Roster | undefined {
  const keepers: RosterKeeper[] = [];
  for (const signed of signedKeys) {
    // The order saves checks: most keys are tried with the identity of their own keeper only.
    const keeper = readRoundKey(signed, planDigest, known, (keepers.at(-1)?.index ?? -1) + 1);
    if (keeper === undefined) return undefined;
    keepers.push(keeper);
  }
  if (keepers.length < known.network.threshold) return undefined;
  return { keepers, digest: rosterDigest(signedKeys) };
}
