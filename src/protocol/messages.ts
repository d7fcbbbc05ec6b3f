/**
 * Messages between the tally and the other nodes. A message is a small header, checked by a strict schema, and parts: raw
 * bytes whose meaning the comment of each kind tells. "Signed x" is a statement of src/protocol/statements.ts.
 */
import { z } from 'zod';
import { NAME_LENGTH_MAX } from './limits.js';
import { digest, generation, nodeName, plainText, reason, roundId, timeMs } from './shapes.js';

const signature = z.string().regex(/^[0-9a-f]{128}$/);

/** Why a node does not do what it was asked. Closed: each is explained in doc/protocol.md. */
export const declineCode = z.enum([
  'plan-refused',
  'round-seen',
  'busy',
  'noise-late',
  'restart-late',
  'source-unavailable',
  'artifact-missing',
  'out-of-order',
  'not-genuine',
  'deposit-refused',
  'deposit-missing',
  'set-refused',
  'voted-otherwise',
  'certificate-refused',
  'internal',
]);
export type DeclineCode = z.infer<typeof declineCode>;

const headers = [
  // Both, first: who speaks; see handshake.ts. No parts.
  z.strictObject({
    kind: z.literal('hello'),
    version: z.int(),
    networkId: digest,
    name: nodeName,
    signature,
  }),
  // Tally, instead of its hello: why the peer can't come in. No parts.
  z.strictObject({ kind: z.literal('refused'), reason }),
  // Node to tally, after the hellos and when it changes. No parts.
  z.strictObject({
    kind: z.literal('status'),
    isReady: z.boolean(),
    /** The round it takes part in, if any. */
    roundId: roundId.optional(),
    software: plainText(NAME_LENGTH_MAX),
    nowMs: timeMs,
  }),
  // Tally to keeper: [signed plan]. To collector: [signed plan, the signed round keys of the roster ...].
  z.strictObject({ kind: z.literal('plan'), roundId }),
  // Keeper: [signed round key].
  z.strictObject({ kind: z.literal('round-key'), roundId }),
  // Collector to tally: [signed deposit, the boxes in the roster's order ...]. Tally to keeper: [signed deposit, its box].
  z.strictObject({ kind: z.literal('deposit'), roundId, collector: nodeName }),
  // Keeper: [signed acknowledgement].
  z.strictObject({ kind: z.literal('acknowledgement'), roundId }),
  // Tally to collector: [signed start, signed acknowledgements of its last deposit by t keepers or more ...]. `restMs` is
  // what is left of the time in which the tally wants it to count.
  z.strictObject({ kind: z.literal('start'), roundId, restMs: timeMs }),
  // Collector: it counts, and knows that enough keepers hold the seeds of this generation. No parts.
  z.strictObject({ kind: z.literal('started'), roundId, generation }),
  // Tally to collector: your report, please. No parts.
  z.strictObject({ kind: z.literal('report-request'), roundId }),
  // Collector: [signed report, its vector].
  z.strictObject({ kind: z.literal('report'), roundId }),
  // Tally to keeper: [signed proposal].
  z.strictObject({ kind: z.literal('proposal'), roundId }),
  // Keeper: [signed vote].
  z.strictObject({ kind: z.literal('vote'), roundId }),
  // Tally to keeper: [signed votes of t keepers or more ...]; `send` names the sets whose whole sums are wanted.
  z.strictObject({
    kind: z.literal('certificate'),
    roundId,
    send: z.array(z.int().min(0).max(251)).max(252),
  }),
  // Keeper: [signed answer, the vectors of the sets in `send`, in that order ...].
  z.strictObject({ kind: z.literal('answer'), roundId, send: z.array(z.int().min(0).max(251)).max(252) }),
  // Tally: [signed end].
  z.strictObject({ kind: z.literal('end'), roundId }),
  // Node to tally: it does not do what it was asked, and why. `about` names the collector whose deposit it is about.
  z.strictObject({
    kind: z.literal('decline'),
    roundId,
    code: declineCode,
    reason,
    about: z.strictObject({ collector: nodeName, generation }).optional(),
  }),
  // Node to tally: the bytes of a list or table from this offset on, please. No parts.
  z.strictObject({ kind: z.literal('want'), digest, offset: z.int().min(0) }),
  // Tally: [the bytes]; `total` is the artifact's length, 0 if the tally does not have it.
  z.strictObject({ kind: z.literal('piece'), digest, offset: z.int().min(0), total: z.int().min(0) }),
] as const;

export const headerSchema = z.discriminatedUnion('kind', headers);

export type Header = z.infer<typeof headerSchema>;
export type MessageKind = Header['kind'];

/** A header and what comes with it. */
export type Message = Header & { readonly parts: readonly Uint8Array[] };
export type MessageOf<K extends MessageKind> = Extract<Header, { kind: K }> & {
  readonly parts: readonly Uint8Array[];
};

/** Messages of a round, which the round machines take and give. */
export type RoundMessage = Exclude<Message, { kind: 'hello' | 'refused' | 'status' | 'want' | 'piece' }>;

/** True for those; a new kind does not compile until it is said here what it is. */
export function isRoundMessage(message: Message): message is RoundMessage {
  switch (message.kind) {
    case 'hello':
    case 'refused':
    case 'status':
    case 'want':
    case 'piece':
      return false;
    case 'plan':
    case 'round-key':
    case 'deposit':
    case 'acknowledgement':
    case 'start':
    case 'started':
    case 'report-request':
    case 'report':
    case 'proposal':
    case 'vote':
    case 'certificate':
    case 'answer':
    case 'end':
    case 'decline':
      return true;
  }
}

/** How many parts a message of each kind has at least and at most. */
export const partCounts: Readonly<Record<MessageKind, readonly [min: number, max: number]>> = {
  hello: [0, 0],
  refused: [0, 0],
  status: [0, 0],
  plan: [1, 11],
  'round-key': [1, 1],
  deposit: [2, 11],
  acknowledgement: [1, 1],
  start: [2, 11],
  started: [0, 0],
  'report-request': [0, 0],
  report: [2, 2],
  proposal: [1, 1],
  vote: [1, 1],
  certificate: [1, 10],
  answer: [1, 253],
  end: [1, 1],
  decline: [0, 0],
  want: [0, 0],
  piece: [1, 1],
};
