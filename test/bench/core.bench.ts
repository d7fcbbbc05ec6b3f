/**
 * Speed of the ring and of masks, each beside the plain version with bigints in the same run, on vectors of the size of a
 * round with all of PrivCount's counters. Both versions do the same work, and must end with the same numbers.
 */
import { expandMask } from '../../src/core/masks.js';
import {
  addVector,
  fromSigned,
  incrementCell,
  LANES_PER_CELL,
  toSigned,
  type RingVector,
} from '../../src/core/ring.js';
import { nodePrimitives, sha256 } from '../../src/crypto/primitives.js';
import { type BenchRow } from './bench-row.js';

const CELLS = 60_000;
/** Whole vectors a round. */
const PASSES = 20;
const INCREMENTS = 1_000_000;
/** No common factor with the number of cells: visits them all, and not one after another. */
const STRIDE = 7919;
/** The first rounds compile, the best of the others counts. */
const ROUNDS = 8;
const ALL_BITS = 2n ** 128n - 1n;

type Contest = { readonly amount: number; readonly ours: () => void; readonly plain: () => void };

/** Work per second of both, taken in turns so that a busy machine slows both. */
function perSecond({ amount, ours, plain }: Contest): { value: number; ratio: number } {
  let [best, bestPlain] = [Infinity, Infinity];
  for (let round = 0; round < ROUNDS; round += 1) {
    best = Math.min(best, secondsOf(ours));
    bestPlain = Math.min(bestPlain, secondsOf(plain));
  }
  return { value: amount / best, ratio: bestPlain / best };
}

function secondsOf(work: () => void): number {
  const start = performance.now();
  work();
  return (performance.now() - start) / 1000;
}

function maskOf(label: number): RingVector {
  const context = { networkId: 'bench', roundId: 'bench', collector: 'bench', generation: 1 };
  return expandMask(
    nodePrimitives,
    { seed: sha256(Uint8Array.of(label)), set: 0 },
    { context, cells: CELLS },
  );
}

function toIntegers(vector: RingVector): bigint[] {
  return toSigned(vector).map((value) => value & ALL_BITS);
}

function checkSame(what: string, { ours, plain }: { ours: RingVector; plain: readonly bigint[] }): void {
  const expected = fromSigned(plain);
  if (!ours.every((lane, at) => lane === expected[at])) throw new Error(`${what}: the two versions differ`);
}

function benchAddition(): BenchRow {
  const addend = maskOf(1);
  const ours = maskOf(2);
  const [plain, plainAddend] = [toIntegers(ours), toIntegers(addend)];
  const speed = perSecond({
    amount: PASSES * CELLS,
    ours: () => {
      for (let pass = 0; pass < PASSES; pass += 1) addVector(ours, addend);
    },
    plain: () => {
      for (let pass = 0; pass < PASSES; pass += 1) {
        for (let at = 0; at < CELLS; at += 1) plain[at] = (plain[at]! + plainAddend[at]!) & ALL_BITS;
      }
    },
  });
  checkSame('addition', { ours, plain });
  return { name: 'addVector', unit: 'cells/s', ...speed };
}

function benchIncrement(): BenchRow {
  const ours = maskOf(3);
  const plain = toIntegers(ours);
  const speed = perSecond({
    amount: INCREMENTS,
    ours: () => {
      for (let n = 0, at = 0; n < INCREMENTS; n += 1, at = (at + STRIDE) % CELLS) {
        incrementCell(ours, at * LANES_PER_CELL);
      }
    },
    plain: () => {
      for (let n = 0, at = 0; n < INCREMENTS; n += 1, at = (at + STRIDE) % CELLS) {
        plain[at] = (plain[at]! + 1n) & ALL_BITS;
      }
    },
  });
  checkSame('increments', { ours, plain });
  return { name: 'incrementCell on blinded cells', unit: 'increments/s', ...speed };
}

function benchMask(): BenchRow {
  let ours: RingVector = new Uint32Array(0);
  let plain: bigint[] = [];
  const key = sha256(Uint8Array.of(5));
  const given = { ...nodePrimitives, hkdfSha256: () => key.slice() };
  const speed = perSecond({
    amount: CELLS,
    ours: () => {
      const context = { networkId: '', roundId: '', collector: '', generation: 1 };
      ours = expandMask(given, { seed: key, set: 0 }, { context, cells: CELLS });
    },
    plain: () => {
      const stream = nodePrimitives.aes256CtrKeyStream(key, CELLS * 16);
      const view = new DataView(stream.buffer, stream.byteOffset, stream.length);
      plain = Array.from({ length: CELLS }, (_, at) => {
        return (view.getBigUint64(16 * at + 8, true) << 64n) | view.getBigUint64(16 * at, true);
      });
    },
  });
  checkSame('masks', { ours, plain });
  return { name: 'mask expansion', unit: 'cells/s', ...speed };
}

export function benchCore(): BenchRow[] {
  return [benchAddition(), benchMask(), benchIncrement()];
}
