import { expect } from 'chai';
import fc from 'fast-check';
import { toHex } from '../../src/core/hex.js';
import { encodeParts } from '../../src/core/parts.js';

const byteParts = fc.array(fc.uint8Array({ maxLength: 6 }), { maxLength: 5 });
const textParts = fc.array(fc.string({ unit: 'binary', maxLength: 6 }), { maxLength: 5 });

/** Undoes `encodeParts`, which proves that no two lists have one encoding. */
function decode(bytes: Uint8Array): Uint8Array[] {
  const parts: Uint8Array[] = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at < bytes.length;) {
    const length = view.getUint32(at);
    parts.push(bytes.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return parts;
}

describe('encoded parts', () => {
  it('are each preceded by their length in four big-endian bytes', () => {
    expect(toHex(encodeParts(['ab', Uint8Array.of(7), '']))).to.equal('0000000261620000000107' + '00000000');
    expect(encodeParts([])).to.have.length(0);
    expect(toHex(encodeParts([new Uint8Array(258)]).subarray(0, 4))).to.equal('00000102');
  });

  it('count texts as UTF-8', () => {
    expect(toHex(encodeParts(['ü№🧅']))).to.equal('00000009c3bce28496f09fa785');
    expect(encodeParts(['ü'])).to.deep.equal(encodeParts([Uint8Array.of(0xc3, 0xbc)]));
  });

  it('can be told apart again, whatever the parts', () => {
    fc.assert(
      fc.property(byteParts, (parts) => {
        expect(decode(encodeParts(parts)).map(toHex)).to.deep.equal(parts.map(toHex));
      }),
    );
    fc.assert(
      fc.property(textParts, (parts) => {
        const texts = decode(encodeParts(parts)).map((part) => Buffer.from(part).toString('utf8'));
        expect(texts).to.deep.equal(parts);
      }),
    );
  });

  it('take a view for what it shows and not for its whole buffer', () => {
    const whole = Uint8Array.of(1, 2, 3, 4);
    expect(encodeParts([whole.subarray(1, 3)])).to.deep.equal(encodeParts([Uint8Array.of(2, 3)]));
  });

  it('differ where letters move from one part to the next', () => {
    expect(encodeParts(['ab', 'c'])).not.to.deep.equal(encodeParts(['a', 'bc']));
    expect(encodeParts(['a', ''])).not.to.deep.equal(encodeParts(['a']));
  });
});
