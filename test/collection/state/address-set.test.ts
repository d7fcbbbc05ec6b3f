/** The set of addresses against a plain map. The book of clients, which is made of it, has more. */
import { expect } from 'chai';
import fc from 'fast-check';

import { AddressSet, NO_ADDRESS_NUMBER } from '../../../src/collection/state/address-set.js';

const wordsOf = (id: number): Uint32Array => Uint32Array.of(9, id, 0, id === 3 ? 1 : 0, 0, 9);

describe('set of addresses', () => {
  it('numbers addresses as they come, for any seed, and takes none when it is full', () => {
    const step = fc.record({ version: fc.constantFrom(4, 6), id: fc.nat({ max: 5 }) });
    fc.assert(
      fc.property(fc.integer(), fc.array(step, { maxLength: 40 }), (seed, steps) => {
        const set = new AddressSet(seed, 8);
        const plain = new Map<string, number>();
        for (const { version, id } of steps) {
          const name = `${version} ${id}`;
          expect(set.find(version, wordsOf(id), 1)).to.equal(plain.get(name) ?? NO_ADDRESS_NUMBER);
          if (!plain.has(name) && plain.size < 8) plain.set(name, plain.size);
          expect(set.add(version, wordsOf(id), 1)).to.equal(plain.get(name) ?? NO_ADDRESS_NUMBER);
          expect(set.size).to.equal(plain.size);
        }
        set.clear();
        expect(set.size).to.equal(0);
        for (const { version, id } of steps)
          expect(set.find(version, wordsOf(id), 1)).to.equal(NO_ADDRESS_NUMBER);
      }),
      { numRuns: 200 },
    );
  });
});
