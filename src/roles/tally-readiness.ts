/** Whether enough nodes are there for a round, in words that an operator can act on. */
import { type Network } from '../core/network.js';
import { type Peer } from './peers.js';

export type Readiness = {
  /** What a round can't do without; undefined if enough nodes are there. */
  readonly needed: string | undefined;
  /** Nodes of network.yaml that are not there or not ready. */
  readonly absent: readonly string[];
};

export function waitingFor(network: Network, peers: readonly Peer[]): Readiness {
  const ready = new Set(peers.flatMap(({ name, status }) => (status?.isReady === true ? [name] : [])));
  const absentKeepers = network.keepers.filter(({ name }) => !ready.has(name)).map(({ name }) => name);
  const absentCollectors = network.collectors.filter(({ name }) => !ready.has(name)).map(({ name }) => name);
  const keepersNeeded = network.threshold - (network.keepers.length - absentKeepers.length);
  const collectorsNeeded = network.minCollectors - (network.collectors.length - absentCollectors.length);
  const needed = [
    ...shortage(keepersNeeded, 'share keepers', absentKeepers),
    ...shortage(collectorsNeeded, 'data collectors', absentCollectors),
  ];
  return {
    needed: needed.length === 0 ? undefined : needed.join(' and '),
    absent: [...absentKeepers, ...absentCollectors],
  };
}

/** Names are cut after a few: thousands of collectors may be missing. */
function shortage(missing: number, what: string, absent: readonly string[]): string[] {
  const NAMES_SHOWN = 10;
  if (missing <= 0) return [];
  const more = absent.length > NAMES_SHOWN ? ` and ${absent.length - NAMES_SHOWN} others` : '';
  return [`${missing} more ${what}, of ${absent.slice(0, NAMES_SHOWN).join(', ')}${more}`];
}
