/**
 * Vectors over Z/2^128, the numbers every report, mask and total is made of (doc/protocol.md, "Cells").
 *
 * A vector of n cells is one Uint32Array of 4n lanes; cell i is lanes[4i] (lowest 32 bits) to lanes[4i + 3].
 * 2^128 because sums of squares of pay in cents pass PrivCount's 2^70, and 32-bit lanes because adding to a
 * cell happens per event and must not allocate, which a bigint would.
 *
 * Hot path: everything but `toSigned` and `fromSigned` runs per event, or per cell of a mask. The plain version is bigint
 * arithmetic modulo 2^128 in test/core/ring.test.ts.
 *
 * Of two lanes x and y, `Math.floor((x + y) / LANE_VALUES)` is the carry, 0 or 1, and of x - y the borrow, 0 or -1. No branch,
 * since between random lanes a processor guesses it wrong half of the time: three times as fast as with one.
 */

export const LANES_PER_CELL = 4;
export const BYTES_PER_CELL = 16;

const LANE_VALUES = 2 ** 32;
const MODULUS = 1n << 128n;
const HALF = 1n << 127n;
const LANE_MASK = 0xffff_ffffn;

/** A vector of cells in Z/2^128, four little-endian lanes each. */
export type RingVector = Uint32Array;

export function newVector(cells: number): RingVector {
  return new Uint32Array(cells * LANES_PER_CELL);
}

export function cellCount(vector: RingVector): number {
  return vector.length / LANES_PER_CELL;
}

/** target += addend, cell by cell, modulo 2^128. Throws RangeError if the lengths differ. */
export function addVector(target: RingVector, addend: RingVector): void {
  checkSameLength(target, addend);
  for (let lane = 0; lane < target.length; lane += LANES_PER_CELL) {
    let sum = target[lane]! + addend[lane]!;
    target[lane] = sum;
    sum = target[lane + 1]! + addend[lane + 1]! + Math.floor(sum / LANE_VALUES);
    target[lane + 1] = sum;
    sum = target[lane + 2]! + addend[lane + 2]! + Math.floor(sum / LANE_VALUES);
    target[lane + 2] = sum;
    target[lane + 3] = target[lane + 3]! + addend[lane + 3]! + Math.floor(sum / LANE_VALUES);
  }
}

/** target -= subtrahend, cell by cell, modulo 2^128. Throws RangeError if the lengths differ. */
export function subtractVector(target: RingVector, subtrahend: RingVector): void {
  checkSameLength(target, subtrahend);
  for (let lane = 0; lane < target.length; lane += LANES_PER_CELL) {
    let difference = target[lane]! - subtrahend[lane]!;
    target[lane] = difference;
    difference = target[lane + 1]! - subtrahend[lane + 1]! + Math.floor(difference / LANE_VALUES);
    target[lane + 1] = difference;
    difference = target[lane + 2]! - subtrahend[lane + 2]! + Math.floor(difference / LANE_VALUES);
    target[lane + 2] = difference;
    target[lane + 3] = target[lane + 3]! - subtrahend[lane + 3]! + Math.floor(difference / LANE_VALUES);
  }
}

/** cell += 1, in place. `lane` is the cell's first lane, that is 4 times its number. */
export function incrementCell(vector: RingVector, lane: number): void {
  if ((vector[lane] = vector[lane]! + 1) === LANE_VALUES) carry(vector, lane + 1);
}

/**
 * cell += high * 2^32 + low, in place, for 0 <= low, high < 2^32: an unsigned 64-bit amount without a bigint.
 * `lane` is the cell's first lane.
 */
export function addToCell(vector: RingVector, lane: number, amount: { low: number; high: number }): void {
  const sumLow = vector[lane]! + amount.low;
  vector[lane] = sumLow;
  const sumHigh = vector[lane + 1]! + amount.high + (sumLow >= LANE_VALUES ? 1 : 0);
  vector[lane + 1] = sumHigh;
  if (sumHigh >= LANE_VALUES) carry(vector, lane + 2);
}

/** Adds 1 to the part of the cell that starts at `lane`, up to the cell's last lane; the last carry wraps. */
function carry(vector: RingVector, lane: number): void {
  const end = (lane | (LANES_PER_CELL - 1)) + 1;
  for (let at = lane; at < end; at += 1) {
    const sum = vector[at]! + 1;
    vector[at] = sum;
    if (sum < LANE_VALUES) return;
  }
}

/** The cells as integers in [-2^127, 2^127): values of 2^127 and above stand for negatives. */
export function toSigned(vector: RingVector): bigint[] {
  return Array.from({ length: cellCount(vector) }, (_, cell) => signedCell(vector, cell));
}

function signedCell(vector: RingVector, cell: number): bigint {
  let value = 0n;
  for (let lane = LANES_PER_CELL - 1; lane >= 0; lane -= 1) {
    value = (value << 32n) | BigInt(vector[cell * LANES_PER_CELL + lane]!);
  }
  return value >= HALF ? value - MODULUS : value;
}

/** The vector whose cells are the given integers modulo 2^128. */
export function fromSigned(values: readonly bigint[]): RingVector {
  const vector = newVector(values.length);
  values.forEach((value, cell) => {
    let rest = ((value % MODULUS) + MODULUS) % MODULUS;
    for (let lane = 0; lane < LANES_PER_CELL; lane += 1) {
      vector[cell * LANES_PER_CELL + lane] = Number(rest & LANE_MASK);
      rest >>= 32n;
    }
  });
  return vector;
}

/** The wire form: 16 bytes a cell, little-endian, in cell order. */
export function toBytes(vector: RingVector): Uint8Array {
  const bytes = new Uint8Array(cellCount(vector) * BYTES_PER_CELL);
  const view = new DataView(bytes.buffer);
  for (let lane = 0; lane < vector.length; lane += 1) view.setUint32(lane * 4, vector[lane]!, true);
  return bytes;
}

/** Inverse of `toBytes`. Throws RangeError unless the length is a multiple of 16. */
export function fromBytes(bytes: Uint8Array): RingVector {
  if (bytes.length % BYTES_PER_CELL !== 0) {
    throw new RangeError(`a vector is a multiple of ${BYTES_PER_CELL} bytes long, not ${bytes.length}`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const vector = newVector(bytes.length / BYTES_PER_CELL);
  for (let lane = 0; lane < vector.length; lane += 1) vector[lane] = view.getUint32(lane * 4, true);
  return vector;
}

function checkSameLength(left: RingVector, right: RingVector): void {
  if (left.length !== right.length) {
    throw new RangeError(`vectors of ${cellCount(left)} and ${cellCount(right)} cells can't be added`);
  }
}
