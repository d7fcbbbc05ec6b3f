import { expect } from 'chai';
import fc from 'fast-check';
import {
  addToCell,
  addVector,
  BYTES_PER_CELL,
  cellCount,
  fromBytes,
  fromSigned,
  incrementCell,
  LANES_PER_CELL,
  newVector,
  subtractVector,
  toBytes,
  toSigned,
  type RingVector,
} from '../../src/core/ring.js';

const MODULUS = 2n ** 128n;
const HALF = 2n ** 127n;
const LANE_MAX = 0xffff_ffff;

/** Lanes at which a carry, a borrow or a sign can go wrong come up as often as all others together. */
const lane = fc.oneof(
  fc.constantFrom(0, 1, 0x7fff_ffff, 0x8000_0000, LANE_MAX - 1, LANE_MAX),
  fc.integer({ min: 0, max: LANE_MAX }),
);
const cell = fc.tuple(lane, lane, lane, lane);

/** Vectors of the same length, one to six cells each. */
function vectors(count: number): fc.Arbitrary<RingVector[]> {
  return fc
    .array(fc.tuple(...Array.from({ length: count }, () => cell)), { minLength: 1, maxLength: 6 })
    .map((rows) =>
      Array.from({ length: count }, (_, at) => Uint32Array.from(rows.flatMap((row) => row[at]!))),
    );
}

const vectorAndCell = vectors(1).chain(([vector]) =>
  fc.tuple(fc.constant(vector!), fc.nat({ max: cellCount(vector!) - 1 })),
);

/** The plain version: a cell is the integer whose digits to the base 2^32 are its lanes. */
function toIntegers(vector: RingVector): bigint[] {
  return Array.from({ length: vector.length / 4 }, (_, at) =>
    vector.slice(4 * at, 4 * at + 4).reduceRight((value, digit) => value * 2n ** 32n + BigInt(digit), 0n),
  );
}

function modulo(value: bigint): bigint {
  return ((value % MODULUS) + MODULUS) % MODULUS;
}

function lift(value: bigint): bigint {
  return value >= HALF ? value - MODULUS : value;
}

