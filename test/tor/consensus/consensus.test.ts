import { expect } from 'chai';
import { type Consensus, parseConsensus } from '../../../src/tor/consensus/parse-consensus.js';
import { positionShares, type PositionShares } from '../../../src/tor/consensus/position-shares.js';
import { describeWithSharedData, readShared } from '../../support/shared-data.js';

type RelayText = { readonly id: number; readonly flags?: string; readonly lines?: readonly string[] };

/** The fingerprint whose first byte is `id`, the rest 0. */
const fingerprint = (id: number): string => id.toString(16).padStart(2, '0').toUpperCase() + '0'.repeat(38);

function relay({ id, flags = 'Running Valid', lines = ['w Bandwidth=10'] }: RelayText): string[] {
  const bytes = Buffer.alloc(20);
  bytes[0] = id;
  const identity = bytes.toString('base64').replace(/=$/, '');
  return [`r nick${id} ${identity} ${identity} 2018-01-01 00:00:00 10.0.0.1 9001 0`, `s ${flags}`, ...lines];
}

function documentOf(relays: readonly RelayText[], footer: readonly string[] = []): string {
  return [
    '@type network-status-consensus-3 1.0',
    'network-status-version 3',
    'valid-after 2018-01-01 00:00:00',
    'params A=1 bwweightscale=100 B=x',
    ...relays.flatMap(relay),
    'directory-footer',
    ...footer,
    '',
  ].join('\n');
}

function parsed(text: string): Consensus {
  const result = parseConsensus(text);
  if (result.kind === 'fault') throw new Error(result.reason);
  return result.consensus;
}

function reasonOf(text: string): string {
  const result = parseConsensus(text);
  return result.kind === 'fault' ? result.reason : 'none';
}

const shares = (
  relays: readonly RelayText[],
  ids: readonly number[],
  footer: readonly string[] = [],
): PositionShares => positionShares(parsed(documentOf(relays, footer)), new Set(ids.map(fingerprint)));

describe('parseConsensus', () => {
  it('reads what shares of positions need, and skips all else', () => {
    const lines = [
      'a [2001:db8::1]:9001',
      'v Tor 0.3.2.10-dev',
      'pr HSDir=1-2 HSRend=1,3',
      'w Bandwidth=77 Unmeasured=1',
      'p accept 80,443',
      'm 8-12 sha256=x',
      'future line',
    ];
    const { relays, ...rest } = parsed(
      documentOf([{ id: 171, flags: 'Exit Fast', lines }], ['bandwidth-weights Wgg=50 Wmm=100']),
    );
    expect(relays).to.deep.equal([
      {
        fingerprint: fingerprint(171),
        flags: new Set(['Exit', 'Fast']),
        bandwidth: 77,
        version: [0, 3, 2, 10],
        protocols: new Map([
          ['HSDir', '1-2'],
          ['HSRend', '1,3'],
        ]),
        allowsExiting: true,
      },
    ]);
    expect(rest).to.deep.equal({
      validAfter: '2018-01-01 00:00:00',
      parameters: new Map([
        ['A', 1],
        ['bwweightscale', 100],
      ]),
      weights: new Map([
        ['Wgg', 0.5],
        ['Wmm', 1],
      ]),
    });
  });

  it('reads documents with Windows line ends, and relays of other programs', () => {
    const text = documentOf([{ id: 1, lines: ['v Arti 1.2.3.4', 'p reject 1-65535'] }]).replaceAll(
      '\n',
      '\r\n',
    );
    expect(parsed(text).relays[0]).to.deep.include({ version: [], allowsExiting: false, bandwidth: 0 });
  });

  it('says what is wrong, without the content', () => {
    expect(reasonOf('')).to.equal('is no consensus: it has no line network-status-version');
    expect(reasonOf('network-status-version 3 microdesc\n')).to.contain('microdesc');
    expect(reasonOf('network-status-version 2\n')).to.contain('flavour');
    expect(reasonOf(documentOf([]))).to.equal('has no relays');
    for (const identity of ['', 'short', `${'A'.repeat(26)}!`, 'A'.repeat(28)]) {
      expect(reasonOf(documentOf([]).replace('directory-footer', `r name ${identity} x`))).to.equal(
        'line 5 has no identity of 20 bytes in base64',
      );
    }
    for (const line of ['w', 'w Bandwidth=-1', 'w Bandwidth=many', 'w Bandwidth=1e300']) {
      expect(reasonOf(documentOf([{ id: 1, lines: [line] }]))).to.equal('line 7 has no bandwidth');
    }
  });

  it('takes lines before the first relay for nobody’s', () => {
    expect(parsed(`s Guard\nw Bandwidth=5\n${documentOf([{ id: 1 }])}`).relays).to.have.length(1);
  });
});

