import { expect } from 'chai';
import { type Provision, provisionsFor } from '../../src/collection/catalogue/provisions.js';
import { unmetNeed } from '../../src/roles/source-needs.js';

const lackOf = (names: string[], ...provided: Provision[]): string | undefined =>
  unmetNeed(names, new Set(provided));

describe('what counters need of event sources', () => {
  it('is told by the catalogue, also for the states of a traffic model', () => {
    expect(provisionsFor('ExitStreamCount')).to.deep.equal(['patched-events']);
    expect(provisionsFor('ExitStreamTrafficModelEmissionCount_Active_+')).to.deep.equal(
      provisionsFor('ExitStreamTrafficModelEmissionCount'),
    );
    expect(provisionsFor('ExitStreamTrafficModelEmissionCount')).to.include('patched-events');
    expect(provisionsFor('ORConnectionClientCount')).to.deep.equal(['standard-events']);
    expect(provisionsFor('MetricsStreamBeginCount')).to.deep.equal(['tor_relay_streams_total']);
    for (const name of ['ZeroCount', 'CollectorCount', 'RejectedEventCount', 'NoSuchCount'])
      expect(provisionsFor(name)).to.deep.equal([]);
  });

  it('is met by sources together, and by any source for counters that need none', () => {
    expect(lackOf(['ZeroCount', 'DroppedEventCount'])).to.equal(undefined);
    expect(
      lackOf(['ExitStreamCount', 'MetricsStreamCount'], 'patched-events', 'tor_relay_streams_total'),
    ).to.equal(undefined);
  });

  it('is named with the first counter that lacks it, and what would give it', () => {
    expect(lackOf(['ZeroCount', 'ExitStreamCount', 'MetricsStreamCount'], 'standard-events')).to.equal(
      "no event source of this collector gives ExitStreamCount: it needs the control port of a tor with PrivCount's patch",
    );
    expect(lackOf(['BandwidthByteCount'], 'tor_relay_streams_total')).to.equal(
      "no event source of this collector gives BandwidthByteCount: it needs the relay's control port as an event source",
    );
    expect(lackOf(['MetricsStreamCount'], 'patched-events')).to.equal(
      "no event source of this collector gives MetricsStreamCount: it needs the relay's MetricsPort: add its address to event_source, as metrics",
    );
    expect(lackOf(['MetricsDoSCount'], 'tor_relay_streams_total')).to.equal(
      'no event source of this collector gives MetricsDoSCount: it needs tor_relay_dos_total, which the metrics page of this relay does not have: a later tor has it',
    );
  });
});
