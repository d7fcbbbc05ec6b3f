/** The book of client addresses against a plain map, and what happens when it is full. */
import { expect } from 'chai';
import fc from 'fast-check';

import { ClientBook } from '../../../src/collection/state/client-book.js';

type Client = [isActive: boolean, active: number, inactive: number];

function contents(book: ClientBook): Client[] {
  const clients: Client[] = [];
  book.forEach((...client) => clients.push(client));
  return clients;
}

const wordsOf = (id: number): Uint32Array => Uint32Array.of(9, id, 0, id === 3 ? 1 : 0, 0, 9);

describe('book of client addresses', () => {
  it('does as a plain map does, for any seed', () => {
    const step = fc.record({
      version: fc.constantFrom(4, 6),
      id: fc.nat({ max: 5 }),
      isActive: fc.boolean(),
      closes: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.integer(), fc.array(step, { maxLength: 40 }), (seed, steps) => {
        const book = new ClientBook(seed, 100);
        const plain = new Map<string, Client>();
        for (const { version, id, isActive, closes } of steps) {
          const address = book.note(version, wordsOf(id), 1, isActive);
          const client = plain.get(`${version} ${id}`) ?? [false, 0, 0];
          plain.set(`${version} ${id}`, client);
          client[0] ||= isActive;
          if (!closes) continue;
          book.addCircuit(address, isActive);
          client[isActive ? 1 : 2] += 1;
        }
        expect(contents(book)).to.deep.equal([...plain.values()]);
      }),
      { numRuns: 300 },
    );
  });

  it('takes no new address when it is full, and still knows those it has', () => {
    const book = new ClientBook(1, 2);
    expect([0, 1, 2].map((id) => book.note(4, wordsOf(id), 1, false))).to.deep.equal([0, 1, -1]);
    expect(book.note(4, wordsOf(1), 1, true)).to.equal(1);
    expect(contents(book)).to.deep.equal([
      [false, 0, 0],
      [true, 0, 0],
    ]);
  });

  it('is empty when cleared', () => {
    const book = new ClientBook(1, 2);
    book.addCircuit(book.note(4, wordsOf(1), 1, true), true);
    book.clear();
    expect(contents(book)).to.deep.equal([]);
    expect(book.note(4, wordsOf(1), 1, false)).to.equal(0);
    expect(contents(book)).to.deep.equal([[false, 0, 0]]);
  });
});