describe('positionShares', () => {
  const footer = ['bandwidth-weights Wgg=60 Wgd=20 Wmg=40 Wmm=100 Wme=30 Wmd=10 Wee=100 Wed=50 Weg=5 Wem=80'];
  const lines = (...more: string[]): string[] => ['w Bandwidth=10', 'p accept 1-65535', ...more];
  const stable = 'Fast Stable';

  it('weighs bandwidth by position and flags', () => {
    const relays = [
      { id: 1, flags: `Guard ${stable}`, lines: lines() },
      { id: 2, flags: `Guard Exit ${stable}`, lines: lines() },
      { id: 3, flags: `Exit ${stable}`, lines: lines() },
      { id: 4, flags: 'Fast', lines: lines() },
    ];
    const all = [1, 2, 3, 4].map((id) => shares(relays, [id], footer));
    expect(all.map(({ guard }) => guard)).to.deep.equal([0.75, 0.25, 0, 0]);
    const near = (values: number[], wanted: number[], sum: number) => {
      wanted.forEach((part, at) => expect(values[at]).to.be.closeTo(part / sum, 1e-15));
    };
    near(
      all.map(({ middle }) => middle),
      [40, 10, 30, 100],
      180,
    );
    near(
      all.map(({ exit }) => exit),
      [5, 50, 100, 80],
      235,
    );
    near(
      all.map(({ intro }) => intro),
      [40, 10, 30, 0],
      80,
    );
    expect(all.map(({ rend2 }) => rend2)).to.deep.equal(all.map(({ middle }) => middle));
  });

  it('needs Guard, Fast and Stable for guards, and neither BadExit nor a closed policy for exits', () => {
    const relays = [
      { id: 1, flags: 'Guard Fast', lines: lines() },
      { id: 2, flags: `Guard BadExit ${stable}`, lines: lines() },
      { id: 3, flags: 'Exit', lines: ['w Bandwidth=10', 'p reject 1-65535'] },
      { id: 4, flags: 'Exit', lines: ['w Bandwidth=10', 'p reject 25'] },
    ];
    expect([1, 2, 3, 4].map((id) => shares(relays, [id]).guard)).to.deep.equal([0, 1, 0, 0]);
    expect([2, 3, 4].map((id) => shares(relays, [id]).exit)).to.deep.equal([0, 0, 0.5]);
  });

  it('counts weights that the document lacks as 1', () => {
    const relays = [
      { id: 1, lines: lines() },
      { id: 2, lines: ['w Bandwidth=30'] },
    ];
    expect(shares(relays, [2]).middle).to.equal(0.75);
  });

  it('finds rendezvous points and directories of version 3 by version and protocol', () => {
    const relays = [
      { id: 1, flags: 'HSDir', lines: lines('v Tor 0.3.0.8', 'pr HSDir=1-2 HSRend=1-2') },
      { id: 2, flags: 'HSDir', lines: lines('v Tor 0.3.0.7', 'pr HSDir=1-2 HSRend=1') },
      { id: 3, flags: 'HSDir', lines: lines('v Tor 0.4.8.1', 'pr HSDir=2 HSRend=2') },
      { id: 4, flags: 'HSDir', lines: lines('v Tor 0.4.8.1', 'pr HSDir=1') },
      { id: 5, flags: 'Fast', lines: lines('v Tor 0.4.8.1', 'pr HSDir=1,2') },
      { id: 6, flags: 'HSDir', lines: lines() },
    ];
    const all = [1, 2, 3, 4, 5, 6].map((id) => shares(relays, [id]));
    expect(all.map(({ hsdir3 }) => hsdir3)).to.deep.equal([0.5, 0, 0.5, 0, 0, 0]);
    expect(all.map(({ rend3 }) => rend3)).to.deep.equal([0.5, 0, 0.5, 0, 0, 0]);
  });

  it('gives a directory of version 2 what lies between it and the third before it', () => {
    const relays = [16, 32, 64, 128].map((id) => ({ id, flags: 'HSDir' }));
    expect([16, 32, 64, 128].map((id) => shares(relays, [id]).hsdir2 * 3 * 256)).to.deep.equal([
      256 - 32 + 16,
      256 - 64 + 32,
      256 - 128 + 64,
      128 - 16,
    ]);
    const three = relays.slice(1);
    expect(shares(three, [32]).hsdir2).to.be.closeTo(1 / 3, 1e-15);
    expect(shares(relays.slice(2), [64]).hsdir2).to.equal(0);
  });

  it('is 0 for positions that nobody can take, and for no relays', () => {
    expect(Object.values(shares([{ id: 1, lines: [] }], [1]))).to.deep.equal([0, 0, 0, 0, 0, 0, 0, 0]);
    expect(Object.values(shares([{ id: 1, flags: `Guard ${stable}` }], []))).to.deep.equal([
      0, 0, 0, 0, 0, 0, 0, 0,
    ]);
  });
});

describeWithSharedData('position shares against PrivCount’s tool', () => {
  const consensus = (): Consensus => parsed(readShared('tor/2018-01-01-00-00-00-consensus').toString('utf8'));
  /** What the original multiplies each share by, in the order of its lines. */
  const factors: readonly (readonly [keyof PositionShares, number])[] = [
    ['guard', 1],
    ['middle', 1],
    ['exit', 1],
    ['hsdir2', 6.25],
    ['hsdir2', 1],
    ['hsdir3', 1],
    ['hsdir3', 8],
    ['hsdir3', 0.5],
    ['intro', 3],
    ['intro', 1],
    ['rend2', 1],
    ['rend3', 1],
  ];

  for (const which of ['all', 'some', 'none']) {
    it(`agree to 15 digits for ${which} of the relays`, () => {
      const document = consensus();
      const fingerprints = {
        all: document.relays.map((each) => each.fingerprint),
        some: readShared('tor/fingerprints.txt').toString('utf8').trim().split('\n'),
        none: [],
      }[which]!;
      const found = positionShares(document, new Set(fingerprints));
      const wanted = [
        ...readShared(`tor/weights.${which}.txt`)
          .toString('utf8')
          .matchAll(/^(\d\.\d{15}) : /gm),
      ];
      expect(wanted).to.have.length(factors.length);
      factors.forEach(([position, factor], at) => {
        expect(found[position] * factor, position).to.be.closeTo(Number(wanted[at]![1]), 2e-15 * 8);
      });
    });
  }
});
