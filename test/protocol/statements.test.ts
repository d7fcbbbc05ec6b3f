import { expect } from 'chai';
import { encodeParts } from '../../src/core/parts.js';
import { toHex } from '../../src/core/hex.js';
import { sha256 } from '../../src/crypto/primitives.js';
import { canonicalJson, type Json } from '../../src/protocol/canonical-json.js';
import {
  COLLECTORS_MAX,
  COUNTERS_MAX,
  GENERATIONS_MAX,
  LONG_STATEMENT_BYTES_MAX,
  REASON_LENGTH_MAX,
  STATEMENT_BYTES_MAX,
} from '../../src/protocol/limits.js';
import {
  readStatement,
  signStatement,
  statementDigest,
  type Speaker,
  type StatementKind,
} from '../../src/protocol/statements.js';
import { TEST_NETWORK_ID, testIdentity } from '../support/test-network.js';
import { DIGEST, sampleStatements, statementKinds, type JsonObject } from './sample-statements.js';

const identity = testIdentity('keeper-1');
const speaker: Speaker = { publicKey: identity.publicKey, networkId: TEST_NETWORK_ID };
const signer = { identity, networkId: TEST_NETWORK_ID };

/** Signed bytes whose payload is not what `signStatement` would write. */
function signPayload(kind: StatementKind, payload: Uint8Array): Uint8Array {
  const signature = identity.sign(encodeParts(['privcount statement 1', kind, TEST_NETWORK_ID, payload]));
  return Buffer.concat([signature, payload]);
}

function isRead(kind: StatementKind, statement: Json): boolean {
  return readStatement(kind, signStatement(kind, statement, signer), speaker) !== undefined;
}

function repeat<T>(count: number, item: T): T[] {
  return Array.from({ length: count }, () => item);
}

describe('statements', () => {
  for (const kind of statementKinds) {
    const statement = sampleStatements[kind];
    const signed = signStatement(kind, statement, signer);

    it(`of kind ${kind} are read as they were signed`, () => {
      expect(readStatement(kind, signed, speaker)).to.deep.equal(statement);
      expect(signStatement(kind, statement, signer)).to.deep.equal(signed);
      const turned = Object.fromEntries(Object.entries(statement).reverse());
      expect(signStatement(kind, turned, signer)).to.deep.equal(signed);
    });

    it(`of kind ${kind} are refused as any other kind, in another network, and of another node`, () => {
      for (const other of statementKinds.filter((name) => name !== kind)) {
        expect(readStatement(other, signed, speaker), other).to.equal(undefined);
      }
      expect(readStatement(kind, signed, { ...speaker, networkId: 'ac'.repeat(32) })).to.equal(undefined);
      const { publicKey } = testIdentity('keeper-2');
      expect(readStatement(kind, signed, { ...speaker, publicKey })).to.equal(undefined);
      expect(readStatement(kind, signed, { ...speaker, publicKey: '' })).to.equal(undefined);
    });

    it(`of kind ${kind} have no unknown key and lack none`, () => {
      for (const key of ['extra', '__proto__', 'kind']) {
        const extra = Object.defineProperty({ ...statement }, key, { value: 1, enumerable: true });
        expect(isRead(kind, extra), key).to.equal(false);
      }
      for (const key of Object.keys(statement)) {
        const lacking = Object.fromEntries(Object.entries(statement).filter(([name]) => name !== key));
        expect(isRead(kind, lacking), `without ${key}`).to.equal(kind === 'plan' && key === 'sigmas');
        expect(isRead(kind, { ...statement, [key]: null }), `${key}: null`).to.equal(false);
      }
    });
  }

  it('are refused with any bit flipped, cut anywhere, or with a byte too many', () => {
    const signed = signStatement('vote', sampleStatements.vote, signer);
    for (let bit = 0; bit < 8 * signed.length; bit += 1) {
      const changed = signed.slice();
      changed[bit >> 3]! ^= 1 << (bit & 7);
      expect(readStatement('vote', changed, speaker), `bit ${bit}`).to.equal(undefined);
    }
    for (let length = 0; length < signed.length; length += 1) {
      expect(readStatement('vote', signed.subarray(0, length), speaker), `cut at ${length}`).to.equal(
        undefined,
      );
    }
    expect(readStatement('vote', Buffer.concat([signed, Buffer.of(32)]), speaker)).to.equal(undefined);
  });

  it('are named by a digest of what they say, not of who signed', () => {
    const mine = signStatement('vote', sampleStatements.vote, signer);
    const theirs = signStatement('vote', sampleStatements.vote, {
      ...signer,
      identity: testIdentity('keeper-2'),
    });
    expect(statementDigest(theirs)).to.equal(statementDigest(mine));
    expect(statementDigest(mine)).to.equal(toHex(sha256(Buffer.from(canonicalJson(sampleStatements.vote)))));
    const other = signStatement('vote', { ...sampleStatements.vote, keeper: 'keeper-2' }, signer);
    expect(statementDigest(other)).not.to.equal(statementDigest(mine));
  });
});

