import { expect } from 'chai';
import { toHex } from '../../src/core/hex.js';
import { x25519PublicKey } from '../../src/crypto/sealing.js';
import { readRoster, readRoundKey, rosterDigest } from '../../src/protocol/roster.js';
import { signerOf } from '../../src/protocol/round.js';
import { signStatement } from '../../src/protocol/statements.js';
import { testNetwork, testSelf } from '../support/test-network.js';
import { DIGEST, ROUND_ID } from './sample-statements.js';

const known = testNetwork({ keepers: 4, threshold: 3 });
const KEY = x25519PublicKey(new Uint8Array(32).fill(3));

function roundKey(
  keeper: string,
  changes: { plan?: string; signer?: string; key?: string } = {},
): Uint8Array {
  const { plan = DIGEST, signer = keeper, key = toHex(KEY) } = changes;
  return signStatement(
    'round-key',
    { roundId: ROUND_ID, plan, keeper, key },
    signerOf(testSelf(known, signer)),
  );
}

const keys = ['keeper-1', 'keeper-2', 'keeper-3', 'keeper-4'].map((name) => roundKey(name));
const [first, second, third, fourth] = keys as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];

describe('a round key', () => {
  it('is known by the keeper that signed it and names itself', () => {
    expect(readRoundKey(third, DIGEST, known)).to.deep.equal({ name: 'keeper-3', index: 2, key: KEY });
  });

  it('is refused of another plan, or signed by another node', () => {
    expect(readRoundKey(third, '00'.repeat(32), known)).to.equal(undefined);
    expect(readRoundKey(roundKey('keeper-3', { signer: 'keeper-2' }), DIGEST, known)).to.equal(undefined);
    expect(readRoundKey(roundKey('keeper-3', { signer: 'collector-1' }), DIGEST, known)).to.equal(undefined);
    expect(readRoundKey(roundKey('keeper-9'), DIGEST, known)).to.equal(undefined);
    expect(readRoundKey(third, DIGEST, { ...known, id: '00'.repeat(32) })).to.equal(undefined);
  });

  it('is refused if it is of small order', () => {
    const smallOrder = [
      '00'.repeat(32),
      `01${'00'.repeat(31)}`,
      'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
      `ec${'ff'.repeat(30)}7f`,
    ];
    for (const key of smallOrder)
      expect(readRoundKey(roundKey('keeper-3', { key }), DIGEST, known), key).to.equal(undefined);
  });
});

describe('a roster', () => {
  it('is t or more round keys in the order of network.yaml', () => {
    for (const some of [keys, [first, second, third], [first, third, fourth], [second, third, fourth]]) {
      const roster = readRoster(some, DIGEST, known);
      expect(roster?.keepers).to.have.length(some.length);
      expect(roster?.digest).to.equal(rosterDigest(some));
    }
  });

  it('is refused with fewer than t, in another order, with one twice, or with one that is not good', () => {
    const bad = [
      [],
      [first, second],
      [second, first, third],
      [first, first, second],
      [first, second, third, third],
      [first, second, third, roundKey('keeper-4', { plan: '00'.repeat(32) })],
      [first, second, third, new Uint8Array(0)],
    ];
    for (const some of bad) expect(readRoster(some, DIGEST, known)).to.equal(undefined);
  });

  it('has a digest that no other roster has', () => {
    const other = roundKey('keeper-3', { key: toHex(x25519PublicKey(new Uint8Array(32).fill(4))) });
    const digests = [keys, keys.slice(1), keys.slice(0, 3), [first, second, other, fourth]].map(rosterDigest);
    expect(new Set(digests)).to.have.length(4);
  });
});
