import { expect } from 'chai';
import fc from 'fast-check';
import { artifactDigest } from '../../src/roles/artifacts.js';
import { decodeNumberTable, encodeNumberTable } from '../../src/roles/number-table.js';

const table = fc
  .array(fc.tuple(fc.string(), fc.double({ min: Number.MIN_VALUE, noNaN: true, noDefaultInfinity: true })))
  .map((entries) => new Map(entries.filter(([name]) => name !== '__proto__')));

describe('a table of numbers', () => {
  it('is the same after a round trip', () => {
    fc.assert(
      fc.property(table, (numbers) => {
        expect(decodeNumberTable(encodeNumberTable(numbers))).to.deep.equal(numbers);
      }),
    );
  });

  it('has one digest, in whatever order its numbers come', () => {
    fc.assert(
      fc.property(table, (numbers) => {
        const reversed = new Map([...numbers].reverse());
        expect(artifactDigest(encodeNumberTable(reversed))).to.equal(
          artifactDigest(encodeNumberTable(numbers)),
        );
      }),
    );
  });

  it('has another digest with any other number', () => {
    const digestOf = (value: number) =>
      artifactDigest(encodeNumberTable(new Map([['ExitStreamCount', value]])));
    expect(digestOf(1)).to.not.equal(digestOf(1 + Number.EPSILON));
  });

  const broken: Record<string, string> = {
    'a list': '[1, 2]',
    'a number': '5',
    null: 'null',
    'a number of 0, which would allow any noise': '{"ExitStreamCount":10,"ExitCircuitCount":0}',
    'a number below 0': '{"ExitStreamCount":-1}',
    'a number that is infinite when read': '{"ExitStreamCount":1e999}',
    'text instead of a number': '{"ExitStreamCount":"10"}',
    'a map in a map': '{"ExitStreamCount":{}}',
    'no JSON': '{"ExitStreamCount":10',
    nothing: '',
  };
  for (const [what, text] of Object.entries(broken)) {
    it(`is not read from ${what}`, () => {
      expect(decodeNumberTable(new TextEncoder().encode(text))).to.equal(undefined);
    });
  }

  it('is not read from bytes that are no UTF-8', () => {
    expect(decodeNumberTable(new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]))).to.equal(undefined);
  });

  it('can not hold infinities', () => {
    expect(() => encodeNumberTable(new Map([['a', Infinity]]))).to.throw(RangeError);
  });
});