describe('signed bytes that are no statement', () => {
  const canonical = canonicalJson(sampleStatements.start);
  const cases: readonly [what: string, payload: string | Uint8Array][] = [
    ['text that is not JSON', '{'],
    ['bytes that are not UTF-8', Uint8Array.of(0xff)],
    ['another value', '1'],
    ['space between the members', canonical.replace(',', ', ')],
    ['space at the end', `${canonical} `],
    ['members in another order', JSON.stringify({ startedAtMs: 5, roundId: '5a'.repeat(16), plan: DIGEST })],
    ['a member that stands twice', canonical.replace('{', `{"plan":"${DIGEST}",`)],
    ['a number written otherwise', canonical.replace(':5', ':5.0')],
    ['a negative zero', canonical.replace(':5', ':-0')],
    ['a number that is too large', canonical.replace(':5', ':5e999')],
    ['a byte order mark', Buffer.concat([Buffer.of(0xef, 0xbb, 0xbf), Buffer.from(canonical)])],
    ['an escaped character', canonical.replace('"plan"', '"\\u0070lan"')],
  ];
  for (const [what, payload] of cases) {
    it(`are refused: ${what}`, () => {
      const signed = signPayload('start', Buffer.from(payload));
      expect(readStatement('start', signed, speaker)).to.equal(undefined);
    });
  }

  it('are read if the bytes are the canonical ones', () => {
    expect(readStatement('start', signPayload('start', Buffer.from(canonical)), speaker)).to.deep.equal(
      sampleStatements.start,
    );
  });
});

