/** The numbers of PrivCount 2.0: counters modulo q, blinding values, noise (spec/rounds.md, section 6). */
import { type RandomSource } from '../support/random-source.js';

export const MODULUS = 1n << 70n;
const MODULUS_BITS = 70;

/** By counter: a number for each bin, in [0, q). */
export type Table = ReadonlyMap<string, readonly bigint[]>;

export type Bins = ReadonlyMap<string, readonly (readonly [number, number])[]>;

export function modulo(value: bigint): bigint {
  return ((value % MODULUS) + MODULUS) % MODULUS;
}

/** Half of q and above stand for negatives. */
function toSigned(value: bigint): bigint {
  return value >= (MODULUS + 1n) / 2n ? value - MODULUS : value;
}

/** A number for each bin of each counter. */
export function tableOf(bins: Bins, valueOf: (counter: string, bin: number) => bigint): Table {
  return new Map([...bins].map(([name, own]) => [name, own.map((_, bin) => modulo(valueOf(name, bin)))]));
}

/** Left plus `factor` times right, bin by bin; right must have the bins of left. */
export function plus(left: Table, right: Table, factor = 1n): Table {
  return new Map(
    [...left].map(([name, values]) => {
      const others = right.get(name)!;
      return [name, values.map((value, bin) => modulo(value + factor * others[bin]!))];
    }),
  );
}

export function sumOf(tables: readonly Table[]): Table {
  return tables.reduce((sum, table) => plus(sum, table));
}

/** What the tally publishes: the signed view. */
export function signed(table: Table): Record<string, bigint[]> {
  return Object.fromEntries([...table].map(([name, values]) => [name, values.map(toSigned)]));
}

/** Counters match by name and number of bins, not by the edges of bins. */
export function hasShapeOf(table: Table, bins: Bins): boolean {
  return table.size === bins.size && [...bins].every(([name, own]) => table.get(name)?.length === own.length);
}

/** A blinding value, uniform in [0, q). */
export function blindingValue(random: RandomSource): bigint {
  const bytes = random.bytes(Math.ceil(MODULUS_BITS / 8));
  return BigInt(`0x${Buffer.from(bytes).toString('hex')}`) & (MODULUS - 1n);
}

/** round(gauss(0, sigma)) by Box and Muller; halves are rounded away from zero. */
export function noise(sigma: number, random: RandomSource): bigint {
  const radius = Math.sqrt(-2 * Math.log(1 - random.fraction()));
  const value = sigma * radius * Math.cos(2 * Math.PI * random.fraction());
  return BigInt(Math.sign(value) * Math.floor(Math.abs(value) + 0.5));
}
