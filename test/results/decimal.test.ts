import { expect } from 'chai';
import fc from 'fast-check';
import { addDecimals, grouped, negated, toWhole, wholeNumbersAround } from '../../src/results/decimal.js';

const decimal = fc
  .tuple(fc.bigInt({ min: -(2n ** 127n), max: 2n ** 127n }), fc.nat({ max: 64 }))
  .map(([units, places]) => {
    const digits = String(units < 0n ? -units : units).padStart(places + 1, '0');
    const text = places === 0 ? digits : `${digits.slice(0, -places)}.${digits.slice(-places)}`;
    return units < 0n ? `-${text}` : text;
  });

describe('decimals', () => {
  it('are added exactly', () => {
    expect(addDecimals(['0.1', '0.2'])).to.equal('0.3');
    expect(addDecimals([String(2n ** 126n), '0.5', '-1'])).to.equal(`${2n ** 126n - 1n}.5`);
    expect(addDecimals(['-0.25', '0.2'])).to.equal('-0.05');
    expect(addDecimals(['-0'])).to.equal('0');
  });

  it('are gone when their opposite is added, whatever they are', () => {
    fc.assert(
      fc.property(decimal, (text) => {
        expect(addDecimals([text, negated(text)])).to.equal('0');
      }),
    );
  });

  it('lie within the whole numbers around them', () => {
    fc.assert(
      fc.property(decimal, fc.double({ min: 0, max: 1e12, noNaN: true }), (text, half) => {
        const { low, high } = wholeNumbersAround(text, half);
        const whole = toWhole(text);
        expect(low <= whole && whole <= high).to.equal(true);
        expect(Number(high - low)).to.be.at.least(2 * half * (1 - 1e-9) - 1e-9);
      }),
    );
  });

  it('are rounded to whole numbers, halves away from 0', () => {
    expect(['2.5', '-2.5', '2.4999', '-0.4', '7', '0.5'].map(toWhole)).to.deep.equal([
      3n,
      -3n,
      2n,
      0n,
      7n,
      1n,
    ]);
  });

  it('are grouped by thousands, but for what follows the point', () => {
    expect(['1234567', '-1234.56789', '999', '0.123456'].map(grouped)).to.deep.equal([
      '1,234,567',
      '-1,234.56789',
      '999',
      '0.123456',
    ]);
  });
});
