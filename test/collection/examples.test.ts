/** The worked examples of spec/counters.md, 3.10, counter by counter. */
import { expect } from 'chai';

import { CATALOGUE } from '../../src/collection/catalogue/catalogue.js';
import { type Bin, isSingleBinName } from '../../src/core/bins.js';
import { layOutCounters } from '../../src/core/counters.js';
import { domainLists } from './lists/support.js';
import { collect } from './oracle.js';

const WIDE: readonly Bin[] = [
  [-Infinity, 0],
  [0, 1],
  [1, Infinity],
];
const LAYOUT = layOutCounters(
  [...CATALOGUE.keys()].map((name) => ({
    name,
    bins: isSingleBinName(name) ? [[-Infinity, Infinity] as const] : WIDE,
  })),
);
const LISTS = { domains: domainLists([['a.com'], ['b.com']]) };

const E1 = 'PRIVCOUNT_STREAM_ENDED 7 9 1 443 1000 500 10.0 12.5 www.b.com 93.184.216.34 1';
const E2 = 'PRIVCOUNT_STREAM_ENDED 7 9 1 22 10 90 10.5 11 1.2.3.4 1.2.3.4 2';

/** The counters that the last line moved, with the counts of their bins. */
function increments(...lines: readonly string[]): Map<string, string> {
  const counted = collect(LAYOUT, LISTS);
  let before = counted.totals();
  for (const line of lines) {
    before = counted.totals();
    counted.collection.count(Buffer.from(line), 0, line.length);
  }
  const after = counted.totals();
  return new Map(
    [...after]
      .map(([name, counts]): [string, string] => [
        name,
        counts.map((count, bin) => count - before.get(name)![bin]!).join(),
      ])
      .filter(([, moved]) => /[1-9]/.test(moved)),
  );
}

describe('worked examples', () => {
  it('E1: a first web stream to a host name moves 99 counters', () => {
    const moved = increments(E1);
    expect(moved.size).to.equal(99);
    expect(moved.get('ExitHostnameWebInitialStreamByteCount')).to.equal('1500');
    expect(moved.get('ExitIPv4InitialStreamInboundByteCount')).to.equal('1000');
    expect(moved.get('ExitStreamByteRatio')).to.equal('1,0,0');
    expect(moved.get('ExitDomainExactMatchWebInitialStreamCountList')).to.equal('0,0,1');
    expect(moved.get('ExitDomainSuffixMatchWebInitialStreamCountList')).to.equal('0,0,1');
    expect(moved.get('ExitDomainNoSuffixMatchWebInitialStreamLifeTime')).to.equal('0,0,1');
    expect(moved.has('ExitDomainSuffixMatchWebInitialStreamLifeTime')).to.equal(false);
  });

  it('E2: a later stream to an address moves 72 counters', () => {
    const moved = increments(E1, E2);
    expect(moved.size).to.equal(72);
    expect(moved.get('ExitIPv4LiteralSubsequentStreamOutboundByteCount')).to.equal('90');
    expect(moved.has('ExitOtherPortStreamCount')).to.equal(false);
  });

  it('E3: the close of their circuit moves 6 counters of streams per circuit', () => {
    const close =
      'PRIVCOUNT_CIRCUIT_CLOSE EventTimestamp=13 CreatedTimestamp=9 IsLegacyCircuitEndEventFlag=1 StateString=open ' +
      'PurposeCode=1 IsEndFlag=1 IsExitFlag=1 PreviousChannelId=7 PreviousCircuitId=9 InboundExitByteCount=0 ' +
      'OutboundExitByteCount=0 InboundReceivedCellCount=2 OutboundSentCellCount=1';
    const moved = increments(E1, E2, close);
    expect(moved.get('ExitCircuitStreamHistogram')).to.equal('0,0,1');
    expect(moved.get('ExitCircuitInterStreamCreationTime')).to.equal('0,1,0');
    expect(moved.get('ExitWebCircuitCount')).to.equal('1');
    expect(moved.get('ExitInteractiveCircuitCount')).to.equal('1');
    expect(moved.get('ExitCircuitWebStreamHistogram')).to.equal('0,0,1');
    expect(moved.get('ExitCircuitInteractiveStreamHistogram')).to.equal('0,0,1');
  });
});
