import { expect } from 'chai';
import { type Provision, provisionsFor } from '../../src/collection/catalogue/provisions.js';
import { unmetNeed } from '../../src/roles/source-needs.js';

const page = (...provided: Provision[]) => ({ kind: 'metrics-page' as const, provides: new Set(provided) });
const port = (...provided: Provision[]) => ({ kind: 'control-port' as const, provides: new Set(provided) });
const STREAMS = 'tor_relay_streams_total';

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
    expect(unmetNeed(['ZeroCount', 'DroppedEventCount'], [])).to.equal(undefined);
    const both = [page(STREAMS), port('patched-events')];
    expect(unmetNeed(['ExitStreamCount', 'MetricsStreamCount'], both)).to.equal(undefined);
  });

  it('is not met by some relays of several: what the others do not give would be missing from the total', () => {
    const pages = [page(STREAMS, 'tor_relay_dos_total'), port('standard-events'), page(STREAMS)];
    expect(unmetNeed(['MetricsStreamCount', 'BandwidthByteCount'], pages)).to.equal(undefined);
    expect(unmetNeed(['MetricsDoSCount'], pages)).to.equal(
      'not every event source of this collector gives MetricsDoSCount: it needs tor_relay_dos_total, which the metrics page of this relay does not have: a later tor has it',
    );
    const ports = [port('patched-events', 'standard-events'), port('standard-events')];
    expect(unmetNeed(['ORConnectionClientCount'], ports)).to.equal(undefined);
    expect(unmetNeed(['ExitStreamCount'], ports)).to.equal(
      "not every event source of this collector gives ExitStreamCount: it needs the control port of a tor with PrivCount's patch",
    );
  });

  it('is named with the first counter that lacks it, and what would give it', () => {
    expect(
      unmetNeed(['ZeroCount', 'ExitStreamCount', 'MetricsStreamCount'], [port('standard-events')]),
    ).to.equal(
      "no event source of this collector gives ExitStreamCount: it needs the control port of a tor with PrivCount's patch",
    );
    expect(unmetNeed(['BandwidthByteCount'], [page(STREAMS)])).to.equal(
      "no event source of this collector gives BandwidthByteCount: it needs the relay's control port as an event source",
    );
    expect(unmetNeed(['MetricsStreamCount'], [port('patched-events')])).to.equal(
      "no event source of this collector gives MetricsStreamCount: it needs the relay's MetricsPort: add its address to event_source, as metrics",
    );
    expect(unmetNeed(['MetricsDoSCount'], [page(STREAMS)])).to.equal(
      'no event source of this collector gives MetricsDoSCount: it needs tor_relay_dos_total, which the metrics page of this relay does not have: a later tor has it',
    );
  });
});