describe('the limits of statements', () => {
  const hostile = '['.repeat(1000);

  it('are 64 KiB, or 4 MiB for plans and proposals, and nothing longer is even parsed', () => {
    for (const kind of statementKinds) {
      const max = kind === 'plan' || kind === 'proposal' ? LONG_STATEMENT_BYTES_MAX : STATEMENT_BYTES_MAX;
      const payload = Buffer.alloc(max - 64, hostile);
      expect(readStatement(kind, signPayload(kind, payload), speaker), kind).to.equal(undefined);
      expect(readStatement(kind, new Uint8Array(max + 1), speaker), kind).to.equal(undefined);
    }
    const reason = 'x'.repeat(REASON_LENGTH_MAX);
    expect(isRead('end', { ...sampleStatements.end, reason })).to.equal(true);
  });

  it('leave room for the longest of each kind', () => {
    const deposit = { ...sampleStatements.deposit, commitments: repeat(252, DIGEST) };
    const boxes = repeat(10, { keeper: 'k'.repeat(64), digest: DIGEST });
    expect(isRead('deposit', { ...deposit, boxes })).to.equal(true);
    const sums = repeat(252, { set: 251, digest: DIGEST });
    expect(isRead('answer', { ...sampleStatements.answer, sums })).to.equal(true);
    const generations = repeat(GENERATIONS_MAX, GENERATIONS_MAX);
    expect(isRead('report', { ...sampleStatements.report, generations })).to.equal(true);
    const entry = { collector: 'c'.repeat(64), generations: [GENERATIONS_MAX], report: DIGEST };
    expect(isRead('proposal', { ...sampleStatements.proposal, set: repeat(COLLECTORS_MAX, entry) })).to.equal(
      true,
    );
    const counter = { name: 'ExitStreamLifeTimeInterval', sigma: 12345.678, bins: [[0, 'inf']] };
    const plan = { ...sampleStatements.plan, counters: repeat(COUNTERS_MAX, counter) };
    expect(isRead('plan', plan)).to.equal(true);
  });

  const entry = { collector: 'c', generations: [1], report: DIGEST };
  const cases: readonly [what: string, kind: StatementKind, fits: JsonObject, tooMuch: JsonObject][] = [
    ['a key of 32 bytes', 'round-key', { key: DIGEST }, { key: `${DIGEST}00` }],
    ['1 commitment', 'deposit', {}, { commitments: [] }],
    [
      '252 commitments',
      'deposit',
      { commitments: repeat(252, DIGEST) },
      { commitments: repeat(253, DIGEST) },
    ],
    ['1 box', 'deposit', {}, { boxes: [] }],
    [
      '10 boxes',
      'deposit',
      { boxes: repeat(10, { keeper: 'k', digest: DIGEST }) },
      { boxes: repeat(11, { keeper: 'k', digest: DIGEST }) },
    ],
    ['nothing unknown in a box', 'deposit', {}, { boxes: [{ keeper: 'k', digest: DIGEST, extra: 1 }] }],
    ['generation 1', 'acknowledgement', { generation: 1 }, { generation: 0 }],
    ['generation 5000', 'acknowledgement', { generation: 5000 }, { generation: 5001 }],
    ['time 0', 'start', { startedAtMs: 0 }, { startedAtMs: -1 }],
    ['the last whole millisecond', 'start', { startedAtMs: 2 ** 53 - 1 }, { startedAtMs: 2 ** 53 }],
    ['1 generation', 'report', {}, { generations: [] }],
    ['generation 5000 reported', 'report', { generations: [5000] }, { generations: [5001] }],
    ['1 collector', 'proposal', {}, { set: [] }],
    ['4096 collectors', 'proposal', { set: repeat(4096, entry) }, { set: repeat(4097, entry) }],
    ['1 generation of each', 'proposal', {}, { set: [{ ...entry, generations: [] }] }],
    ['5000 generations', 'proposal', fiveThousand(0), fiveThousand(1)],
    ['nothing unknown in a set', 'proposal', {}, { set: [{ ...entry, extra: 1 }] }],
    ['1 sum', 'answer', {}, { sums: [] }],
    ['252 sums', 'answer', sumsOf(252), sumsOf(253)],
    ['set 251', 'answer', { sums: [{ set: 251, digest: DIGEST }] }, { sums: [{ set: 252, digest: DIGEST }] }],
    ['nothing unknown in a sum', 'answer', {}, { sums: [{ set: 0, digest: DIGEST, extra: 1 }] }],
    ['known outcomes', 'end', { outcome: 'released' }, { outcome: 'lost' }],
    ['a reason of 1000 characters', 'end', { reason: 'x'.repeat(1000) }, { reason: 'x'.repeat(1001) }],
    ['a reason of one line', 'end', { reason: 'a b' }, { reason: 'a\nb' }],
  ];
  for (const [what, kind, fits, tooMuch] of cases) {
    it(`are ${what} in a ${kind}, and nothing past it`, () => {
      expect(isRead(kind, { ...sampleStatements[kind], ...fits })).to.equal(true);
      expect(isRead(kind, { ...sampleStatements[kind], ...tooMuch })).to.equal(false);
    });
  }

  function fiveThousand(more: number): JsonObject {
    return { set: [{ ...entry, generations: repeat(GENERATIONS_MAX + more, 1) }] };
  }
  function sumsOf(count: number): JsonObject {
    return { sums: repeat(count, { set: 1, digest: DIGEST }) };
  }
});