describe('ring vectors', () => {
  it('start at zero and have four lanes and 16 bytes a cell', () => {
    const vector = newVector(3);
    expect(vector).to.deep.equal(new Uint32Array(12));
    expect(cellCount(vector)).to.equal(3);
    expect(LANES_PER_CELL * Uint32Array.BYTES_PER_ELEMENT).to.equal(BYTES_PER_CELL);
    expect(newVector(0)).to.have.length(0);
  });

  it('are added as integers modulo 2^128', () => {
    fc.assert(
      fc.property(vectors(2), ([left, right]) => {
        const wanted = toIntegers(left!).map((value, at) => modulo(value + toIntegers(right!)[at]!));
        const addend = right!.slice();
        addVector(left!, right!);
        expect(toIntegers(left!)).to.deep.equal(wanted);
        expect(right).to.deep.equal(addend);
      }),
      { numRuns: 1000 },
    );
  });

  it('are subtracted as integers modulo 2^128', () => {
    fc.assert(
      fc.property(vectors(2), ([left, right]) => {
        const wanted = toIntegers(left!).map((value, at) => modulo(value - toIntegers(right!)[at]!));
        const subtrahend = right!.slice();
        subtractVector(left!, right!);
        expect(toIntegers(left!)).to.deep.equal(wanted);
        expect(right).to.deep.equal(subtrahend);
      }),
      { numRuns: 1000 },
    );
  });

  it('carry and borrow through all lanes of a cell, and never into the next', () => {
    const ones = fromSigned([-1n, 0n]);
    addVector(ones, fromSigned([1n, 0n]));
    expect(ones).to.deep.equal(newVector(2));
    subtractVector(ones, fromSigned([1n, 0n]));
    expect(toSigned(ones)).to.deep.equal([-1n, 0n]);
  });

  it('have the same sum in any order, and no trace of what was added and taken away again', () => {
    const shuffled = vectors(5).chain((terms) =>
      fc.tuple(fc.constant(terms), fc.shuffledSubarray([0, 1, 2, 3, 4], { minLength: 5 })),
    );
    fc.assert(
      fc.property(shuffled, ([terms, order]) => {
        const inOrder = newVector(cellCount(terms[0]!));
        const inOtherOrder = newVector(cellCount(terms[0]!));
        for (const term of terms) addVector(inOrder, term);
        for (const at of order) addVector(inOtherOrder, terms[at]!);
        expect(inOtherOrder).to.deep.equal(inOrder);
        for (const at of order) subtractVector(inOtherOrder, terms[at]!);
        expect(inOtherOrder).to.deep.equal(newVector(cellCount(inOrder)));
      }),
    );
  });

  it('can be added to and subtracted from themselves', () => {
    fc.assert(
      fc.property(vectors(1), ([vector]) => {
        const wanted = toIntegers(vector!).map((value) => modulo(2n * value));
        addVector(vector!, vector!);
        expect(toIntegers(vector!)).to.deep.equal(wanted);
        subtractVector(vector!, vector!);
        expect(vector).to.deep.equal(newVector(cellCount(vector!)));
      }),
    );
  });

  it('of different lengths are refused and left as they were', () => {
    const two = fromSigned([1n, 2n]);
    for (const other of [newVector(1), newVector(3), newVector(0)]) {
      expect(() => addVector(two, other)).to.throw(RangeError, 'vectors of 2 and');
      expect(() => subtractVector(two, other)).to.throw(RangeError, "can't be added");
    }
    expect(toSigned(two)).to.deep.equal([1n, 2n]);
  });
});

describe('one cell', () => {
  it('is incremented modulo 2^128, and no other is touched', () => {
    fc.assert(
      fc.property(vectorAndCell, ([vector, at]) => {
        const wanted = toIntegers(vector);
        wanted[at] = modulo(wanted[at]! + 1n);
        incrementCell(vector, at * LANES_PER_CELL);
        expect(toIntegers(vector)).to.deep.equal(wanted);
      }),
      { numRuns: 1000 },
    );
  });

  for (const full of [0, 1, 2, 3, 4]) {
    it(`is incremented right when its ${full} lowest lanes are full`, () => {
      const value = 2n ** BigInt(32 * full) - 1n;
      const vector = fromSigned([7n, value, 9n]);
      incrementCell(vector, LANES_PER_CELL);
      expect(toIntegers(vector)).to.deep.equal([7n, modulo(value + 1n), 9n]);
    });
  }

  it('takes any amount of 64 bits modulo 2^128, and no other is touched', () => {
    fc.assert(
      fc.property(vectorAndCell, lane, lane, ([vector, at], low, high) => {
        const wanted = toIntegers(vector);
        wanted[at] = modulo(wanted[at]! + BigInt(high) * 2n ** 32n + BigInt(low));
        addToCell(vector, at * LANES_PER_CELL, { low, high });
        expect(toIntegers(vector)).to.deep.equal(wanted);
      }),
      { numRuns: 1000 },
    );
  });

  for (const value of [0n, 2n ** 32n - 1n, 2n ** 64n - 1n, 2n ** 96n - 1n, MODULUS - 1n]) {
    it(`takes the largest amount on top of ${value}`, () => {
      const vector = fromSigned([7n, value, 9n]);
      addToCell(vector, LANES_PER_CELL, { low: LANE_MAX, high: LANE_MAX });
      expect(toIntegers(vector)).to.deep.equal([7n, modulo(value + 2n ** 64n - 1n), 9n]);
    });
  }

  it('holds the sum of many increments and amounts', () => {
    const vector = fromSigned([2n ** 100n - 3n]);
    for (let times = 0; times < 1000; times += 1) {
      incrementCell(vector, 0);
      addToCell(vector, 0, { low: LANE_MAX, high: 1 });
    }
    expect(toSigned(vector)).to.deep.equal([2n ** 100n - 3n + 1000n + 1000n * (2n ** 33n - 1n)]);
  });
});

