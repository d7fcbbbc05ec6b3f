/**
 * Statements: what a node says in a way that others can check and pass on (doc/protocol.md, "Statements").
 *
 * A signed statement is a signature of 64 bytes and the statement's JSON. The signature covers the kind and the network id,
 * so a statement can't be taken for another kind or played in another network. It is read with the identity that must have
 * made it, and nothing of it is looked at before the signature is found good.
 */
import { z } from 'zod';
import { encodeParts } from '../core/parts.js';
import { toHex } from '../core/hex.js';
import { isSignedBy, SIGNATURE_BYTES, type Identity } from '../crypto/identity.js';
import { sha256 } from '../crypto/primitives.js';
import { canonicalJson, type Json } from './canonical-json.js';
import { LONG_STATEMENT_BYTES_MAX, STATEMENT_BYTES_MAX } from './limits.js';
import { planSchema } from './plan.js';
import { digest, generation, nodeName, reason, releasedSet, roundId, timeMs, x25519Key } from './shapes.js';

const inRound = { roundId, plan: digest };

const schemas = {
  /** Tally: the round as a whole. */
  plan: planSchema,
  /** Keeper: the key that seeds are sealed to, for this round only. */
  'round-key': z.strictObject({ ...inRound, keeper: nodeName, key: x25519Key }),
  /** Collector: what it dealt. `commitments` in the order of the holder sets, `boxes` in that of the roster. */
  deposit: z.strictObject({
    ...inRound,
    roster: digest,
    collector: nodeName,
    generation,
    commitments: z.array(digest).min(1).max(252),
    boxes: z
      .array(z.strictObject({ keeper: nodeName, digest }))
      .min(1)
      .max(10),
  }),
  /** Keeper: the seeds of that deposit are opened, checked and stored. */
  acknowledgement: z.strictObject({
    ...inRound,
    keeper: nodeName,
    collector: nodeName,
    generation,
    deposit: digest,
  }),
  /** Tally: count from now on. */
  start: z.strictObject({ ...inRound, startedAtMs: timeMs }),
  /** Collector: its cells, blinded, after counting. `countedMs` is how long it heard its source. */
  report: z.strictObject({
    ...inRound,
    collector: nodeName,
    generations: z.array(generation).min(1),
    vector: digest,
    countedMs: timeMs,
    /** The source sent more than could be counted, or was away: some of what happened is not in the counts. */
    isIncomplete: z.boolean(),
  }),
  /** Tally: the set S of reports that it wants to open. */
  proposal: z.strictObject({ ...inRound, roster: digest, set: releasedSet }),
  /** Keeper: its one vote of this round. */
  vote: z.strictObject({ ...inRound, keeper: nodeName, proposal: digest }),
  /** Keeper: digests of the sums of its holder sets' masks over S. */
  answer: z.strictObject({
    ...inRound,
    keeper: nodeName,
    proposal: digest,
    sums: z
      .array(z.strictObject({ set: z.int().min(0).max(251), digest }))
      .min(1)
      .max(252),
  }),
  /** Tally: the round is over, forget it. */
  end: z.strictObject({
    ...inRound,
    outcome: z.enum(['released', 'aborted']),
    reason,
  }),
} as const;

export type StatementKind = keyof typeof schemas;
export type Statement<K extends StatementKind> = z.infer<(typeof schemas)[K]>;

/** Who speaks (the public half of its identity, as 64 hexadecimal digits), and in which network. */
export type Speaker = { readonly publicKey: string; readonly networkId: string };

/** Whoever signs: an identity in a network. */
export type Signer = { readonly identity: Identity; readonly networkId: string };

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function signedBytes(kind: StatementKind, networkId: string, payload: Uint8Array): Uint8Array {
  return encodeParts(['privcount statement 1', kind, networkId, payload]);
}

/** The signed form of a statement. The same statement gives the same bytes. */
export function signStatement(
  kind: StatementKind,
  statement: Json,
  { identity, networkId }: Signer,
): Uint8Array {
  const payload = encoder.encode(canonicalJson(statement));
  const signed = new Uint8Array(SIGNATURE_BYTES + payload.length);
  signed.set(identity.sign(signedBytes(kind, networkId, payload)));
  signed.set(payload, SIGNATURE_BYTES);
  return signed;
}

/** The statement; undefined unless these bytes are a statement of this kind that the speaker signed in its network. */
export function readStatement<K extends StatementKind>(
  kind: K,
  signed: Uint8Array,
  { publicKey, networkId }: Speaker,
): Statement<K> | undefined {
  if (signed.length <= SIGNATURE_BYTES || signed.length > bytesMax(kind)) return undefined;
  const payload = signed.subarray(SIGNATURE_BYTES);
  const isGenuine = isSignedBy(
    publicKey,
    signedBytes(kind, networkId, payload),
    signed.subarray(0, SIGNATURE_BYTES),
  );
  return isGenuine ? parseStatement(kind, payload) : undefined;
}

function bytesMax(kind: StatementKind): number {
  return kind === 'plan' || kind === 'proposal' ? LONG_STATEMENT_BYTES_MAX : STATEMENT_BYTES_MAX;
}

/** Only the canonical form is read: a statement can't be padded, and its digest is that of what it says. */
function parseStatement<K extends StatementKind>(kind: K, payload: Uint8Array): Statement<K> | undefined {
  let text: string;
  let json: unknown;
  try {
    text = decoder.decode(payload);
    json = JSON.parse(text);
  } catch {
    return undefined;
  }
  const parsed = schemas[kind].safeParse(json);
  if (!parsed.success || canonicalJson(parsed.data as Json) !== text) return undefined;
  // The table pairs each kind with its schema, which the compiler can't follow through the index.
  return parsed.data as Statement<K>;
}

/** The digest that later statements name this one by. It covers the statement, not the signature. */
export function statementDigest(signed: Uint8Array): string {
  return toHex(sha256(signed.subarray(SIGNATURE_BYTES)));
}
