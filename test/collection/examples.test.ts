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
const LISTS = { domains: domainLists([['a.com'], ['b.com']]), countries: domainLists([['us'], ['de']]) };

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

  it('E3: the close of their circuit moves 48 counters, 6 of them of its streams', () => {
    const close = circuitClose(
      'IsLegacyCircuitEndEventFlag=1 IsEndFlag=1 IsExitFlag=1 PreviousChannelId=7 PreviousCircuitId=9 ' +
        'InboundExitByteCount=0 OutboundExitByteCount=0 InboundReceivedCellCount=2 OutboundSentCellCount=1',
    );
    const moved = increments(E1, E2, close);
    expect(moved.size).to.equal(48);
    expect(moved.get('ExitCircuitStreamHistogram')).to.equal('0,0,1');
    expect(moved.get('ExitCircuitInterStreamCreationTime')).to.equal('0,1,0');
    expect(moved.get('ExitWebCircuitCount')).to.equal('1');
    expect(moved.get('ExitInteractiveCircuitCount')).to.equal('1');
    expect(moved.get('ExitCircuitWebStreamHistogram')).to.equal('0,0,1');
    expect(moved.get('ExitCircuitInteractiveStreamHistogram')).to.equal('0,0,1');
    expect(moved.get('EndActiveSuccessCircuitInboundCellCount')).to.equal('2');
    expect(moved.get('ExitAndRend2ServiceCircuitCount')).to.equal('1');
  });

  it('E4: a single-hop fetch from an onion-service directory moves 162 counters', () => {
    const moved = increments(
      circuitClose(
        'IsLegacyCircuitEndEventFlag=0 IsEntryFlag=1 IsEndFlag=1 IsHSDirFlag=1 IsHSClientSideFlag=1 ' +
          'HiddenServiceVersionNumber=2',
      ),
    );
    // Of the 162 the plain totals of cells are moved by 0.
    expect(moved.size).to.equal(162 - zeroCellCounts(moved));
    expect(moved.get('HSDir2Tor2WebClientCircuitCellRatio')).to.equal('0,1,0');
    expect(moved.get('SingleHopActiveSuccessCircuitCount')).to.equal('1');
  });

  it('E5: a failed circuit of a service to an introduction point moves 182 counters', () => {
    const moved = increments(
      circuitClose(
        'IsLegacyCircuitEndEventFlag=0 IsEndFlag=1 IsIntroFlag=1 IsHSClientSideFlag=0 FailureReasonString=Bad ' +
          'InboundReceivedCellCount=100',
      ),
    );
    expect(moved.size).to.equal(182 - zeroCellCounts(moved, 'Outbound'));
    expect(moved.get('IntroUMultiHopServiceInactiveFailureCircuitInboundCellCount')).to.equal('100');
    expect(moved.has('IntroActiveCircuitCount')).to.equal(false);
  });

  it('E6: a connection of a client moves 90 counters', () => {
    const moved = increments(
      'PRIVCOUNT_CONNECTION_CLOSE EventTimestamp=5 CreatedTimestamp=1 ChannelId=1 RemoteIsClientFlag=1 ' +
        'RemoteIPAddress=1.2.3.4 RemoteIPAddressConnectionCount=1 PeerIPAddressConsensusRelayCount=0 ' +
        'InboundByteCount=1 OutboundByteCount=2 InboundCircuitCount=3 OutboundCircuitCount=4 RemoteCountryCode=DE',
    );
    expect(moved.size).to.equal(90);
    expect(moved.get('EntryNoRelayOnAddressConnectionCountryMatchCircuitCountList')).to.equal('0,0,7');
    expect(moved.has('EntryConnectionCountryMatchLifeTime')).to.equal(false);
  });

  it('E7: a descriptor that is stored moves 96 counters', () => {
    const moved = increments(
      'PRIVCOUNT_HSDIR_CACHE_STORE HiddenServiceVersionNumber=2 EventTimestamp=9 CacheReasonString=new ' +
        'HasExistingCacheEntryFlag=0 WasAddedToCacheFlag=1 RequiresClientAuthFlag=0 IntroPointCount=3 ' +
        'DescriptorCreationTime=5 EncodedDescriptorByteCount=1000 EncodedIntroPointByteCount=300 ' +
        'OnionAddress=aaaaaaaaaaaaaaaa',
    );
    expect(moved.size).to.equal(4 * 6 + 8 * 9);
    expect(moved.get('HSDir2StoreAddUncachedNoClientAuthDescriptorByteCount')).to.equal('1000');
  });

  it('E8: a fetch of which little is known moves 8 counters', () => {
    const moved = increments(
      'PRIVCOUNT_HSDIR_CACHE_FETCH HiddenServiceVersionNumber=3 EventTimestamp=9 CacheReasonString=uncached ' +
        'HasCacheEntryFlag=0 CacheQueryByteCount=43',
    );
    expect([...moved.keys()].sort()).to.deep.equal(
      ['HSDir3', 'HSDir']
        .flatMap((version) =>
          ['', 'Uncached'].flatMap((cached) =>
            ['Count', 'ReasonCountList'].map((measure) => `${version}Fetch${cached}${measure}`),
          ),
        )
        .sort(),
    );
  });
});

function circuitClose(fields: string): string {
  return `PRIVCOUNT_CIRCUIT_CLOSE EventTimestamp=13 CreatedTimestamp=9 StateString=open PurposeCode=1 ${fields}`;
}

/** How many plain totals of cells stand beside the counts of circuits that moved: adding 0 to them does not show. */
function zeroCellCounts(moved: ReadonlyMap<string, string>, ...directions: readonly string[]): number {
  const circuits = [...moved.keys()].filter((name) => name.endsWith('CircuitCount')).length;
  return circuits * (directions.length === 0 ? 2 : directions.length);
}