describe('cells as signed integers', () => {
  it('are lifted into [-2^127, 2^127)', () => {
    fc.assert(
      fc.property(vectors(1), ([vector]) => {
        expect(toSigned(vector!)).to.deep.equal(toIntegers(vector!).map(lift));
      }),
    );
  });

  it('change their sign between 2^127 - 1 and 2^127', () => {
    expect(toSigned(fromSigned([HALF - 1n, HALF, -HALF, -HALF - 1n]))).to.deep.equal([
      HALF - 1n,
      -HALF,
      -HALF,
      HALF - 1n,
    ]);
    expect(toSigned(fromSigned([0n, -1n, MODULUS - 1n, MODULUS, -MODULUS]))).to.deep.equal([
      0n,
      -1n,
      -1n,
      0n,
      0n,
    ]);
  });

  it('come back as they were put in, whatever their size modulo 2^128', () => {
    const huge = fc.bigInt({ min: -(2n ** 300n), max: 2n ** 300n });
    fc.assert(
      fc.property(fc.array(huge, { maxLength: 5 }), (values) => {
        const vector = fromSigned(values);
        expect(toIntegers(vector)).to.deep.equal(values.map(modulo));
        expect(toSigned(vector)).to.deep.equal(values.map((value) => lift(modulo(value))));
      }),
    );
  });

  it('add up exactly as long as no sum leaves the range', () => {
    const summand = fc.bigInt({ min: -(2n ** 125n), max: 2n ** 125n });
    fc.assert(
      fc.property(fc.array(summand, { minLength: 1, maxLength: 4 }), (values) => {
        const total = newVector(1);
        for (const value of values) addVector(total, fromSigned([value]));
        expect(toSigned(total)).to.deep.equal([values.reduce((sum, value) => sum + value, 0n)]);
      }),
    );
  });
});

describe('cells as bytes', () => {
  it('are 16 little-endian bytes each, in cell order', () => {
    const bytes = toBytes(fromSigned([0x0102_0304_0506_0708_090a_0b0c_0d0e_0f10n, -2n]));
    expect([...bytes]).to.deep.equal([
      ...[16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1],
      ...[254, ...new Array<number>(15).fill(255)],
    ]);
  });

  it('come back as they were, from any place in a larger buffer', () => {
    fc.assert(
      fc.property(vectors(1), fc.nat({ max: 9 }), ([vector], byteOffset) => {
        const bytes = toBytes(vector!);
        const larger = new Uint8Array(bytes.length + 20).fill(0xa5);
        larger.set(bytes, byteOffset);
        const view = larger.subarray(byteOffset, byteOffset + bytes.length);
        expect(fromBytes(view)).to.deep.equal(vector);
        expect(fromBytes(Buffer.from(bytes))).to.deep.equal(vector);
      }),
    );
  });

  it('are a copy, so that a change of one does not show in the other', () => {
    const bytes = toBytes(fromSigned([5n]));
    const vector = fromBytes(bytes);
    bytes.fill(0);
    expect(toSigned(vector)).to.deep.equal([5n]);
    toBytes(vector).fill(0);
    expect(toSigned(vector)).to.deep.equal([5n]);
  });

  it('are refused unless whole cells, and none are no cells', () => {
    for (const length of [1, 15, 17, 31]) {
      expect(() => fromBytes(new Uint8Array(length))).to.throw(RangeError, `not ${length}`);
    }
    expect(fromBytes(new Uint8Array(0))).to.deep.equal(newVector(0));
    expect(toBytes(newVector(0))).to.have.length(0);
  });
});
