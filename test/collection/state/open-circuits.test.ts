/** Circuit info against a plain map, and what happens when it is full. */
import { expect } from 'chai';
import fc from 'fast-check';

import { OpenCircuits } from '../../../src/collection/state/open-circuits.js';

const keyOf = (id: number): Uint32Array => Uint32Array.of(id, 0xffff_ffff - id, id * 7, 0);

function close(open: OpenCircuits, id: number): string[] {
  const streams: string[] = [];
  const count = open.close(keyOf(id), (portClass, time) => streams.push(`${portClass} ${time}`));
  expect(count).to.equal(streams.length);
  return streams.sort();
}

/** The stated policy, plainly: maps keep the order in which circuits came. */
class PlainOpenCircuits {
  readonly #circuits = new Map<number, string[]>();
  readonly #limits: { circuits: number; streams: number };

  constructor(limits: { circuits: number; streams: number }) {
    this.#limits = limits;
  }

  remember(id: number, portClass: number, time: number): void {
    const streams = [...this.#circuits.values()].reduce((sum, list) => sum + list.length, 0);
    if (streams === this.#limits.streams) this.#forgetOldest();
    if (!this.#circuits.has(id) && this.#circuits.size === this.#limits.circuits) this.#forgetOldest();
    this.#circuits.set(id, [...(this.#circuits.get(id) ?? []), `${portClass} ${time}`]);
  }

  close(id: number): string[] {
    const streams = this.#circuits.get(id) ?? [];
    this.#circuits.delete(id);
    return streams.sort();
  }

  #forgetOldest(): void {
    this.#circuits.delete(this.#circuits.keys().next().value!);
  }
}

describe('open circuits', () => {
  it('give back the streams of a circuit, once', () => {
    const open = new OpenCircuits(1);
    open.remember(keyOf(1), 0, 1.5);
    open.remember(keyOf(2), 3, 2.5);
    open.remember(keyOf(1), 2, 0.5);
    expect(close(open, 1)).to.deep.equal(['0 1.5', '2 0.5']);
    expect(close(open, 1)).to.deep.equal([]);
    expect(close(open, 2)).to.deep.equal(['3 2.5']);
  });

  it('are told apart by each half of each id', () => {
    const open = new OpenCircuits(1);
    const keys = [0, 1, 2, 3].map((word) => new Uint32Array(4).fill(1, word, word + 1));
    keys.forEach((key, at) => open.remember(key, at, at));
    keys.forEach((key, at) => {
      expect(open.close(key, (portClass) => expect(portClass).to.equal(at))).to.equal(1);
    });
  });

  it('are forgotten, the oldest first, when there are too many circuits or streams', () => {
    const open = new OpenCircuits(1, { circuits: 2, streams: 4 });
    for (const id of [1, 2, 1, 3]) open.remember(keyOf(id), 0, id);
    expect(close(open, 1)).to.deep.equal([]);
    for (let time = 0; time < 3; time += 1) open.remember(keyOf(3), 1, time);
    expect(close(open, 2)).to.deep.equal([]);
    expect(close(open, 3)).to.have.lengthOf(4).and.to.include('1 2');
  });

  it('do as a plain map with the same policy, under any sequence', () => {
    const step = fc.tuple(
      fc.constantFrom('remember', 'remember', 'close'),
      fc.nat({ max: 5 }),
      fc.nat({ max: 3 }),
    );
    fc.assert(
      fc.property(
        fc.integer(),
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 9 }),
        fc.array(step, { maxLength: 60 }),
        (seed, circuits, streams, steps) => {
          const open = new OpenCircuits(seed, { circuits, streams });
          const plain = new PlainOpenCircuits({ circuits, streams });
          steps.forEach(([action, id, portClass], time) => {
            if (action === 'close') expect(close(open, id)).to.deep.equal(plain.close(id));
            else {
              open.remember(keyOf(id), portClass, time);
              plain.remember(id, portClass, time);
            }
          });
        },
      ),
      { numRuns: 500 },
    );
  });

  it('are all forgotten when wiped', () => {
    const open = new OpenCircuits(1, { circuits: 2, streams: 2 });
    open.remember(keyOf(1), 0, 1);
    open.wipe();
    expect(close(open, 1)).to.deep.equal([]);
    for (const id of [1, 2, 3]) open.remember(keyOf(id), 0, id);
    expect([1, 2, 3].map((id) => close(open, id).length)).to.deep.equal([0, 1, 1]);
  });
});
