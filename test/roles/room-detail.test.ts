import { expect } from 'chai';
import { ResultFileError } from '../../src/results/result-file.js';
import { parsePastRound } from '../../src/results/past-round.js';
import { toRoundDetail } from '../../src/roles/room-detail.js';
import { toRoomPast } from '../../src/roles/room-past.js';
import { COUNTERS, outcomeJson, outcomeName, pastLine } from '../support/room-states.js';

const BEGIN = 1_795_298_074;
const FILE = outcomeName(BEGIN);
const text = (json: object): string => JSON.stringify(json);

describe('a round as the room shows it', () => {
  const released = text(outcomeJson({ begin: BEGIN, counters: COUNTERS }));

  it('has each total with the interval that its noise leaves, and says what may be noise', () => {
    const { counters } = toRoundDetail(FILE, released, new Set([FILE]));
    expect(counters.map(({ name }) => name)).to.deep.equal([
      'ExitStreamCount',
      'ExitIPv6StreamCount',
      'ExitStreamByteHistogram',
    ]);
    const [streams, ipv6, histogram] = counters;
    expect(streams).to.include({ counted: 'streams', sigma: 40 });
    expect(streams!.bins[0]!.total).to.equal('12345');
    expect(streams!.bins[0]!.low).to.be.closeTo(12_345 - 1.96 * 40, 0.01);
    expect(streams!.bins[0]!.high).to.be.closeTo(12_345 + 1.96 * 40, 0.01);
    expect(ipv6!.bins[0]!.isNoisy).to.equal(true);
    expect(histogram!.binned).to.equal('bytes');
    expect(histogram!.bins.map(({ label, isNoisy }) => [label, isNoisy])).to.deep.equal([
      ['0 to <512', false],
      ['512 to <4,096', true],
      ['4,096 or more', false],
    ]);
  });

  it('says of a total whose file does not tell the noise that nothing is known', () => {
    const Tally = { Own: { bins: [[0, 'Infinity', '5']] } };
    const json = { ...outcomeJson({ begin: BEGIN, counters: COUNTERS }), Tally };
    const [counter] = toRoundDetail(FILE, text(json), new Set()).counters;
    expect(counter).not.to.have.property('sigma');
    expect(counter).not.to.have.property('meaning');
  });

  it('has no totals if it was aborted, whatever its file holds', () => {
    const aborted = outcomeJson({ begin: BEGIN, reason: 'too few' });
    const { Tally } = outcomeJson({ begin: BEGIN, counters: COUNTERS }) as { Tally: object };
    const detail = toRoundDetail(FILE, text({ ...aborted, Tally }), new Set([FILE]));
    expect(detail.counters).to.deep.equal([]);
    expect(detail.collectors).to.deep.equal([]);
    expect(detail.line).to.include({ outcome: 'aborted', reason: 'too few' });
    expect(detail.culprits).to.deep.equal(['collector-3']);
    expect(detail.leftOut).to.deep.equal([{ name: 'collector-3', reason: 'sent no report' }]);
    expect(detail.downloads.map(({ name }) => name)).to.deep.equal([FILE]);
  });

  it('offers the files that are in the folder, and a table of a released round', () => {
    const times = FILE.slice('privcount.outcome.'.length);
    const names = [FILE, `privcount.tallies.${times}`, 'privcount.tallies.1-2.json', 'other'];
    const { downloads } = toRoundDetail(FILE, released, new Set(names));
    expect(downloads.map(({ name }) => name)).to.deep.equal([
      FILE,
      `privcount.tallies.${times}`,
      FILE.replace('json', 'csv'),
    ]);
  });

  it('refuses what is no outcome', () => {
    expect(() => toRoundDetail(FILE, '[]', new Set())).to.throw(ResultFileError);
  });
});

describe('the list of rounds that were', () => {
  it('has what the page needs of each', () => {
    const json = text(outcomeJson({ begin: BEGIN, counters: COUNTERS }));
    const rounds = [{ file: FILE, ...parsePastRound(json) }];
    expect(toRoomPast({ rounds, faults: [], unread: 0 }).rounds).to.deep.equal([pastLine(BEGIN)]);
    const endless = rounds.map((round) => ({ ...round, privacy: { epsilon: Infinity, delta: 0.1 } }));
    expect(toRoomPast({ rounds: endless, faults: [], unread: 0 }).rounds[0]!.epsilon).to.equal('Infinity');
  });

  it('has 20 faults at most, and says how many files were not read', () => {
    const faults = Array.from({ length: 21 }, () => ({ file: 'f', problem: 'p' }));
    const past = toRoomPast({ rounds: [], faults, unread: 4 });
    expect(past.faults).to.have.length(20);
    expect(past.unread).to.equal(4);
  });
});
