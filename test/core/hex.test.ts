import { expect } from 'chai';
import fc from 'fast-check';
import { fromHex, toHex } from '../../src/core/hex.js';

describe('hexadecimal text', () => {
  it('is two lower-case digits a byte', () => {
    expect(toHex(Uint8Array.of(0, 1, 0x0a, 0x7f, 0x80, 0xff))).to.equal('00010a7f80ff');
    expect(toHex(new Uint8Array(0))).to.equal('');
  });

  it('comes back as the bytes it was made of, in either case', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(toHex(bytes)).to.equal(Buffer.from(bytes).toString('hex'));
        expect(fromHex(toHex(bytes))).to.deep.equal(bytes);
        expect(fromHex(toHex(bytes).toUpperCase())).to.deep.equal(bytes);
      }),
    );
  });

  it('may be as long as a whole vector', () => {
    expect(fromHex('ab'.repeat(2_000_000))).to.have.length(2_000_000);
  });

  for (const text of [
    'a',
    'abc',
    'zz',
    '0x',
    ' ab',
    'ab\n',
    '\nab',
    'a b ',
    '0g',
    '-1',
    '+1',
    '１２',
    '😀',
  ]) {
    it(`is refused as ${JSON.stringify(text)}, which the error does not repeat`, () => {
      expect(() => fromHex(text)).to.throw(RangeError, /^not hexadecimal text$/);
    });
  }
});
