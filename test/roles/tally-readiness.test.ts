import { expect } from 'chai';
import { type Peer } from '../../src/roles/peers.js';
import { waitingFor } from '../../src/roles/tally-readiness.js';
import { testNetwork } from '../support/test-network.js';

const { network } = testNetwork({ minCollectors: 2 });

function peer(name: string, state: 'ready' | 'not-ready' | 'silent' = 'ready'): Peer {
  const status = { kind: 'status', software: 'x', nowMs: 0, parts: [] } as const;
  return {
    name,
    role: name.startsWith('keeper') ? 'keeper' : 'collector',
    status: state === 'silent' ? undefined : { ...status, isReady: state === 'ready' },
  };
}

const KEEPERS = ['keeper-1', 'keeper-2', 'keeper-3'];
const COLLECTORS = ['collector-1', 'collector-2', 'collector-3'];

describe('what the tally waits for', () => {
  it('is nothing when all are there and ready', () => {
    const peers = [...KEEPERS, ...COLLECTORS].map((name) => peer(name));
    expect(waitingFor(network, peers)).to.deep.equal({ needed: undefined, absent: [] });
  });

  it('is nobody that a round needs, at just the thresholds; who is absent is named', () => {
    const peers = ['keeper-3', 'keeper-1', 'collector-2', 'collector-1'].map((name) => peer(name));
    expect(waitingFor(network, peers)).to.deep.equal({
      needed: undefined,
      absent: ['keeper-2', 'collector-3'],
    });
  });

  it('is a keeper, one below t', () => {
    const peers = ['keeper-1', ...COLLECTORS].map((name) => peer(name));
    expect(waitingFor(network, peers).needed).to.equal('1 more share keepers, of keeper-2, keeper-3');
  });

  it('is a collector, one below the floor', () => {
    const peers = [...KEEPERS, 'collector-3'].map((name) => peer(name));
    expect(waitingFor(network, peers).needed).to.equal('1 more data collectors, of collector-1, collector-2');
  });

  it('is whoever is connected but not ready, or has not said yet', () => {
    const peers = [
      ...KEEPERS.map((name) => peer(name)),
      peer('collector-1'),
      peer('collector-2', 'not-ready'),
      peer('collector-3', 'silent'),
    ];
    expect(waitingFor(network, peers)).to.deep.equal({
      needed: '1 more data collectors, of collector-2, collector-3',
      absent: ['collector-2', 'collector-3'],
    });
  });

  it('is everybody, when nobody is there', () => {
    expect(waitingFor(network, []).needed).to.equal(
      '2 more share keepers, of keeper-1, keeper-2, keeper-3 and 2 more data collectors, of collector-1, collector-2, collector-3',
    );
  });

  it('names ten of many, and says how many others there are', () => {
    const many = testNetwork({ collectors: 30, minCollectors: 20 }).network;
    const { needed, absent } = waitingFor(
      many,
      KEEPERS.map((name) => peer(name)),
    );
    const shown = Array.from({ length: 10 }, (_, at) => `collector-${at + 1}`).join(', ');
    expect(needed).to.equal(`20 more data collectors, of ${shown} and 20 others`);
    expect(absent).to.have.lengthOf(30);
  });
});
