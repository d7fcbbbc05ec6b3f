/** Arbitrary messages of every kind, each with every part of its header that it may have. */
import fc from 'fast-check';
import {
  declineCode,
  partCounts,
  type Header,
  type Message,
  type MessageKind,
} from '../../src/protocol/messages.js';

function hex(bytes: number): fc.Arbitrary<string> {
  return fc
    .uint8Array({ minLength: bytes, maxLength: bytes })
    .map((array) => Buffer.from(array).toString('hex'));
}

const nodeName = fc.stringMatching(/^[A-Za-z0-9._-]{1,64}$/);
const roundId = hex(16);
const timeMs = fc.maxSafeNat();
const plainText = fc
  .string({ unit: 'grapheme', maxLength: 200 })
  .map((text) => text.replace(/\p{Cc}/gu, ' ').slice(0, 1000));
const sets = fc.array(fc.nat({ max: 251 }), { maxLength: 252 });
const generation = fc.integer({ min: 1, max: 5000 });
const about = fc.record({ collector: nodeName, generation });

function withoutUndefined<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as T;
}

const kinds: { readonly [K in MessageKind]: fc.Arbitrary<Extract<Header, { kind: K }>> } = {
  hello: fc.record({
    kind: fc.constant('hello'),
    version: fc.maxSafeInteger(),
    networkId: hex(32),
    name: nodeName,
    signature: hex(64),
  }),
  refused: fc.record({ kind: fc.constant('refused'), reason: plainText }),
  status: fc
    .record({
      kind: fc.constant('status' as const),
      isReady: fc.boolean(),
      roundId: fc.option(roundId, { nil: undefined }),
      software: plainText.map((text) => text.slice(0, 64)),
      nowMs: timeMs,
    })
    .map(withoutUndefined),
  plan: fc.record({ kind: fc.constant('plan'), roundId }),
  'round-key': fc.record({ kind: fc.constant('round-key'), roundId }),
  deposit: fc.record({ kind: fc.constant('deposit'), roundId, collector: nodeName }),
  acknowledgement: fc.record({ kind: fc.constant('acknowledgement'), roundId }),
  start: fc.record({ kind: fc.constant('start'), roundId, restMs: timeMs }),
  started: fc.record({ kind: fc.constant('started'), roundId, generation }),
  'report-request': fc.record({ kind: fc.constant('report-request'), roundId }),
  report: fc.record({ kind: fc.constant('report'), roundId }),
  proposal: fc.record({ kind: fc.constant('proposal'), roundId }),
  vote: fc.record({ kind: fc.constant('vote'), roundId }),
  certificate: fc.record({ kind: fc.constant('certificate'), roundId, send: sets }),
  answer: fc.record({ kind: fc.constant('answer'), roundId, send: sets }),
  end: fc.record({ kind: fc.constant('end'), roundId }),
  decline: fc
    .record({
      kind: fc.constant('decline' as const),
      roundId,
      code: fc.constantFrom(...declineCode.options),
      reason: plainText,
      about: fc.option(about, { nil: undefined }),
    })
    .map(withoutUndefined),
  want: fc.record({ kind: fc.constant('want'), digest: hex(32), offset: timeMs }),
  piece: fc.record({ kind: fc.constant('piece'), digest: hex(32), offset: timeMs, total: timeMs }),
};

export const messageKinds = Object.keys(kinds) as MessageKind[];

const PART_BYTES_MAX = 40;

/** A message of this kind with as many parts as it may have. */
export function messageOf(kind: MessageKind): fc.Arbitrary<Message> {
  const [minLength, maxLength] = partCounts[kind];
  const parts = fc.array(fc.uint8Array({ maxLength: PART_BYTES_MAX }), { minLength, maxLength });
  return fc
    .tuple(kinds[kind] as fc.Arbitrary<Header>, parts)
    .map(([header, made]) => ({ ...header, parts: made }));
}

export const anyMessage: fc.Arbitrary<Message> = fc.oneof(...messageKinds.map(messageOf));
