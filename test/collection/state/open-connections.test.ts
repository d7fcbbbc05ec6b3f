/** Open connections against a plain map, which keeps the order in which they were opened. */
import { expect } from 'chai';
import fc from 'fast-check';

import { OpenConnections } from '../../../src/collection/state/open-connections.js';

const MAX = 4;
type Open = [openedAtMs: number, kind: number];

function close(open: OpenConnections, key: Uint32Array): Open[] {
  const visited: Open[] = [];
  open.close(key, (...connection) => visited.push(connection));
  return visited;
}

describe('open connections', () => {
  it('are those of a plain map, of which the oldest is forgotten where there is no more room', () => {
    const step = fc.record({
      key: fc.tuple(fc.nat({ max: 3 }), fc.nat({ max: 1 }), fc.nat({ max: 1 })),
      kind: fc.nat({ max: 2 }),
      isClose: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.integer(), fc.array(step, { maxLength: 60 }), (seed, steps) => {
        const open = new OpenConnections(seed, MAX);
        const plain = new Map<string, Open>();
        steps.forEach(({ key, kind, isClose }, at) => {
          const name = key.join();
          const known = plain.get(name);
          if (isClose) {
            expect(close(open, Uint32Array.from(key))).to.deep.equal(known === undefined ? [] : [known]);
            plain.delete(name);
            return;
          }
          open.open(Uint32Array.from(key), at, kind);
          plain.delete(name);
          if (plain.size === MAX) plain.delete([...plain.keys()][0]!);
          plain.set(name, [at, kind]);
        });
      }),
      { numRuns: 300 },
    );
  });

  it('are none after a wipe', () => {
    const open = new OpenConnections(1, MAX);
    const key = Uint32Array.of(1, 2, 3);
    open.open(key, 5, 1);
    open.wipe();
    expect(close(open, key)).to.deep.equal([]);
    open.open(key, 6, 2);
    expect(close(open, key)).to.deep.equal([[6, 2]]);
  });

  it('are another one if the same is opened again, as after a restart of tor', () => {
    const open = new OpenConnections(1, MAX);
    const key = Uint32Array.of(1, 2, 3);
    open.open(key, 5, 1);
    open.open(key, 7, 2);
    expect(close(open, key)).to.deep.equal([[7, 2]]);
    expect(close(open, key)).to.deep.equal([]);
  });
});
