/** Integers and floats of events (spec/counters.md, 1.2). */
import { expect } from 'chai';
import fc from 'fast-check';

import { newRecord } from '../../../src/tor/events/event-record.js';
import { toFloat } from '../../../src/tor/events/float.js';
import { readInteger } from '../../../src/tor/events/integer.js';

const record = newRecord(1);

/** The slice stands between bytes that are digits, so that reading past an end shows. */
function slice(text: string): [Uint8Array, number, number] {
  const bytes = Buffer.from(`7${text}7`, 'latin1');
  return [bytes, 1, bytes.length - 1];
}

function integerOf(text: string): bigint | string {
  const reason = readInteger(...slice(text), record, 0);
  if (reason !== undefined) return reason;
  const magnitude = (BigInt(record.high[0]!) << 32n) | BigInt(record.low[0]!);
  expect(record.numbers[0]! === Number(record.negative[0] === 1 ? -magnitude : magnitude)).to.equal(true);
  return record.negative[0] === 1 ? -magnitude : magnitude;
}

const floatOf = (text: string): number => toFloat(...slice(text));

describe('integers of events', () => {
  it('are exact up to 64 bits, in any number of digits', () => {
    fc.assert(
      fc.property(
        fc
          .integer({ min: 0, max: 64 })
          .chain((bits) => fc.bigInt({ min: 0n, max: (1n << BigInt(bits)) - 1n })),
        fc.constantFrom('', '+', '-'),
        fc.constantFrom('', '0', '000000000000'),
        (value, sign, zeros) => {
          expect(integerOf(sign + zeros + String(value))).to.equal(sign === '-' ? -value : value);
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('have the greatest value 2^64 - 1, and one more is out of range', () => {
    expect(integerOf('18446744073709551615')).to.equal((1n << 64n) - 1n);
    expect(integerOf('-18446744073709551615')).to.equal(1n - (1n << 64n));
    expect(integerOf('18446744073709551616')).to.equal('out-of-range');
    expect(integerOf('00018446744073709551616')).to.equal('out-of-range');
    expect(integerOf('1'.repeat(400))).to.equal('out-of-range');
  });

  it('may have tabs, vertical tabs and form feeds around them', () => {
    expect(integerOf('\t\v12\f')).to.equal(12n);
    expect(integerOf('5\t')).to.equal(5n);
    expect(integerOf('\t-1234567890123456789')).to.equal(-1_234_567_890_123_456_789n);
  });

  it('are refused in every other form', () => {
    const wrong = [
      '',
      '+',
      '-',
      '--1',
      '1.0',
      '1e3',
      '0x10',
      '1_0',
      '12L',
      ' ',
      '\t',
      '1 2',
      'a',
      '\r1',
      '1\n',
      '1\t2',
      '१',
    ];
    for (const text of [...wrong, '123456789x', 'x23456789', '1234567890123456x', '12345678/', '12345678:']) {
      expect(integerOf(text), text).to.equal('not-an-integer');
    }
  });
});

describe('floats of events', () => {
  it('are rounded as JavaScript rounds them', () => {
    const digits = fc.string({ unit: fc.nat({ max: 9 }).map(String), minLength: 1, maxLength: 24 });
    fc.assert(
      fc.property(
        digits,
        digits,
        fc.constantFrom('', 'e5', 'E-7', 'e+300', 'e-400'),
        (whole, part, exponent) => {
          for (const text of [whole, `${whole}.`, `${whole}.${part}`, `.${part}`]) {
            expect(floatOf(text + exponent)).to.equal(Number(text + exponent));
            expect(floatOf(`-${text}${exponent}`)).to.equal(-Number(text + exponent));
          }
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('are time stamps, exactly', () => {
    fc.assert(
      fc.property(fc.nat({ max: 4_294_967_295 }), fc.nat({ max: 999_999 }), (seconds, micros) => {
        const text = `${seconds}.${String(micros).padStart(6, '0')}`;
        expect(floatOf(text)).to.equal(Number(text));
      }),
      { numRuns: 2000 },
    );
  });

  it('around 2^53 are not rounded twice', () => {
    for (const text of ['9007199254740991', '9007199254740992', '9007199254740993', '900719925474099.3']) {
      expect(floatOf(text)).to.equal(Number(text));
    }
    expect(floatOf('9223372036854775806.999999')).to.equal(2 ** 63);
  });

  it('may be infinite', () => {
    for (const text of ['inf', 'Infinity', '+INF', '1e999']) expect(floatOf(text)).to.equal(Infinity);
    expect(floatOf('-infinity')).to.equal(-Infinity);
    expect(floatOf('\tinf\f')).to.equal(Infinity);
  });

  it('are refused in every other form, nan among them', () => {
    for (const text of [
      '',
      '.',
      '+',
      '-.',
      'nan',
      'NaN',
      '1..2',
      '1.2.3',
      '1e',
      'e3',
      '0x1',
      '1_0',
      'infin',
      '1 2',
      '1,2',
      '\r1',
      '1\n',
    ]) {
      expect(floatOf(text), text).to.be.NaN;
    }
  });

  it('cost as much as they are long, however many tabs stand in them', () => {
    const tabs = '\t'.repeat(500_000);
    expect(floatOf(`${tabs}x${tabs}1`)).to.be.NaN;
    expect(floatOf(`${tabs}1.5${tabs}`)).to.equal(1.5);
    expect(integerOf(`${tabs}7${tabs}`)).to.equal(7n);
  });
});
