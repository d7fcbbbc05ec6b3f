import { expect } from 'chai';
import { tallyReplaced } from '../../src/config/tally-config.js';
import { clientReplaced } from '../../src/config/node-fields.js';
import { configFaults, knownKeys, parsers } from './config-keys.js';
import { tableBelow } from './documents.js';

const MIGRATING = 'doc/migrating.md';
/** What all sections of PrivCount 2.0 may have (its spec/rounds.md, 2). */
const DELAYS = ['delay_period', 'always_delay', 'sigma_decrease_tolerance'];

/** Every key of PrivCount 2.0's sections. */
const theirs = {
  tally_server: [
    ...['listen_port', 'key', 'cert', 'secret_handshake', 'counters', 'noise', 'sigmas'],
    ...['counter_name_accept', 'counter_name_reject', 'traffic_model', 'traffic_noise'],
    ...['reject_overlapping_lists', 'domain_files', 'country_files', 'as_files', 'as_prefix_files'],
    ...['hsdir_store_files', 'hsdir_fetch_files', 'circuit_failure_files', 'onion_address_files'],
    ...['allocation', 'results', 'collect_period', 'event_period', 'checkin_period', ...DELAYS],
    ...['sk_threshold', 'dc_threshold', 'noise_weight', 'start_after', 'continue', 'circuit_sample_rate'],
    ...['max_cell_events_per_circuit', 'state'],
  ],
  share_keeper: ['key', 'name', 'tally_server_info', 'secret_handshake', ...DELAYS, 'state'],
  data_collector: [
    ...['name', 'event_source', 'tally_server_info', 'share_keepers', 'rotate_period', 'use_setconf'],
    ...[...DELAYS, 'secret_handshake', 'state'],
  ],
} as const;

const replaced: Readonly<Record<keyof typeof theirs, readonly string[]>> = {
  tally_server: Object.keys(tallyReplaced),
  share_keeper: Object.keys(clientReplaced),
  data_collector: Object.keys(clientReplaced),
};

function rowsOf(heading: string): { key: string; fate: string; says: string }[] {
  return tableBelow(MIGRATING, heading).map(([key, fate, says]) => ({ key: key!, fate: fate!, says: says! }));
}

function keysWith(rows: ReturnType<typeof rowsOf>, ...fates: readonly string[]): string[] {
  return rows.filter(({ fate }) => fates.includes(fate)).map(({ key }) => key);
}

describe('the tables of doc/migrating.md', () => {
  for (const role of ['tally_server', 'share_keeper', 'data_collector'] as const) {
    const rows = rowsOf(`Keys of ${role}`);
    const known = knownKeys(parsers[role]!, `${role}: { nonsense: 1 }`, `${role}.nonsense`);

    it(`have every key of PrivCount's ${role} once`, () => {
      expect(rows.map(({ key }) => key)).to.have.members([...theirs[role]]);
      expect(rows).to.have.length(theirs[role].length);
    });

    it(`call the keys of ${role} the same or changed that are still taken, and no other`, () => {
      const taken = theirs[role].filter((key) => known.includes(key));
      expect(keysWith(rows, 'same', 'changed')).to.have.members(taken);
    });

    it(`call the keys of ${role} moved or gone that are refused as PrivCount's, and no other`, () => {
      const refused = replaced[role].filter((key) => (theirs[role] as readonly string[]).includes(key));
      expect(keysWith(rows, 'moved', 'gone')).to.have.members(refused);
      for (const key of refused) {
        const fault = configFaults(`${role}: { ${key}: 1 }`).find(({ key: at }) => at === `${role}.${key}`);
        expect(fault?.problem, key).to.include('PrivCount 2.0');
      }
    });
  }

  it('have every key of an event source of PrivCount, all of them taken', () => {
    const source = 'data_collector: { event_source: { nonsense: 1 } }';
    const known = knownKeys(parsers['data_collector']!, source, 'data_collector.event_source.nonsense');
    const rows = rowsOf('Keys of event_source');
    expect(rows.map(({ key }) => key)).to.have.members(['port', 'ip', 'unix', 'control_password']);
    expect(known).to.include.members(keysWith(rows, 'same'));
    expect(keysWith(rows, 'same')).to.have.length(rows.length);
  });

  it('have every key at the top of a file of PrivCount, with what is refused there', () => {
    const rows = rowsOf('Keys at the top of the file');
    const known = knownKeys(parsers['tally_server']!, 'nonsense: 1', 'nonsense');
    expect(keysWith(rows, 'same')).to.have.members(known);
    expect(keysWith(rows, 'moved', 'gone')).to.have.members([
      ...['counters', 'privacy', 'secret_handshake', 'rotate_period'],
    ]);
    for (const key of keysWith(rows, 'moved', 'gone')) {
      const faults = configFaults(`${key}: 1\nshare_keeper: { key: k, network: n, state: s }`);
      expect(faults.map((fault) => fault.key)).to.deep.equal([key]);
      expect(faults[0]!.problem, key).to.include('PrivCount 2.0');
    }
  });

  it('say of all that is not the same what is different', () => {
    const headings = [...Object.keys(theirs), 'event_source'].map((role) => `Keys of ${role}`);
    for (const { key, fate, says } of [...headings, 'Keys at the top of the file', 'Files'].flatMap(rowsOf)) {
      expect(['same', 'changed', 'moved', 'gone', 'new'], key).to.include(fate);
      if (fate !== 'same') expect(says, key).to.match(/\w{2,}/);
    }
  });
});
