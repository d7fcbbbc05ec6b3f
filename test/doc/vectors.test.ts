import { expect } from 'chai';
import { toHex } from '../../src/core/hex.js';
import { encodeParts } from '../../src/core/parts.js';
import { encodeMessage } from '../../src/protocol/codec.js';
import { signStatement, statementDigest } from '../../src/protocol/statements.js';
import { testIdentity } from '../support/test-network.js';
import { blockOf } from './documents.js';

const PROTOCOL = 'doc/protocol.md';

/** The last lines of a block, without the words at the start of each and without spaces. */
function lastHex(tag: string): string {
  return blockOf(PROTOCOL, tag).trimEnd().split('\n').at(-1)!.replaceAll(' ', '');
}

describe('vectors of doc/protocol.md', () => {
  it('has the bytes of parts', () => {
    expect(lastHex('vector: parts')).to.equal(toHex(encodeParts(['privcount', '1'])));
  });

  it('has the bytes of a frame', () => {
    const frame = encodeMessage({ kind: 'started', roundId: '01'.repeat(16), generation: 1, parts: [] });
    expect(lastHex('vector: frame')).to.equal(toHex(frame));
  });

  it('has the signature, the JSON and the digest of a statement', () => {
    const identity = testIdentity('tally');
    const statement = { plan: 'ab'.repeat(32), roundId: '01'.repeat(16), startedAtMs: 1000 };
    const signed = signStatement('start', statement, { identity, networkId: 'ab'.repeat(32) });
    const written = blockOf(PROTOCOL, 'vector: statement').trimEnd().split('\n').slice(2);
    expect(written.map((line) => line.split(/ +/))).to.deep.equal([
      ['public', 'key', identity.publicKey],
      ['signature', toHex(signed.subarray(0, 64))],
      ['JSON', new TextDecoder().decode(signed.subarray(64))],
      ['digest', statementDigest(signed)],
    ]);
  });
});
